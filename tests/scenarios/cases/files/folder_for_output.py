# The folder to write to does not exist.
# how = "edit"
# error = "OSError"
# fails = 3
# swap = ["t.to_csv", "import os\nos.makedirs('out/tables', exist_ok=True)\nt.to_csv"]
# holds = "__import__('os').path.getsize('out/tables/t.csv') > 5"
# blind = true

# %%
import pandas as pd
# %%
t = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
# %%
t.to_csv("out/tables/t.csv", index=False)
