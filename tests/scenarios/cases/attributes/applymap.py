# DataFrame.applymap is DataFrame.map in pandas 3.
# how = "edit"
# error = "AttributeError: 'DataFrame' object has no attribute 'applymap'"
# fails = 3
# swap = ["applymap", "map"]
# holds = "rounded.loc[0, 'x'] == 1.2 and rounded.loc[1, 'y'] == 4.6"
# blind = true

# %%
import pandas as pd
# %%
m = pd.DataFrame({"x": [1.234, 2.345], "y": [3.456, 4.567]})
# %%
rounded = m.applymap(lambda v: round(v, 1))
rounded
