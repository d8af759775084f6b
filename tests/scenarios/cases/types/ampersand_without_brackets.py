# & binds tighter than a comparison.
# how = "edit"
# error = "TypeError"
# fails = 3
# swap = ["d['a'] > 1.5 & d['b'] < 3.5", "(d['a'] > 1.5) & (d['b'] < 3.5)"]
# holds = "mid.index.tolist() == [1]"
# blind = true

# %%
import pandas as pd
# %%
d = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 4.0]})
# %%
mid = d[d['a'] > 1.5 & d['b'] < 3.5]
mid
