# The frame was turned into an array above; columns have no names any more.
# how = "upstream"
# error = "IndexError: only integers"
# fails = 4
# cause = 3
# swap = ["table = (table - table.min()).values", "table = table - table.min()"]
# holds = "spread == 4"
# blind = true

# %%
import pandas as pd
# %%
table = pd.DataFrame({"low": [1, 3], "high": [4, 8]})
# %%
table = (table - table.min()).values
# %%
spread = table["high"].max()
spread
