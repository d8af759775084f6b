# Thousands are set apart by commas, so that the column was read as text.
# how = "upstream"
# error = "TypeError"
# fails = 3
# cause = 2
# swap = ['pd.read_csv("towns.csv", sep=";")', 'pd.read_csv("towns.csv", sep=";", thousands=",")']
# holds = "density.round(1).tolist() == [60.0, 25.0]"
# blind = true
# [files]
# "towns.csv" = "town;people;area\nA;12,000;200\nB;2,500;100\n"

# %%
import pandas as pd
# %%
towns = pd.read_csv("towns.csv", sep=";")
# %%
density = towns["people"] / towns["area"]
density
