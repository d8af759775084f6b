# The list of columns above was edited and not run again: the data below has still the old ones.
# how = "order"
# error = "KeyError"
# fails = 5
# cause = 2
# first = [2, 4]
# also = [1, 4]
# ran = [1, 2, 3, 4, 5]
# holds = "mean == 4.0"
# blind = true

# %%
import pandas as pd
# %%
COLS = ["id", "score", "age"]
# %% [before]
COLS = ["id", "age"]
# %%
version = 2
# %%
frame = pd.DataFrame([[1, 3, 30], [2, 5, 40]], columns=["id", "score", "age"])[COLS]
# %%
mean = frame["score"].mean()
mean
