# The module datetime was imported, and the class in it is meant.
# how = "edit"
# error = "AttributeError: module 'datetime' has no attribute 'strptime'"
# fails = 3
# swap = ['datetime.strptime', 'datetime.datetime.strptime']
# holds = "[d.month for d in days] == [1, 2] and (days[1] - days[0]).days == 31"
# blind = true

# %%
import datetime
# %%
stamps = ["2024-01-15", "2024-02-15"]
# %%
days = [datetime.strptime(s, "%Y-%m-%d") for s in stamps]
print(days)
