# range wants whole numbers.
# how = "edit"
# error = "TypeError: 'float' object cannot be interpreted as an integer"
# fails = 2
# swap = ["range(n / 4)", "range(n // 4)"]
# holds = "blocks == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]"
# blind = true

# %%
n = 12
data = list(range(n))
# %%
blocks = [data[4 * i:4 * i + 4] for i in range(n / 4)]
blocks
