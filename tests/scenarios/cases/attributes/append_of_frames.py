# DataFrame.append went away in pandas 2.
# how = "edit"
# error = "AttributeError: 'DataFrame' object has no attribute 'append'"
# fails = 4
# swap = ["stock.append(new, ignore_index=True)", "pd.concat([stock, new], ignore_index=True)"]
# holds = "len(stock) == 3 and list(stock['qty']) == [5, 0, 12] and list(stock.index) == [0, 1, 2]"
# blind = true

# %%
import pandas as pd
# %%
stock = pd.DataFrame({"item": ["bolt", "nut"], "qty": [5, 0]})
# %%
new = pd.DataFrame({"item": ["gear"], "qty": [12]})
# %%
stock = stock.append(new, ignore_index=True)
stock
# %%
stock["qty"].sum()
