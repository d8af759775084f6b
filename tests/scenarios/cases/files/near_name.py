# The file's name is misspelt.
# how = "edit"
# error = "FileNotFoundError"
# fails = 2
# swap = ["mesurements.csv", "measurements.csv"]
# holds = "round(m['value'].mean(), 2) == 1.5"
# blind = true
# [files]
# "measurements.csv" = "t,value\n0,1\n1,2\n"
# "notes.txt" = "nothing\n"

# %%
import pandas as pd
# %%
m = pd.read_csv("mesurements.csv")
m.describe()
