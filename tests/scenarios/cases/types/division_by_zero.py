# One group is empty: what its mean should be is the author's to say.
# how = "none"
# error = "ZeroDivisionError"
# fails = 3
# blind = true

# %%
groups = {"a": [1, 2, 3], "b": []}
# %%
def mean(xs):
    return sum(xs) / len(xs)
# %%
means = {k: mean(v) for k, v in groups.items()}
means
