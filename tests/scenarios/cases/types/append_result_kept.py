# append gives None, and the list was overwritten with it.
# how = "upstream"
# error = "TypeError: 'NoneType' object is not iterable"
# fails = 4
# cause = 2
# swap = ["todo = todo.append(\"rest\")", "todo.append(\"rest\")"]
# holds = "upper == ['WORK', 'REST']"
# blind = true

# %%
todo = ["work"]
# %%
todo = todo.append("rest")
# %%
day = "mon"
# %%
upper = [t.upper() for t in todo]
print(day, upper)
