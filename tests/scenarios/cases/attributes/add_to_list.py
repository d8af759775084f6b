# add belongs to sets; this is a list.
# how = "edit"
# error = "AttributeError: 'list' object has no attribute 'add'"
# fails = 3
# swap = [".add(", ".append("]
# holds = "errors == ['row 2', 'row 3']"
# blind = true

# %%
rows = ["ok", "", None]
# %%
errors = []
# %%
for i, r in enumerate(rows, 1):
    if not r:
        errors.add(f"row {i}")
errors
