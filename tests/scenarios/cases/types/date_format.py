# A date in the order of another country; day and month cannot be told apart for sure.
# how = "none"
# error = "ValueError: time data '03/25/2024' does not match format '%d/%m/%y'"
# fails = 2
# blind = true

# %%
from datetime import datetime
stamps = ["03/04/2024", "03/25/2024"]
# %%
days = [datetime.strptime(s, "%d/%m/%y") for s in stamps[1:]]
days
