# int() does not read a decimal point.
# how = "none"
# error = "ValueError: invalid literal for int() with base 10: '3.7'"
# fails = 2
# blind = true

# %%
cells = ["4", "3.7", "5"]
# %%
values = [int(c) for c in cells]
values
