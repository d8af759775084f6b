# The dump was written with str(), so that it is no JSON.
# how = "upstream"
# error = "JSONDecodeError"
# fails = 3
# cause = 1
# swap = ["str(settings)", "json.dumps(settings)"]
# holds = "back == {'dark': True, 'size': 12}"
# blind = true

# %%
import json
settings = {"dark": True, "size": 12}
saved = str(settings)
# %%
print(len(saved), "characters")
# %%
back = json.loads(saved)
back
