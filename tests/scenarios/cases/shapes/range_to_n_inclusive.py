# The loop counts from 1 to n, and the list from 0.
# how = "edit"
# error = "IndexError: list index out of range"
# fails = 2
# swap = ["range(1, len(names) + 1)", "range(len(names))"]
# holds = "initials == ['A', 'B', 'C']"
# blind = true

# %%
names = ["Ann", "Bea", "Cid"]
# %%
initials = []
for i in range(1, len(names) + 1):
    initials.append(names[i][0])
initials
