# A file in Latin-1 is read as UTF-8.
# how = "upstream"
# error = "UnicodeDecodeError"
# fails = 3
# cause = 2
# swap = ['encoding="latin-1"', 'encoding="utf-8"']
# holds = "names == ['Jürgen', 'Zoë']"
# blind = true

# %%
people = ["Jürgen", "Zoë"]
# %%
with open("people.txt", "w", encoding="latin-1") as f:
    f.write("\n".join(people))
# %%
with open("people.txt", encoding="utf-8") as f:
    names = f.read().split("\n")
names
