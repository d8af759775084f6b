# and between two conditions on columns.
# how = "edit"
# error = "ValueError: The truth value of a Series is ambiguous"
# fails = 3
# swap = ['cars["km"] < 50 and cars["price"] < 9', '(cars["km"] < 50) & (cars["price"] < 9)']
# holds = "cheap['id'].tolist() == [3]"
# blind = true

# %%
import pandas as pd
# %%
cars = pd.DataFrame({"id": [1, 2, 3], "km": [10, 90, 40], "price": [12, 5, 8]})
# %%
cheap = cars[cars["km"] < 50 and cars["price"] < 9]
cheap
