# A queue was emptied by running its cell once too often.
# how = "order"
# error = "IndexError: pop from empty list"
# fails = 3
# cause = 2
# ran = [1, 2, 3, 3]
# holds = "done == ['b', 'a'] and queue == []"
# blind = true

# %%
log = []
# %%
queue = ["a", "b"]
# %%
done = [queue.pop(), queue.pop()]
done
