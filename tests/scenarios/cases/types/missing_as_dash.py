# Missing numbers are written as a dash, and make their column text.
# how = "upstream"
# error = "TypeError"
# fails = 4
# cause = 2
# swap = ['"river.csv")', '"river.csv", na_values="-")']
# holds = "abs(level.mean() - 2.5) < 1e-9 and above == 1"
# blind = true
# [files]
# "river.csv" = "day,level\n1,2.0\n2,-\n3,3.0\n"

# %%
import pandas as pd
# %%
river = pd.read_csv("river.csv")
# %%
level = river["level"]
# %%
above = int((level > 2.5).sum())
print(above, level.mean())
