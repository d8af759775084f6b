# Decimal commas, and the column was read as text.
# how = "upstream"
# error = "TypeError"
# fails = 3
# cause = 2
# swap = ["sep=';')", "sep=';', decimal=',')"]
# holds = "abs(avg - 2.0) < 1e-9"
# blind = true
# [files]
# "grades.csv" = "name;grade\nA;1,7\nB;2,3\n"

# %%
import pandas as pd
# %%
grades = pd.read_csv('grades.csv', sep=';')
# %%
avg = grades['grade'].mean()
print(avg)
