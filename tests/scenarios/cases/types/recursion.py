# A recursion has no end.
# how = "none"
# error = "RecursionError"
# fails = 2
# blind = true

# %%
def depth(tree):
    return 1 + max(depth(child) for child in [tree])
# %%
depth({})
