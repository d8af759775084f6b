# A column that the data has never had.
# how = "none"
# error = "KeyError: 'revenue'"
# fails = 3
# blind = true

# %%
import pandas as pd
# %%
shops = pd.DataFrame({"city": ["Ulm", "Hof"], "staff": [4, 2], "opened": [2001, 2015]})
# %%
top = shops.sort_values("revenue", ascending=False).head(1)
top
