# A variable has taken the name of an imported module.
# how = "upstream"
# error = "AttributeError: 'str' object has no attribute 'dumps'"
# fails = 4
# cause = 2
# swap = ['json =', 'payload =', 'len(json)', 'len(payload)']
# holds = "json.loads(line) == dict(n=19)"
# blind = true

# %%
import json
# %%
json = '{"id": 7, "ok": true}'
size = len(json)
# %%
summary = {"n": size - 2}
# %%
line = json.dumps(summary)
print(line)
