# A column of data must be two-dimensional for a fit by lstsq.
# how = "upstream"
# error = "LinAlgError: 1-dimensional array given"
# fails = 3
# cause = 2
# swap = ["x = np.array([1.0, 2.0, 3.0])", "x = np.array([1.0, 2.0, 3.0]).reshape(-1, 1)"]
# holds = "abs(coef[0] - 2) < 1e-9"
# blind = true

# %%
import numpy as np
# %%
x = np.array([1.0, 2.0, 3.0])
y = np.array([2.0, 4.0, 6.0])
# %%
coef, *_ = np.linalg.lstsq(x, y, rcond=None)
coef
