# print's result is kept instead of the value, and added to.
# how = "upstream"
# error = "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'"
# fails = 3
# cause = 1
# swap = ["    print(w * h)", "    print(w * h)\n    return w * h"]
# holds = "total == 26"

# %%
def area(w, h):
    print(w * h)
# %%
room = area(4, 5)
# %%
total = room + 6
total
