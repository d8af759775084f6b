# A list has been called list.
# how = "upstream"
# error = "TypeError: 'list' object is not callable"
# fails = 4
# cause = 1
# swap = ["list = ", "cities = ", "len(list)", "len(cities)"]
# holds = "letters == ['a', 'b']"
# blind = true

# %%
list = ["Ulm", "Bonn"]
n = len(list)
# %%
text = "ab"
# %%
print(n)
# %%
letters = list(text)
letters
