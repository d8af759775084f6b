# i++ does not exist.
# how = "edit"
# error = "SyntaxError: invalid syntax"
# fails = 2
# swap = ["i++", "i += 1"]
# holds = "i == 3 and found == 8"
# blind = true

# %%
nums = [1, 3, 5, 8]
# %%
i = 0
while nums[i] % 2:
    i++
found = nums[i]
found
