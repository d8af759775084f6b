# The import stands in a cell further down.
# how = "order"
# error = "NameError: name 'pd' is not defined"
# fails = 3
# cause = 5
# holds = "total == 7"
# blind = true

# %% [markdown]
# Quick look at the harbour data
# %%
rows = [("mon", 3), ("tue", 4)]
# %%
harbour = pd.DataFrame(rows, columns=["day", "ships"])
# %%
harbour.head()
# %%
import pandas as pd
# %%
total = harbour["ships"].sum()
total
