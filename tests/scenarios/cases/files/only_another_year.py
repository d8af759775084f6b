# Only the data of another year is there: using it would be another result.
# how = "none"
# error = "FileNotFoundError"
# fails = 2
# blind = true
# [files]
# "sales_2022.csv" = "m,v\n1,5\n"
# "sales_2023.csv" = "m,v\n1,6\n"

# %%
import pandas as pd
# %%
sales = pd.read_csv("sales_2024.csv")
sales["v"].sum()
