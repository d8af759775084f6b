# One of the values is no number at all; what it should count as is not known.
# how = "none"
# error = "ValueError: could not convert string to float: 'n/k'"
# fails = 3
# blind = true

# %%
raw = {"mon": "2.5", "tue": "n/k", "wed": "4"}
# %%
days = list(raw)
# %%
hours = [float(raw[d]) for d in days]
sum(hours)
