# An async generator needs async for.
# how = "edit"
# error = "TypeError: 'async_generator' object is not iterable"
# fails = 3
# swap = ["for t in", "async for t in"]
# holds = "got == [0, 1, 2]"
# blind = true

# %%
import asyncio
got = []
# %%
async def ticks(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
# %%
for t in ticks(3):
    got.append(t)
got
