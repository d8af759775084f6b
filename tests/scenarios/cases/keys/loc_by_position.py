# Rows were filtered, so that the label 0 is gone; the first row is meant.
# how = "edit"
# error = "KeyError: 0"
# fails = 4
# swap = ["big.loc[0]", "big.iloc[0]"]
# holds = "first['name'] == 'b' and len(big) == 2"
# blind = true

# %%
import pandas as pd
# %%
t = pd.DataFrame({"name": ["a", "b", "c"], "size": [1, 5, 7]})
# %%
big = t[t["size"] > 3]
# %%
first = big.loc[0]
print("first big one:", first["name"])
