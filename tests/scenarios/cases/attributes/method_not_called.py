# A method is named and not called, so that the next one finds no string.
# how = "edit"
# error = "AttributeError: 'builtin_function_or_method' object has no attribute 'split'"
# fails = 2
# swap = ["line.strip.split", "line.strip().split"]
# holds = "parts == ['1', '2', '3']"
# blind = true

# %%
line = "  1,2,3\n"
# %%
parts = line.strip.split(",")
parts
