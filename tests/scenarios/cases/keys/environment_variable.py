# A secret is expected in the environment and is not there.
# how = "none"
# error = "KeyError: 'WEATHER_API_TOKEN'"
# fails = 2
# blind = true

# %%
import os
base = "https://weather.example"
# %%
token = os.environ["WEATHER_API_TOKEN"]
headers = {"Authorization": "Bearer " + token}
# %%
print(base, len(headers))
