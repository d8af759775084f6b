# A list cannot be a key; a tuple can.
# how = "edit"
# error = "TypeError: "
# fails = 2
# swap = ["[x, y]", "(x, y)"]
# holds = "len(grid) == 4 and grid[(1, 0)] == 1"
# blind = true

# %%
grid = {}
# %%
for x in range(2):
    for y in range(2):
        grid[[x, y]] = x + y
len(grid)
