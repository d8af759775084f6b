# Things are grouped into lists in a plain dict.
# how = "edit"
# error = "KeyError: 3"
# fails = 3
# swap = ["groups[len(n)].append(n)", "groups.setdefault(len(n), []).append(n)"]
# holds = "groups == {3: ['fig', 'yam'], 4: ['kale']}"
# blind = true

# %%
names = ["fig", "kale", "yam"]
# %%
groups = {}
# %%
for n in names:
    groups[len(n)].append(n)
groups
