# The class datetime was imported, and the module is meant.
# how = "edit"
# error = "AttributeError: type object 'datetime.datetime' has no attribute 'timedelta'"
# fails = 3
# swap = ["due = start + datetime.timedelta", "from datetime import timedelta\ndue = start + timedelta"]
# holds = "due.isoformat() == '2024-03-15T00:00:00'"
# blind = true

# %%
from datetime import datetime
# %%
start = datetime(2024, 3, 1)
# %%
due = start + datetime.timedelta(days=14)
print("due", due.date())
