# drop looks among the rows; a column is meant.
# how = "edit"
# error = "KeyError: \"['id'] not found in axis\""
# fails = 3
# swap = ['drop("id")', 'drop(columns="id")']
# holds = "list(features.columns) == ['x', 'y'] and len(features) == 2"
# blind = true

# %%
import pandas as pd
# %%
raw = pd.DataFrame({"id": [1, 2], "x": [0.1, 0.2], "y": [5, 6]})
# %%
features = raw.drop("id")
features.describe()
