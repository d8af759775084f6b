# A path on the author's own machine; the file came along.
# how = "edit"
# error = "FileNotFoundError"
# fails = 2
# swap = ["/home/petra/thesis/data/bees.csv", "data/bees.csv"]
# holds = "bees['n'].sum() == 11"
# blind = true
# [files]
# "data/bees.csv" = "hive,n\n1,4\n2,7\n"

# %%
import pandas as pd
# %%
bees = pd.read_csv("/home/petra/thesis/data/bees.csv")
bees.head()
