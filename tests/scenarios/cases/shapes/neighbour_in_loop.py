# A loop compares each value with the next one, and the last has none.
# how = "edit"
# error = "IndexError: list index out of range"
# fails = 2
# swap = ["range(len(h))", "range(len(h) - 1)"]
# holds = "rises == [True, False, True]"
# blind = true

# %%
h = [1, 4, 2, 8]
# %%
rises = []
for i in range(len(h)):
    rises.append(h[i + 1] > h[i])
rises
