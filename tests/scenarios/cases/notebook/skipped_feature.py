# The cell that adds a column was not run in the user's kernel.
# how = "order"
# error = "KeyError: 'bmi'"
# fails = 5
# cause = 3
# ran = [1, 2, 4, 5]
# holds = "list(heavy['name']) == ['B']"
# blind = true

# %%
import pandas as pd
# %%
p = pd.DataFrame({"name": ["A", "B"], "kg": [60, 95], "m": [1.75, 1.7]})
# %%
p["bmi"] = p["kg"] / p["m"] ** 2
# %%
unit = "kg/m²"
# %%
heavy = p[p["bmi"] > 30]
heavy
