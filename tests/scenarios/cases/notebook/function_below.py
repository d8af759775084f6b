# A function is used above the cell that defines it.
# how = "order"
# error = "NameError: name 'clean' is not defined"
# fails = 3
# cause = 4
# holds = "names == ['ann', 'bob']"
# blind = true

# %%
raw = [" Ann", "BOB "]
# %%
limit = 5
# %%
names = [clean(r) for r in raw][:limit]
names
# %%
def clean(text):
    return text.strip().lower()
# %%
print(len(names))
