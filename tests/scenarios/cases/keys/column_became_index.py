# set_index made the column an index; below it is wanted as a column again.
# how = "upstream"
# error = "KeyError: 'station'"
# fails = 4
# cause = 3
# swap = ['obs = obs.set_index("station")', 'obs = obs.set_index("station").reset_index()']
# holds = "sorted(names) == ['kiel', 'mainz']"
# blind = true

# %%
import pandas as pd
# %%
obs = pd.DataFrame({"station": ["kiel", "mainz"], "wind": [7.1, 2.2]})
# %%
obs = obs.set_index("station")
# %%
names = list(obs["station"])
names
