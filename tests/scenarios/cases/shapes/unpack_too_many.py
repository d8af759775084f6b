# Three values are unpacked into two names.
# how = "none"
# error = "ValueError: too many values to unpack"
# fails = 2
# blind = true

# %%
point = (2.0, 3.0, 5.0)
# %%
x, y = point
norm = (x ** 2 + y ** 2) ** 0.5
norm
