# A loop over a dict unpacks key and value, and items() is missing.
# how = "edit"
# error = "ValueError: too many values to unpack"
# fails = 2
# swap = ["in stock:", "in stock.items():"]
# holds = "low == ['pear']"
# blind = true

# %%
stock = {"apple": 9, "pear": 1}
# %%
low = []
for name, n in stock:
    if n < 3:
        low.append(name)
low
