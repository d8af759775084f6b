# A list is called as if it were a function.
# how = "edit"
# error = "TypeError: 'list' object is not callable"
# fails = 2
# swap = ["steps(1)", "steps[1]"]
# holds = "second == 20"
# blind = true

# %%
steps = [10, 20, 30]
# %%
second = steps(1)
second
