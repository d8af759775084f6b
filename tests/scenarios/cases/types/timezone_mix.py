# One time knows its zone, the other does not; which zone it means is not written.
# how = "none"
# error = "TypeError: can't subtract offset-naive and offset-aware datetimes"
# fails = 3
# blind = true

# %%
from datetime import datetime, timezone
# %%
seen = datetime(2024, 5, 1, 12, 0)
now = datetime(2024, 5, 1, 15, 0, tzinfo=timezone.utc)
# %%
age = now - seen
age
