# asyncio.run in a notebook, which has a loop already.
# how = "edit"
# error = "RuntimeError: asyncio.run() cannot be called from a running event loop"
# fails = 3
# swap = ["asyncio.run(main())", "await main()"]
# holds = "result == [0, 1, 4]"
# blind = true

# %%
import asyncio
# %%
async def sq(n):
    await asyncio.sleep(0)
    return n * n

async def main():
    return await asyncio.gather(*(sq(i) for i in range(3)))
# %%
result = asyncio.run(main())
result
