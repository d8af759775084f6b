# A function that is not async is awaited.
# how = "edit"
# error = "TypeError: object int can't be used in 'await' expression"
# fails = 3
# swap = ["await double(4)", "double(4)"]
# holds = "d == 8"
# blind = true

# %%
import asyncio
# %%
def double(n):
    return 2 * n
# %%
d = await double(4)
d
