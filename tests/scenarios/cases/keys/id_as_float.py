# A gap in the column made its numbers floats, and the keys built from them end in .0.
# how = "upstream"
# error = "KeyError: '12'"
# fails = 4
# cause = 3
# swap = ["str(i): n for i, n", "str(int(i)): n for i, n"]
# holds = "who == 'Ada'"
# blind = true

# %%
import pandas as pd
# %%
members = pd.DataFrame({"id": [12, None, 15], "name": ["Ada", "Ben", "Cy"]}).dropna()
# %%
lookup = {str(i): n for i, n in zip(members["id"], members["name"])}
# %%
who = lookup["12"]
who
