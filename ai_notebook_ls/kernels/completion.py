"""Ask a kernel what would fit at a place of some code, by the helper that is executed in it (completion_look.py)."""

from __future__ import annotations

from ai_notebook_ls.kernels import asking, completion_look
from ai_notebook_ls.kernels.live import LiveKernel
from ai_notebook_ls.ports import Completions


async def ask(kernel: LiveKernel, source: str, cursor: int) -> Completions | None:
    """Return what an idle kernel would complete at a place, counted in code points; None if it does not tell in time.

    IPython's own completer looks attributes up, which runs the user's `__getattr__` and properties. Another language's
    kernel has no other than its own.
    """
    if kernel.implementation != "ipython":
        told = await asking.reply(kernel, "complete_request", {"code": source, "cursor_pos": cursor})
        if not told or told.get("status") != "ok":
            return None
        matches = tuple(str(each) for each in told.get("matches", ()))[: completion_look.MOST]
        return Completions(matches, int(told.get("cursor_start", cursor)), int(told.get("cursor_end", cursor)))
    look = f"{asking.MODULES}[{completion_look.NAME!r}].report({source!r}, {cursor!r})"
    facts = await asking.evaluate(kernel, f"({asking.installing(completion_look)}, {look})[-1]")
    return Completions(tuple(facts["matches"]), facts["start"], facts["end"]) if facts else None
