# Numbers do not begin with zero.
# how = "edit"
# error = "SyntaxError: leading zeros in decimal integer literals"
# fails = 2
# swap = ["date(2024, 03, 09)", "date(2024, 3, 9)"]
# holds = "d.isoformat() == '2024-03-09'"
# blind = true

# %%
from datetime import date
# %%
d = date(2024, 03, 09)
d
