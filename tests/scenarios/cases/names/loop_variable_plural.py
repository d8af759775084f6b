# A comprehension uses the plural where its own variable is meant.
# how = "edit"
# error = "NameError: name 'words' is not defined"
# fails = 3
# swap = ['len(words)', 'len(word)']
# holds = "lengths == {'the': 3, 'quick': 5, 'brown': 5, 'fox': 3}"
# blind = true

# %%
text = "the quick brown fox"
# %%
tokens = text.split()
# %%
lengths = {word: len(words) for word in tokens}
print(lengths)
