# drop(inplace=True) gives None, and the frame was overwritten with it.
# how = "upstream"
# error = "AttributeError: 'NoneType' object has no attribute 'groupby'"
# fails = 5
# cause = 3
# swap = ["df = df.drop(columns=['note'], inplace=True)", "df = df.drop(columns=['note'])"]
# holds = "list(df.columns) == ['shop', 'sales'] and out.to_dict() == {'n': 30, 's': 12}"
# blind = true

# %%
import pandas as pd
# %%
df = pd.DataFrame({"shop": ["n", "s", "n"], "sales": [10, 12, 20], "note": ["", "x", ""]})
# %%
df = df.drop(columns=['note'], inplace=True)
# %%
tax = 0.2
# %%
out = df.groupby("shop")["sales"].sum()
out
