# A limit was given as text, as from an input box.
# how = "upstream"
# error = "TypeError: '>' not supported between instances of 'int' and 'str'"
# fails = 3
# cause = 1
# swap = ['params["limit"]', 'int(params["limit"])']
# holds = "kept == [7, 9]"
# blind = true

# %%
params = {"limit": "5", "title": "demo"}
limit = params["limit"]
# %%
data = [3, 7, 9]
# %%
kept = [d for d in data if d > limit]
kept
