# A keyword of the notebook's own function is misspelt.
# how = "edit"
# error = "TypeError: smooth() got an unexpected keyword argument 'windows'"
# fails = 3
# swap = ["windows=", "window="]
# holds = "out == [1.5, 2.5, 3.5]"
# blind = true

# %%
def smooth(xs, window=3):
    return [sum(xs[i:i + window]) / window for i in range(len(xs) - window + 1)]
# %%
xs = [1, 2, 3, 4]
# %%
out = smooth(xs, windows=2)
out
