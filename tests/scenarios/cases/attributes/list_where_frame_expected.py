# groupby was turned into a list of pairs above, and is used like a frame below.
# how = "none"
# error = "AttributeError: 'list' object has no attribute 'mean'"
# fails = 4
# blind = true

# %%
import pandas as pd
# %%
df = pd.DataFrame({"g": ["a", "b", "a"], "v": [1, 2, 3]})
# %%
parts = list(df.groupby("g"))
# %%
parts.mean()
