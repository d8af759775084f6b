# A filter above compares with the wrong case, so that nothing is left.
# how = "upstream"
# error = "ValueError: max()"
# fails = 4
# cause = 2
# swap = ['== "Berlin"', '== "berlin"']
# holds = "hottest == 31"
# blind = true

# %%
rows = [{"city": "berlin", "t": 28}, {"city": "rome", "t": 36}, {"city": "berlin", "t": 31}]
# %%
berlin = [r for r in rows if r["city"] == "Berlin"]
# %%
unit = "°C"
# %%
hottest = max(r["t"] for r in berlin)
print(hottest, unit)
