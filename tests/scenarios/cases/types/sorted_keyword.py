# sorted takes reverse, not reversed.
# how = "edit"
# error = "TypeError: 'reversed' is an invalid keyword argument for sort()"
# fails = 2
# swap = ["reversed=True", "reverse=True"]
# holds = "top[0] == ('b', 9)"
# blind = true

# %%
votes = {"a": 3, "b": 9, "c": 5}
# %%
top = sorted(votes.items(), key=lambda kv: kv[1], reversed=True)
top[:2]
