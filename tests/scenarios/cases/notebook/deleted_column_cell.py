# The cell that added a column has been deleted.
# how = "action"
# error = "NameError: name 'weights' is not defined"
# fails = 2
# says = "delet"
# blind = true

# %%
vals = [1, 2, 3]
# %% [deleted]
weights = [0.2, 0.3, 0.5]
# %%
mean = sum(v * w for v, w in zip(vals, weights))
mean
