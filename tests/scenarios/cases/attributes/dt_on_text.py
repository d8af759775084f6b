# Dates were read as text; .dt needs real dates.
# how = "upstream"
# error = "AttributeError: Can only use .dt accessor with datetimelike values"
# fails = 4
# cause = 2
# swap = ['"2024-03-09"]})', "\"2024-03-09\"]})\nlog[\"when\"] = pd.to_datetime(log[\"when\"])"]
# holds = "list(log['weekday']) == ['Monday', 'Saturday']"
# blind = true

# %%
import pandas as pd
# %%
log = pd.DataFrame({"km": [5.2, 8.1], "when": ["2024-03-04", "2024-03-09"]})
# %%
log["fast"] = log["km"] > 6
# %%
log["weekday"] = log["when"].dt.day_name()
log
