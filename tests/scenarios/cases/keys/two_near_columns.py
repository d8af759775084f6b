# Two columns are as near to the one that was asked for.
# how = "none"
# error = "KeyError: 'date'"
# fails = 3
# blind = true

# %%
import pandas as pd
# %%
jobs = pd.DataFrame({"date_in": ["2024-01-01", "2024-01-02"], "date_out": ["2024-02-01", "2024-02-09"], "n": [1, 2]})
# %%
first = jobs["date"].min()
first
