# A file of JSON that was cut off.
# how = "none"
# error = "JSONDecodeError"
# fails = 2
# blind = true
# [files]
# "state.json" = "{\"step\": 12, \"loss\": [0.5, 0.4"

# %%
import json
# %%
with open("state.json") as f:
    state = json.load(f)
# %%
print(state["step"])
