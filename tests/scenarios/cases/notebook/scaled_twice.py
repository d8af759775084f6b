# A cell that changes its data in place was run twice; the check below does not hold any more.
# how = "order"
# error = "AssertionError"
# fails = 4
# cause = 2
# first = [2, 3]
# also = [3]
# ran = [1, 2, 3, 3, 4]
# holds = "abs(sum(weights) - 1) < 1e-9 and biggest == 0.5"
# blind = true

# %%
import math
# %%
weights = [0.25, 0.25, 0.125]
# %%
weights = [w * 2 for w in weights]
weights[2] *= 0
# %%
biggest = max(weights)
assert math.isclose(sum(weights), 1), "weights must sum to one"
