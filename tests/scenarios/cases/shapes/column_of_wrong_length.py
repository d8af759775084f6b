# A list of another length than the frame.
# how = "none"
# error = "ValueError: Length of values (2) does not match length of index (3)"
# fails = 3
# blind = true

# %%
import pandas as pd
# %%
cities = pd.DataFrame({"name": ["A", "B", "C"]})
# %%
cities["mayor"] = ["Kim", "Lee"]
cities
