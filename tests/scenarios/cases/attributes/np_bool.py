# np.bool's neighbour np.int has been gone since numpy 1.24.
# how = "edit"
# error = "AttributeError: module 'numpy' has no attribute 'int'"
# fails = 3
# swap = ["np.int)", "int)"]
# holds = "counts.tolist() == [1, 2, 0, 1] and counts.dtype.kind == 'i'"
# blind = true

# %%
import numpy as np
# %%
bins = [0, 1, 1, 3]
# %%
counts = np.zeros(4, dtype=np.int)
for b in bins:
    counts[b] += 1
counts
