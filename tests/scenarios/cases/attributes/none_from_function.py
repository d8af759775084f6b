# A function of the notebook computes and forgets to return.
# how = "upstream"
# error = "AttributeError: 'NoneType' object has no attribute 'sum'"
# fails = 4
# cause = 2
# swap = ["    out = s - s.min()", "    out = s - s.min()\n    return out"]
# holds = "total == 9"
# blind = true

# %%
import pandas as pd
# %%
def shift_to_zero(s):
    out = s - s.min()
# %%
heights = pd.Series([4, 1, 7])
shifted = shift_to_zero(heights)
# %%
total = shifted.sum()
total
