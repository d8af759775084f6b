# The column of a groupby is misspelt.
# how = "edit"
# error = "KeyError: 'catagory'"
# fails = 4
# swap = ["catagory", "category"]
# holds = "summary.loc['toys', 'sum'] == 15 and summary.loc['books', 'mean'] == 20"
# blind = true

# %%
import pandas as pd
import numpy as np
# %%
sales = pd.DataFrame({"category": ["toys", "books", "toys"], "amount": [5, 20, 10]})
# %%
sales["log_amount"] = np.log(sales["amount"])
# %%
summary = sales.groupby("catagory")["amount"].agg(["sum", "mean"])
summary
