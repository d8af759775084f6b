# A key that the table has not; whether it is a gap in the data or a wrong question is not known.
# how = "none"
# error = "KeyError: 'mallory'"
# fails = 3
# blind = true

# %%
roles = {"alice": "admin", "bob": "user"}
# %%
queue = ["alice", "mallory", "bob"]
# %%
granted = [roles[name] for name in queue]
granted
