# A loop over a list unpacks place and value, and enumerate is missing.
# how = "edit"
# error = "TypeError: cannot unpack non-iterable float object"
# fails = 2
# swap = ["in temps:", "in enumerate(temps):"]
# holds = "peaks == [1]"
# blind = true

# %%
temps = [17.0, 22.5, 19.0]
# %%
peaks = []
for i, v in temps:
    if v > 20:
        peaks.append(i)
peaks
