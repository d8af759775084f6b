# A function got a new parameter, and its cell was not run again.
# how = "order"
# error = "TypeError: load() got an unexpected keyword argument 'limit'"
# fails = 4
# cause = 2
# ran = [1, 2, 3, 4]
# holds = "few == [0, 1]"
# blind = true

# %%
size = 5
# %%
def load(n, limit=None):
    return list(range(n))[:limit]
# %% [before]
def load(n):
    return list(range(n))
# %%
everything = load(size)
# %%
few = load(size, limit=2)
few
