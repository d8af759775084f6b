# A number is added to text.
# how = "edit"
# error = "TypeError: can only concatenate str"
# fails = 2
# swap = ["total + ", "str(total) + "]
# holds = "message == 'You owe 42 euros'"
# blind = true

# %%
items = [12, 30]
total = sum(items)
# %%
message = "You owe " + total + " euros"
print(message)
