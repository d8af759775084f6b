# Two arrays of lengths that do not fit.
# how = "none"
# error = "ValueError: operands could not be broadcast together"
# fails = 2
# blind = true

# %%
import numpy as np
a = np.arange(4)
b = np.arange(3)
# %%
c = a + b
c
