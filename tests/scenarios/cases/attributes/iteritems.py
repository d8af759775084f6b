# Series.iteritems went away in pandas 2.
# how = "edit"
# error = "AttributeError: 'Series' object has no attribute 'iteritems'"
# fails = 3
# swap = ["iteritems", "items"]
# holds = "lines == ['a=1', 'b=2']"
# blind = true

# %%
import pandas as pd
# %%
s = pd.Series({"a": 1, "b": 2})
# %%
lines = []
for k, v in s.iteritems():
    lines.append(f"{k}={v}")
lines
