# A half is computed with / and used as an index.
# how = "edit"
# error = "TypeError: list indices must be integers or slices, not float"
# fails = 2
# swap = ["len(s) / 2", "len(s) // 2"]
# holds = "median == 5"
# blind = true

# %%
nums = [9, 1, 5]
# %%
s = sorted(nums)
middle = len(s) / 2
median = s[middle]
median
