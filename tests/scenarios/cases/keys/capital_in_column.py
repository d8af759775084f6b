# A column is asked for with another capital than it has.
# how = "edit"
# error = "KeyError: 'price'"
# fails = 3
# swap = ['"price"', '"Price"']
# holds = "df['total'].tolist() == [6.0, 4.5]"
# blind = true

# %%
import pandas as pd
# %%
df = pd.DataFrame({"Item": ["tea", "jam"], "Price": [3.0, 4.5], "Qty": [2, 1]})
# %%
df["total"] = df["price"] * df["Qty"]
df
