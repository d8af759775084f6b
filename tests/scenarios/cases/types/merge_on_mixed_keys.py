# The key is a number in one table and text in the other.
# how = "upstream"
# error = "ValueError: You are trying to merge on"
# fails = 4
# cause = 3
# swap = ['"plz": ["80331", "10115"]', '"plz": [80331, 10115]']
# holds = "len(joined) == 2 and set(joined['town']) == {'Berlin', 'Munich'}"
# blind = true

# %%
import pandas as pd
# %%
clients = pd.DataFrame({"plz": [10115, 80331], "name": ["x", "y"]})
# %%
towns = pd.DataFrame({"plz": ["80331", "10115"], "town": ["Munich", "Berlin"]})
# %%
joined = clients.merge(towns, on="plz")
joined
