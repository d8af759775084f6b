# The keys are text, as they came from a file; a number is asked for.
# how = "edit"
# error = "KeyError: 1003"
# fails = 3
# swap = ["prices[1003]", 'prices["1003"]']
# holds = "bill == 24.0"
# blind = true
# [files]
# "prices.txt" = "1001 9.5\n1003 12.0\n"

# %%
prices = {}
with open("prices.txt") as f:
    for line in f:
        code, price = line.split()
        prices[code] = float(price)
# %%
n = 2
# %%
bill = n * prices[1003]
bill
