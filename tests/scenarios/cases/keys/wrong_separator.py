# The file is separated by semicolons, so that everything became one column.
# how = "upstream"
# error = "KeyError: 'weight'"
# fails = 4
# cause = 2
# swap = ["pd.read_csv('animals.csv')", "pd.read_csv('animals.csv', sep=';')"]
# holds = "heavy['name'].tolist() == ['horse'] and list(animals.columns) == ['name', 'weight']"
# blind = true
# [files]
# "animals.csv" = "name;weight\ncat;4\nhorse;500\n"

# %%
import pandas as pd
# %%
animals = pd.read_csv('animals.csv')
# %%
print(animals.shape)
# %%
heavy = animals[animals['weight'] > 100]
heavy
