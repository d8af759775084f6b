# The header of a file has blanks behind its commas, and the names keep them.
# how = "upstream"
# error = "KeyError: 'speed'"
# fails = 4
# cause = 2
# swap = ['pd.read_csv("laps.csv")', 'pd.read_csv("laps.csv", skipinitialspace=True)']
# holds = "best == 11.5 and printed.split() == ['mean', '11.0']"
# [files]
# "laps.csv" = "lap, speed, gear\n1, 10.5, 3\n2, 11.5, 4\n"

# %%
import pandas as pd
# %%
laps = pd.read_csv("laps.csv")
# %%
print(len(laps), "laps")
# %%
best = laps["speed"].max()
print(f"mean {laps['speed'].mean():.1f}")
