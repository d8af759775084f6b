"""Ask a kernel what would fit at a place of some code (Jupyter's complete_request)."""

from __future__ import annotations

from ai_notebook_ls.kernels.asking import reply
from ai_notebook_ls.kernels.live import LiveKernel
from ai_notebook_ls.ports import Completions

PATIENCE = 10.0
"""Seconds; IPython imports jedi, and jedi reads the libraries in use, when they are first asked for."""
MOST = 200
"""Matches that are told; nobody reads more."""


async def ask(kernel: LiveKernel, source: str, cursor: int) -> Completions | None:
    """Return what an idle kernel would complete at a place, counted in code points; None if it does not tell in time."""
    told = await reply(kernel, "complete_request", {"code": source, "cursor_pos": cursor}, PATIENCE)
    if not told or told.get("status") != "ok":
        return None
    matches = tuple(str(each) for each in told.get("matches", ()))[:MOST]
    return Completions(matches, int(told.get("cursor_start", cursor)), int(told.get("cursor_end", cursor)))
