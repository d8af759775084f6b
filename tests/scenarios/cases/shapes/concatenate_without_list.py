# concatenate takes one sequence of arrays.
# how = "edit"
# error = "TypeError"
# fails = 2
# swap = ["np.concatenate(a, b)", "np.concatenate([a, b])"]
# holds = "both.tolist() == [1, 2, 3, 4]"
# blind = true

# %%
import numpy as np
a = np.array([1, 2])
b = np.array([3, 4])
# %%
both = np.concatenate(a, b)
both
