# Words are counted in a plain dict that has no entry for the first of each.
# how = "edit"
# error = "KeyError: 'to'"
# fails = 3
# swap = ["counts[w] += 1", "counts[w] = counts.get(w, 0) + 1"]
# holds = "counts == {'to': 2, 'be': 2, 'or': 1, 'not': 1}"
# blind = true

# %%
line = "to be or not to be"
# %%
counts = {}
# %%
for w in line.split():
    counts[w] += 1
counts
