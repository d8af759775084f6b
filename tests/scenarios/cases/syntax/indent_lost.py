# The body of a function lost its indent when it was pasted.
# how = "edit"
# error = "IndentationError: expected an indented block"
# fails = 1
# swap = ["\nreturn c", "\n    return c"]
# holds = "f == 212.0"
# blind = true

# %%
def fahrenheit(c):
return c * 9 / 5 + 32
# %%
f = fahrenheit(100)
f
