# A package that is not installed: its name to pip is another than its name to import.
# how = "action"
# error = "ModuleNotFoundError: No module named 'skimage'"
# fails = 1
# says = "scikit-image"
# blind = true

# %%
import numpy as np
from skimage.filters import gaussian
# %%
image = np.zeros((16, 16))
image[4:12, 4:12] = 1
# %%
smooth = gaussian(image, sigma=2)
smooth.max()
