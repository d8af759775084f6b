# await in a plain function.
# how = "edit"
# error = "SyntaxError: 'await' outside async function"
# fails = 2
# swap = ["def both(a, b):", "async def both(a, b):"]
# holds = "import_ok and total == 3"
# blind = true

# %%
import asyncio
import_ok = True
# %%
async def later(x):
    await asyncio.sleep(0)
    return x

def both(a, b):
    return await later(a) + await later(b)
# %%
total = await both(1, 2)
total
