# The file has another ending.
# how = "edit"
# error = "FileNotFoundError"
# fails = 2
# swap = ["config.jsn", "config.json"]
# holds = "cfg['depth'] == 3"
# blind = true
# [files]
# "config.json" = "{\"depth\": 3}"

# %%
import json
# %%
with open("config.jsn") as f:
    cfg = json.load(f)
cfg["depth"]
