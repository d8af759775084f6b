# A threshold that nobody has ever given a value.
# how = "none"
# error = "NameError: name 'threshold' is not defined"
# fails = 3
# blind = true

# %%
import numpy as np
rng = np.random.default_rng(0)
# %%
scores = rng.random(20)
labels = rng.integers(0, 2, 20)
# %%
predicted = (scores > threshold).astype(int)
accuracy = (predicted == labels).mean()
accuracy
