# A date in the order of another country; day and month cannot be told apart for sure.
# how = "none"
# error = "ValueError: time data '03/04/2024' does not match format '%Y-%m-%d'"
# fails = 2

# %%
from datetime import datetime
stamps = ["03/04/2024", "05/06/2024"]
# %%
days = [datetime.strptime(s, "%Y-%m-%d") for s in stamps]
days
