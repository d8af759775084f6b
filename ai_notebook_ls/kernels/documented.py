"""Ask a kernel what functions say of themselves, by the helper that is executed in it (documented_look.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ai_notebook_ls.core.requests import Documented
from ai_notebook_ls.kernels import asking, documented_look
from ai_notebook_ls.kernels.live import LiveKernel


async def ask(kernel: LiveKernel, names: Sequence[str]) -> Mapping[str, Documented] | None:
    """Return what an idle kernel knows of some dotted names; None if it is not IPython, or does not tell in time."""
    look = f"{asking.MODULES}[{documented_look.NAME!r}].report({list(names)!r})"
    facts = await asking.evaluate(kernel, f"({asking.installing(documented_look)}, {look})[-1]")
    return {name: Documented(*told) for name, told in facts.items()} if facts is not None else None
