# A frame's column is asked for with round brackets.
# how = "edit"
# error = "TypeError: 'DataFrame' object is not callable"
# fails = 3
# swap = ['df("height")', 'df["height"]']
# holds = "tall == 1.9"
# blind = true

# %%
import pandas as pd
# %%
df = pd.DataFrame({"height": [1.7, 1.9]})
# %%
tall = df("height").max()
tall
