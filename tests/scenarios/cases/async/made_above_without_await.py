# The coroutine was made above without await, and is used as a value here.
# how = "upstream"
# error = "TypeError: 'coroutine' object is not iterable"
# fails = 4
# cause = 3
# swap = ["rows = query()", "rows = await query()"]
# holds = "names == ['a', 'b']"
# blind = true

# %%
import asyncio
# %%
async def query():
    await asyncio.sleep(0)
    return [{"n": "a"}, {"n": "b"}]
# %%
rows = query()
# %%
names = [r["n"] for r in rows]
names
