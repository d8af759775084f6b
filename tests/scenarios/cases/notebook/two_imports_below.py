# The imports were gathered in the last cell.
# how = "order"
# error = "NameError: name 'Counter' is not defined"
# fails = 2
# cause = 5
# holds = "common == [('o', 3)]"
# blind = true

# %%
phrase = "boo to you"[:8]
# %%
common = Counter(c for c in phrase if c != " ").most_common(1)
common
# %%
letters = len(phrase)
# %% [markdown]
# Imports
# %%
from collections import Counter, OrderedDict
from pathlib import Path
