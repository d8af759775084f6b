# A list has no .length: the habit of another language.
# how = "edit"
# error = "AttributeError: 'list' object has no attribute 'length'"
# fails = 2
# swap = ["queue.length", "len(queue)"]
# holds = "avg == 4.0"
# blind = true

# %%
queue = [2, 4, 6]
# %%
avg = sum(queue) / queue.length
avg
