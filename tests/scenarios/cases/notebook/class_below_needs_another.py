# What is defined below needs itself a cell below.
# how = "order"
# error = "NameError: name 'make_shape' is not defined"
# fails = 2
# cause = 3
# holds = "s.area == 12"
# blind = true

# %%
w, h = 3, 4
# %%
s = make_shape(w, h)
s.area
# %%
def make_shape(a, b):
    from types import SimpleNamespace
    return SimpleNamespace(area=a * b)
# %%
label = "shape"
