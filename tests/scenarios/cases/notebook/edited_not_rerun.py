# A column was added to the cell above, which was not run again.
# how = "order"
# error = "KeyError: 'c'"
# fails = 4
# cause = 2
# ran = [1, 2, 3, 4]
# holds = "total == 15"
# blind = true

# %%
import pandas as pd
# %%
t = pd.DataFrame({"a": [1, 2], "b": [3, 4], "c": [7, 8]})
# %% [before]
t = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
# %%
note = "ok"
# %%
total = t["c"].sum()
total
