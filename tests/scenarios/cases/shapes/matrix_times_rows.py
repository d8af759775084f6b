# The weights are for columns; the matrix of data must be turned.
# how = "none"
# error = "ValueError: matmul"
# fails = 3
# blind = true

# %%
import numpy as np
# %%
X = np.ones((3, 2))
W = np.arange(6.0).reshape(3, 2)
# %%
out = X @ W
out
