# A helper module of the author's that did not come with the notebook.
# how = "none"
# error = "ModuleNotFoundError: No module named 'my_helpers'"
# fails = 2
# blind = true

# %%
import pandas as pd
# %%
from my_helpers import load_clean, plot_all
# %%
df = load_clean("data.csv")
plot_all(df)
