# A coroutine is not awaited.
# how = "edit"
# error = "TypeError: 'coroutine' object is not subscriptable"
# fails = 3
# swap = ["fetch(2)[", "(await fetch(2))["]
# holds = "value == 'two'"
# blind = true

# %%
import asyncio
# %%
async def fetch(n):
    await asyncio.sleep(0)
    return {"id": n, "text": "two"}
# %%
value = fetch(2)["text"]
value
