# The answer of a service wraps its data in another level.
# how = "edit"
# error = "KeyError: 'items'"
# fails = 3
# swap = ['response["items"]', 'response["data"]["items"]']
# holds = "ids == [7, 9]"
# blind = true

# %%
import json
# %%
response = json.loads('{"status": "ok", "data": {"items": [{"id": 7}, {"id": 9}], "page": 1}}')
# %%
ids = [each["id"] for each in response["items"]]
ids
