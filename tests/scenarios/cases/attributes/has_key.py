# dict.has_key belongs to Python 2.
# how = "edit"
# error = "AttributeError: 'dict' object has no attribute 'has_key'"
# fails = 3
# swap = ["not seen.has_key(w)", "w not in seen"]
# holds = "seen == {'a': 2, 'b': 1}"
# blind = true

# %%
words = "a b a".split()
# %%
seen = {}
# %%
for w in words:
    if not seen.has_key(w):
        seen[w] = 0
    seen[w] += 1
seen
