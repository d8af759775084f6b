# run_until_complete in a loop that runs.
# how = "edit"
# error = "RuntimeError: This event loop is already running"
# fails = 3
# swap = ["loop.run_until_complete(count())", "await count()"]
# holds = "n == 3"
# blind = true

# %%
import asyncio
loop = asyncio.get_event_loop()
# %%
async def count():
    await asyncio.sleep(0)
    return 3
# %%
n = loop.run_until_complete(count())
n
