# An iterator was used up by the first run of the cell.
# how = "order"
# error = "StopIteration"
# fails = 3
# cause = 2
# also = [1]
# ran = [1, 2, 3, 3]
# holds = "header == 'day,n' and rest == ['1,5']"
# blind = true

# %%
sep = ","
# %%
lines = iter(["day,n", "1,5"])
# %%
header = next(lines)
rest = list(lines)
header.split(sep)
