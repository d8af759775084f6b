# The file is there and empty.
# how = "none"
# error = "EmptyDataError"
# fails = 2
# blind = true
# [files]
# "result.csv" = ""

# %%
import pandas as pd
# %%
res = pd.read_csv("result.csv")
res.mean()
