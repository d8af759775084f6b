# A column of dates in a file is text until somebody parses it.
# how = "upstream"
# error = "AttributeError: Can only use .dt accessor with datetimelike values"
# fails = 3
# cause = 2
# swap = ["pd.read_csv('visits.csv')", "pd.read_csv('visits.csv', parse_dates=['day'])"]
# holds = "by_month.to_dict() == {1: 30, 2: 7}"
# blind = true
# [files]
# "visits.csv" = "day,visits\n2024-01-05,10\n2024-01-19,20\n2024-02-02,7\n"

# %%
import pandas as pd
# %%
visits = pd.read_csv('visits.csv')
visits.tail(2)
# %%
by_month = visits.groupby(visits['day'].dt.month)['visits'].sum()
by_month
