# The colon of a for is missing.
# how = "edit"
# error = "SyntaxError: expected ':'"
# fails = 2
# swap = ["in prices", "in prices:"]
# holds = "total == 6"
# blind = true

# %%
prices = [1, 2, 3]
# %%
total = 0
for p in prices
    total += p
total
