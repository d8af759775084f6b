# The two tables call their key differently.
# how = "edit"
# error = "KeyError: 'customer_id'"
# fails = 4
# swap = ['on="customer_id"', 'left_on="customer_id", right_on="id"']
# holds = "len(full) == 2 and full['total'].sum() == 30 and set(full['name']) == {'Eve', 'Bo'}"
# blind = true

# %%
import pandas as pd
# %%
orders = pd.DataFrame({"customer_id": [1, 2], "total": [10, 20]})
# %%
customers = pd.DataFrame({"id": [1, 2], "name": ["Eve", "Bo"]})
# %%
full = orders.merge(customers, on="customer_id")
full
