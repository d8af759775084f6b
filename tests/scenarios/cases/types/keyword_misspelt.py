# A keyword of a function is misspelt.
# how = "edit"
# error = "TypeError"
# fails = 3
# swap = ["accending", "ascending"]
# holds = "podium['name'].tolist() == ['c', 'a', 'b']"
# blind = true

# %%
import pandas as pd
# %%
runs = pd.DataFrame({"name": ["a", "b", "c"], "points": [5, 1, 9]})
# %%
podium = runs.sort_values("points", accending=False)
podium
