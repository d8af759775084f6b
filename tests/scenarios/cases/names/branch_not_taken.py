# A name is given only in a branch that was not taken; what it should be otherwise is not known.
# how = "none"
# error = "NameError: name 'discount' is not defined"
# fails = 3
# blind = true

# %%
orders = [{"id": 1, "total": 80.0}, {"id": 2, "total": 45.5}]
is_member = False
# %%
if is_member:
    discount = 0.1
# %%
payable = [o["total"] * (1 - discount) for o in orders]
payable
