# A list of places goes one beyond the last row, since it was counted from 1 above.
# how = "upstream"
# error = "IndexError: positional indexers are out-of-bounds"
# fails = 4
# cause = 3
# swap = ["range(1, len(ranked) + 1)", "range(len(ranked))"]
# holds = "top == ['c', 'a', 'b']"
# blind = true

# %%
import pandas as pd
# %%
ranked = pd.DataFrame({"n": ["c", "a", "b"], "p": [9, 5, 1]})
# %%
places = list(range(1, len(ranked) + 1))
# %%
top = ranked.iloc[places]["n"].tolist()
top
