# Nothing matches the search, and what should be used then is not known.
# how = "none"
# error = "StopIteration"
# fails = 3
# blind = true

# %%
books = [{"t": "Emma", "y": 1815}, {"t": "Dune", "y": 1965}]
# %%
year = 1949
# %%
found = next(b for b in books if b["y"] == year)
found["t"]
