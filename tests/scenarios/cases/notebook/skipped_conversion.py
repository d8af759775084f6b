# The cell that turns text into dates was not run in the user's kernel.
# how = "order"
# error = "AttributeError: Can only use .dt accessor with datetimelike values"
# fails = 5
# cause = 3
# ran = [1, 2, 4, 5]
# holds = "list(years) == [2020, 2021]"
# blind = true

# %%
import pandas as pd
# %%
ev = pd.DataFrame({"at": ["2020-05-01", "2021-06-01"]})
# %%
ev["at"] = pd.to_datetime(ev["at"])
# %%
count = 2
# %%
years = ev["at"].dt.year
years
