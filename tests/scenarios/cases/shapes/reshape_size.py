# A size that the data does not have.
# how = "none"
# error = "ValueError: cannot reshape array of size 10 into shape (3,4)"
# fails = 2
# blind = true

# %%
import numpy as np
pixels = np.arange(10)
# %%
image = pixels.reshape(3, 4)
image
