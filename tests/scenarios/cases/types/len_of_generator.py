# A generator has no length.
# how = "edit"
# error = "TypeError: object of type 'generator' has no len()"
# fails = 2
# swap = ["(w for w in words if len(w) > 3)", "[w for w in words if len(w) > 3]"]
# holds = "n == 2"
# blind = true

# %%
words = ["tree", "at", "house"]
# %%
long_words = (w for w in words if len(w) > 3)
n = len(long_words)
n
