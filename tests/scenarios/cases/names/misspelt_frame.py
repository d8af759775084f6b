# A frame's name is misspelt in the last step of an analysis.
# how = "edit"
# error = "NameError: name 'monthly_sale' is not defined"
# fails = 5
# swap = ['monthly_sale.', 'monthly_sales.']
# holds = "best == '2024-03' and round(share, 2) == 0.43"
# blind = true

# %% [markdown]
# # Sales by month
# %%
import pandas as pd
# %%
df = pd.DataFrame({
    "date": ["2024-01-03", "2024-01-20", "2024-02-11", "2024-03-02", "2024-03-28"],
    "amount": [120.0, 80, 200, 150, 150],
})
df["month"] = df["date"].str[:7]
# %%
monthly_sales = df.groupby("month")["amount"].sum()
monthly_sales
# %%
best = monthly_sale.idxmax()
share = monthly_sales.max() / monthly_sales.sum()
print(best, share)
