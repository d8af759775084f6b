# A bracket was never closed.
# how = "edit"
# error = "SyntaxError: '(' was never closed"
# fails = 2
# swap = ["round(sum(xs) / len(xs), 2", "round(sum(xs) / len(xs), 2)"]
# holds = "m == 2.33"
# blind = true

# %%
xs = [1, 2, 4]
# %%
m = round(sum(xs) / len(xs), 2
print(m)
