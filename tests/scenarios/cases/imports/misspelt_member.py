# A function of a module is misspelt in the import.
# how = "edit"
# error = "ImportError: cannot import name 'default_dict' from 'collections'"
# fails = 2
# swap = ['default_dict', 'defaultdict']
# holds = "dict(groups) == {'f': ['fig', 'fennel'], 'k': ['kale']}"
# blind = true

# %%
plants = ["fig", "kale", "fennel"]
# %%
from collections import default_dict

groups = defaultdict(list)
for p in plants:
    groups[p[0]].append(p)
groups
