# np.product went away in numpy 2.
# how = "edit"
# error = "AttributeError: "
# fails = 2
# swap = ["np.product", "np.prod"]
# holds = "volume == 24"
# blind = true

# %%
import numpy as np
dims = np.array([2, 3, 4])
# %%
volume = np.product(dims)
print("volume", volume)
