# Indexes start with 0: the last of three is 2.
# how = "none"
# error = "IndexError: list index out of range"
# fails = 2
# blind = true

# %%
laps = [61.2, 60.8, 60.1]
# %%
third = laps[3]
third
