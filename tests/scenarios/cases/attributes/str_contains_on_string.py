# .str belongs to a Series; here it is a plain string.
# how = "edit"
# error = "AttributeError: 'str' object has no attribute 'str'"
# fails = 3
# swap = ["c.str.lower()", "c.lower()"]
# holds = "list(df.columns) == ['first', 'last']"
# blind = true

# %%
import pandas as pd
# %%
df = pd.DataFrame({"First": ["Ada"], "LAST": ["Byron"]})
# %%
df.columns = [c.str.lower() for c in df.columns]
df
