# JSON pasted into a cell brings null, which Python calls None.
# how = "edit"
# error = "NameError: name 'false' is not defined"
# fails = 1
# swap = ['null', 'None', 'false', 'False']
# holds = "active == ['Ann'] and user[1]['mail'] is None"
# blind = true

# %%
user = [
    {"name": "Ann", "mail": "ann@example.org", "locked": false},
    {"name": "Bob", "mail": null, "locked": false},
]
# %%
active = [u["name"] for u in user if u["mail"] and not u["locked"]]
print(active)
