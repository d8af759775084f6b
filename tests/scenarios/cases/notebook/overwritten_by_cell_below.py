# A cell below has put another thing under the name, and then this one was run again.
# how = "order"
# error = "TypeError: string indices must be integers"
# fails = 3
# cause = 1
# also = [2]
# ran = [1, 2, 3, 4, 3]
# holds = "old == ['Bo']"
# blind = true

# %%
users = [{"name": "Al", "age": 20}, {"name": "Bo", "age": 70}]
# %%
border = 65
# %%
old = [u["name"] for u in users if u["age"] > border]
old
# %%
users = ", ".join(u["name"] for u in users)
print(users)
