# A file of data that did not come along.
# how = "none"
# error = "FileNotFoundError"
# fails = 2
# blind = true

# %%
import pandas as pd
# %%
df = pd.read_csv("clients_2023_final_v2.csv")
df.info()
# %%
df.describe()
