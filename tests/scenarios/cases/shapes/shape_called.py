# shape is a value, not a method.
# how = "edit"
# error = "TypeError: 'tuple' object is not callable"
# fails = 3
# swap = ["img.shape()", "img.shape"]
# holds = "(h, w) == (4, 6) and pixels == 24"
# blind = true

# %%
import numpy as np
# %%
img = np.zeros((4, 6))
# %%
h, w = img.shape()
pixels = h * w
