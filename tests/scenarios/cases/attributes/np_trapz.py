# np.trapz has a new name in numpy 2.
# how = "edit"
# error = "AttributeError: "
# fails = 3
# swap = ["np.trapz", "np.trapezoid"]
# holds = "abs(area - 2.0) < 0.01"
# blind = true

# %%
import numpy as np
# %%
t = np.linspace(0, np.pi, 200)
y = np.sin(t)
# %%
area = np.trapz(y, t)
area
