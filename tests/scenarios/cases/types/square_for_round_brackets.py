# A function is called with square brackets.
# how = "edit"
# error = "TypeError: 'function' object is not subscriptable"
# fails = 3
# swap = ["area[3]", "area(3)"]
# holds = "round(a, 2) == 28.27"
# blind = true

# %%
import math
# %%
def area(r):
    return math.pi * r ** 2
# %%
a = area[3]
a
