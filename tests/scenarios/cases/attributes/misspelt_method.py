# A method of a frame is misspelt.
# how = "edit"
# error = "AttributeError: 'DataFrame' object has no attribute 'gropuby'"
# fails = 3
# swap = ["gropuby", "groupby"]
# holds = "per_team.to_dict() == {'A': 7, 'B': 5}"
# blind = true

# %%
import pandas as pd
# %%
games = pd.DataFrame({"team": ["A", "B", "A"], "points": [3, 5, 4]})
# %%
per_team = games.gropuby("team")["points"].sum()
per_team
