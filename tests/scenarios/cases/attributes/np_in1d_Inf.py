# np.Inf was an alias that numpy 2 has not kept.
# how = "edit"
# error = "AttributeError: `np.Inf` was removed"
# fails = 2
# swap = ["np.Inf", "np.inf"]
# holds = "nearest == 2.0"
# blind = true

# %%
import numpy as np
points = np.array([5.0, 2.0, 9.0])
# %%
nearest = np.Inf
for p in points:
    if p < nearest:
        nearest = p
nearest
