# A sample is larger than what it is taken from.
# how = "none"
# error = "ValueError: "
# fails = 3
# blind = true

# %%
import pandas as pd
# %%
votes = pd.DataFrame({"id": range(5)})
# %%
sample = votes.sample(n=8, random_state=1)
len(sample)
