# A cell that its author has not finished.
# how = "none"
# error = "SyntaxError: invalid syntax"
# fails = 2
# blind = true

# %%
budget = 1200
spent = [100, 250]
# %%
rest = budget -
print(rest)
