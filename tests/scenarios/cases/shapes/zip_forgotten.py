# Two lists are walked together, and zip is missing.
# how = "edit"
# error = "ValueError: too many values to unpack"
# fails = 2
# swap = ["in xs, ys:", "in zip(xs, ys):"]
# holds = "dots == [10, 40, 90]"
# blind = true

# %%
xs = [1, 2, 3]
ys = [10, 20, 30]
# %%
dots = []
for x, y in xs, ys:
    dots.append(x * y)
dots
