# Text has been called str, and numbers cannot be turned into text any more.
# how = "upstream"
# error = "TypeError: 'str' object is not callable"
# fails = 3
# cause = 1
# swap = ["str = \"run-\"", "prefix = \"run-\"", "str.upper()", "prefix.upper()"]
# holds = "names == ['1', '2']"
# blind = true

# %%
str = "run-"
banner = str.upper()
# %%
ids = [1, 2]
# %%
names = [str(i) for i in ids]
print(banner, names)
