# The last day is text, the first one a date.
# how = "upstream"
# error = "TypeError: unsupported operand type(s) for -: 'str' and 'datetime.date'"
# fails = 3
# cause = 2
# swap = ['last = "2024-02-01"', 'last = date.fromisoformat("2024-02-01")']
# holds = "span == 31"
# blind = true

# %%
from datetime import date
first = date(2024, 1, 1)
# %%
last = "2024-02-01"
# %%
span = (last - first).days
span
