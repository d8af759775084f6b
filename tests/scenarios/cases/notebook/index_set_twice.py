# The cell that makes a column the index was run again.
# how = "order"
# error = "KeyError"
# fails = 3
# cause = 2
# also = [1]
# ran = [1, 2, 3, 3]
# holds = "s.index.name == 'k' and s.loc['b', 'v'] == 2"
# blind = true

# %%
import pandas as pd
# %%
s = pd.DataFrame({"k": ["a", "b"], "v": [1, 2]})
# %%
s = s.set_index("k")
s
