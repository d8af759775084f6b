# After a merge the common columns have suffixes.
# how = "none"
# error = "KeyError: 'value'"
# fails = 4
# blind = true

# %%
import pandas as pd
# %%
a = pd.DataFrame({"k": [1, 2], "value": [5, 6]})
b = pd.DataFrame({"k": [1, 2], "value": [50, 60]})
# %%
both = a.merge(b, on="k")
# %%
mean = both["value"].mean()
mean
