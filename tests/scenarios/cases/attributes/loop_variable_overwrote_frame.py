# A loop above used the name of the frame for its variable.
# how = "upstream"
# error = "AttributeError: 'str' object has no attribute 'mean'"
# fails = 4
# cause = 3
# swap = ["for x in", "for letter in", "order.append(x)", "order.append(letter)"]
# holds = "m == 2.0 and order == ['u', 'v']"
# blind = true

# %%
import numpy as np
x = np.array([1.0, 2.0, 3.0])
# %%
order = []
# %%
for x in ["u", "v"]:
    order.append(x)
# %%
m = x.mean()
m
