# A dict filled by an earlier version of the cell lacks what the new one puts in.
# how = "order"
# error = "KeyError: 'recall'"
# fails = 5
# cause = 3
# also = [2]
# ran = [1, 2, 3, 4, 5]
# holds = "round(f1, 3) == 0.686"
# blind = true

# %%
truth = [1, 1, 0, 1]
# %%
def evaluate():
    return {"precision": 0.8, "recall": 0.6}
# %%
metrics = evaluate()
# %% [before]
metrics = {"precision": 0.8}
# %%
n = len(truth)
# %%
f1 = 2 * metrics["precision"] * metrics["recall"] / (metrics["precision"] + metrics["recall"])
f1
