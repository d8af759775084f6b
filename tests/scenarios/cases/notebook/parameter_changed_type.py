# The user tried another value below under the same name, then went back up.
# how = "order"
# error = "TypeError"
# fails = 3
# cause = 1
# also = [2]
# ran = [1, 2, 3, 4, 3]
# holds = "picked == [5, 8]"
# blind = true

# %%
limit = 4
# %%
points = [1, 5, 8]
# %%
picked = [p for p in points if p > limit]
picked
# %%
limit = input_value = "4"
print("limit is now", limit)
