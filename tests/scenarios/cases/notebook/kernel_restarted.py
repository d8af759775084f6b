# The kernel was restarted, and only the last cell run.
# how = "order"
# error = "NameError: name 'pipeline' is not defined"
# fails = 6
# cause = 4
# first = [1, 2, 4]
# ran = [6]
# holds = "out == 14"
# blind = true

# %%
import math
# %%
base = 10
# %%
unused = "x" * 3
# %%
def pipeline(v):
    return math.ceil(v * 1.33)
# %%
decoration = "---"
# %%
out = pipeline(base)
out
