# After groupby the key is the index, not a column.
# how = "upstream"
# error = "KeyError: 'dept'"
# fails = 4
# cause = 3
# swap = ['staff.groupby("dept").mean()', 'staff.groupby("dept").mean().reset_index()']
# holds = "labels == ['hr: 35.0', 'it: 60.0']"
# blind = true

# %%
import pandas as pd
# %%
staff = pd.DataFrame({"dept": ["it", "hr", "it"], "pay": [50, 35, 70]})
# %%
by_dept = staff.groupby("dept").mean()
# %%
labels = []
for _, row in by_dept.iterrows():
    labels.append(f"{row['dept']}: {row['pay']}")
labels
