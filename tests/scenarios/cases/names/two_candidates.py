# Two frames have names that are as near to the misspelt one; only the author knows which.
# how = "none"
# error = "NameError: name 'sales_q3' is not defined"
# fails = 3
# blind = true

# %%
import pandas as pd
sales_q1 = pd.Series([10, 20, 30])
sales_q2 = pd.Series([11, 19, 35])
# %%
growth = (sales_q2 / sales_q1 - 1).round(2)
growth
# %%
total = sales_q3.sum()
print("total", total)
