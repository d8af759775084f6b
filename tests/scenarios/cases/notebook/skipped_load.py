# The user skipped the cell that loads the data.
# how = "order"
# error = "NameError: name 'df' is not defined"
# fails = 5
# cause = 3
# ran = [1, 2, 5]
# holds = "mean == 2.0"
# blind = true

# %%
import pandas as pd
# %%
title = "small"
# %%
df = pd.DataFrame({"v": [1, 2, 3]})
# %%
other = "not needed"
# %%
mean = df["v"].mean()
mean
