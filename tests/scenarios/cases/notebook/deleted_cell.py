# The cell that defined it has been deleted.
# how = "action"
# error = "NameError: name 'discount' is not defined"
# fails = 3
# says = "delet"
# blind = true

# %%
price = 50.0
# %% [deleted]
def discount(p):
    return p * 0.9
# %%
qty = 3
# %%
total = discount(price) * qty
total
