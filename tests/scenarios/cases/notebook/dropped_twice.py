# The cell that drops a column was run a second time.
# how = "order"
# error = "KeyError"
# fails = 3
# cause = 2
# also = [1]
# ran = [1, 2, 3, 3]
# holds = "list(d.columns) == ['x']"
# blind = true

# %%
import pandas as pd
# %%
d = pd.DataFrame({"id": [1, 2], "x": [5, 6]})
# %%
d = d.drop(columns=["id"])
d
# %%
d["x"].sum()
