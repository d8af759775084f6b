# A module of the standard library is misspelt.
# how = "edit"
# error = "ModuleNotFoundError: No module named 'itertool'"
# fails = 1
# swap = ['import itertool', 'import itertools']
# holds = "pairs == [('a', 'b'), ('a', 'c'), ('b', 'c')]"
# blind = true

# %%
import itertool
# %%
names = ["a", "b", "c"]
# %%
pairs = list(itertools.combinations(names, 2))
pairs
