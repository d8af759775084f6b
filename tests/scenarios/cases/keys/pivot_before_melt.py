# The long table was pivoted above, so that the column of values is gone.
# how = "upstream"
# error = "KeyError: 'sales'"
# fails = 5
# cause = 3
# swap = ["long = long.pivot(index='month', columns='shop', values='sales')", "wide = long.pivot(index='month', columns='shop', values='sales')"]
# holds = "total == 16"
# blind = true

# %%
import pandas as pd
# %%
long = pd.DataFrame({"month": [1, 1, 2], "shop": ["a", "b", "a"], "sales": [4, 5, 7]})
# %%
long = long.pivot(index='month', columns='shop', values='sales')
# %%
unit = "k€"
# %%
total = long["sales"].sum()
print(total, unit)
