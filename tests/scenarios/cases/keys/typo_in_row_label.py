# A row's label that is not there; two are near.
# how = "none"
# error = "KeyError: 'Team C'"
# fails = 3
# blind = true

# %%
import pandas as pd
# %%
score = pd.Series([3, 5], index=["Team A", "Team B"])
# %%
c = score.loc["Team C"]
c
