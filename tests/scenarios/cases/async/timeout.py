# A wait is too short; how long it may last is the author's to say.
# how = "none"
# error = "TimeoutError"
# fails = 3
# blind = true

# %%
import asyncio
# %%
async def slow():
    await asyncio.sleep(0.2)
    return "done"
# %%
answer = await asyncio.wait_for(slow(), timeout=0.01)
answer
