# One of the lines does not match the pattern.
# how = "none"
# error = "AttributeError: 'NoneType' object has no attribute 'group'"
# fails = 3
# blind = true

# %%
import re
lines = ["id=4 ok", "broken line", "id=7 ok"]
# %%
pattern = re.compile(r"id=(\d+)")
# %%
ids = [int(pattern.search(line).group(1)) for line in lines]
ids
