# join wants texts, and these are numbers.
# how = "edit"
# error = "TypeError: sequence item 0: expected str instance, int found"
# fails = 2
# swap = ["join(ids)", "join(map(str, ids))"]
# holds = "csv == '3;14;15'"
# blind = true

# %%
ids = [3, 14, 15]
# %%
csv = ";".join(ids)
csv
