# Two columns need a list of names.
# how = "edit"
# error = "KeyError: ('lat', 'lon')"
# fails = 3
# swap = ["['lat', 'lon']", "[['lat', 'lon']]"]
# holds = "center.tolist() == [50.0, 8.0]"
# blind = true

# %%
import pandas as pd
# %%
places = pd.DataFrame({"name": ["a", "b"], "lat": [49.0, 51.0], "lon": [7.0, 9.0]})
# %%
center = places['lat', 'lon'].mean()
center
