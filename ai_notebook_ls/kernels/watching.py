"""Ask a kernel which types the functions of its cells are called with, by the helper that is executed in it (watch.py)."""

from __future__ import annotations

from ai_notebook_ls.core.recipes import Seen, SeenFunction
from ai_notebook_ls.kernels import asking, watch
from ai_notebook_ls.kernels.live import LiveKernel


async def begin(kernel: LiveKernel) -> None:
    """Have the calls noted from now on."""
    await asking.evaluate(kernel, f"({asking.installing(watch)}, {asking.MODULES}[{watch.NAME!r}].begin())[-1]")


async def end(kernel: LiveKernel) -> Seen | None:
    """Return what was noted; None where the kernel is not IPython, or does not tell in time."""
    facts = await asking.ask(kernel, watch)
    if not facts:
        return None
    functions = {}
    for each in facts["functions"]:
        types = {name: tuple(found) for name, found in each["types"].items()}
        returns = types.pop("return", ())
        functions[each["name"], each["line"]] = SeenFunction(types, returns)
    return Seen(functions, (facts["python"][0], facts["python"][1]))
