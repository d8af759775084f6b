# sqrt is looked for in random, where it is not; it is in math.
# how = "edit"
# error = "ImportError: cannot import name 'sqrt' from 'random'"
# fails = 1
# swap = ['from random import sqrt, seed', "from math import sqrt\nfrom random import seed"]
# holds = "dist == 5.0"
# blind = true

# %%
from random import sqrt, seed
seed(1)
# %%
a, b = (0, 0), (3, 4)
# %%
dist = sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)
dist
