# max is a number since a loop above has kept the largest one in it.
# how = "upstream"
# error = "TypeError: 'int' object is not callable"
# fails = 3
# cause = 2
# swap = ["max = 0", "largest = 0", "v > max", "v > largest", "        max = v", "        largest = v"]
# holds = "longest == 6"
# blind = true

# %%
vals = [4, 9, 2]
# %%
max = 0
for v in vals:
    if v > max:
        max = v
# %%
longest = max(len(w) for w in ["a", "banana"])
longest
