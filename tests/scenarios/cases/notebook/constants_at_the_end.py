# The parameters stand at the end of the notebook.
# how = "order"
# error = "NameError: name 'N_BINS' is not defined"
# fails = 3
# cause = 6
# holds = "counts.tolist() == [2, 0, 1]"
# blind = true

# %%
import numpy as np
# %%
ages = np.array([20, 22, 49])
# %%
counts, edges = np.histogram(ages, bins=N_BINS)
counts
# %%
print(edges)
# %% [markdown]
# ## Parameters
# %%
N_BINS = 3
COLOR = "teal"
