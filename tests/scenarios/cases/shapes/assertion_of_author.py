# The author's own check fails.
# how = "none"
# error = "AssertionError"
# fails = 3
# blind = true

# %%
parts = {"train": 0.7, "valid": 0.2, "test": 0.2}
# %%
total = sum(parts.values())
# %%
assert abs(total - 1) < 1e-9, f"parts sum to {total}"
print("ok")
