# .ix has been gone for years; labels were meant.
# how = "edit"
# error = "AttributeError: 'DataFrame' object has no attribute 'ix'"
# fails = 3
# swap = [".ix[", ".loc["]
# holds = "price == 2.5"
# blind = true

# %%
import pandas as pd
# %%
fruit = pd.DataFrame({"price": [1.5, 2.5], "kg": [3, 1]}, index=["apple", "pear"])
# %%
price = fruit.ix["pear", "price"]
price
