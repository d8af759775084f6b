# map gives an iterator since Python 3.
# how = "upstream"
# error = "TypeError: 'map' object is not subscriptable"
# fails = 3
# cause = 1
# swap = ["map(float, raw)", "list(map(float, raw))"]
# holds = "first == 1.5 and last == 4.0"
# blind = true

# %%
raw = ["1.5", "2", "4"]
vals = map(float, raw)
# %%
unit = "kg"
# %%
first, last = vals[0], vals[-1]
print(first, unit)
