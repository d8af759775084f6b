# A default above lets the function return nothing at all.
# how = "upstream"
# error = "IndexError: list index out of range"
# fails = 4
# cause = 2
# swap = ["def newest(rows, limit=0):", "def newest(rows, limit=None):"]
# holds = "latest == 2023"
# blind = true

# %%
years = [2021, 2023, 2022]
# %%
def newest(rows, limit=0):
    return sorted(rows, reverse=True)[:limit]
# %%
print(len(years))
# %%
latest = newest(years)[0]
latest
