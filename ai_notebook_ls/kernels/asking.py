"""Ask a kernel about its objects, by a helper that is executed in it beside the user's names (probe.py, inventory.py)."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from ai_notebook_ls.kernels.live import LiveKernel
from ai_notebook_ls.kernels.messages import MALFORMED
from ai_notebook_ls.kernels.process import GRACE

MIME = "application/x-ai-notebook-ls+json"
"""How our helpers in a kernel report."""
MODULES = "__import__('sys').modules"
PATIENCE = 2.0
"""Seconds that the kernel may look at its objects."""


@functools.cache
def installing(helper: ModuleType, *more: str) -> str:
    """Return the expression that puts a helper into the kernel, without touching the user's names."""
    first = Path(str(helper.__file__))
    sources = [path.read_text("utf-8") for path in (first, *map(first.with_name, more))]
    execute = "__import__('builtins').exec"
    return (
        f"None if {helper.NAME!r} in {MODULES} else "
        f"(lambda space: [{execute}(source, space) for source in {sources!r}])({{'__name__': {helper.NAME!r}}})"
    )


def silent_request(expression: str) -> dict[str, Any]:
    """Return the content of an execute_request that leaves neither history nor execution count nor output."""
    return {
        "code": "",
        "silent": True,
        "store_history": False,
        "user_expressions": {"report": expression},
        "allow_stdin": False,
        "stop_on_error": False,
    }


async def ask(kernel: LiveKernel, helper: ModuleType, *more: str) -> Mapping[str, Any] | None:
    """Return what a helper tells; None where there is no answer (see `evaluate`).

    A helper is a module with NAME and report(); `more` are files beside it that are executed after it.
    """
    # One value: each is shown to the user's formatters.
    return await evaluate(kernel, f"({installing(helper, *more)}, {MODULES}[{helper.NAME!r}].report())[-1]")


async def evaluate(kernel: LiveKernel, expression: str) -> Mapping[str, Any] | None:
    """Evaluate an expression while nothing else runs in the kernel, and return what its value shows as our MIME type.

    None if the kernel is not IPython, or does not tell in time (see `reply`).
    """
    if kernel.implementation != "ipython":
        return None
    told = await reply(kernel, "execute_request", silent_request(expression))
    if told is None:
        return None
    try:
        facts = json.loads(told.get("user_expressions", {}).get("report", {}).get("data", {}).get(MIME, "{}"))
    except MALFORMED:
        return None
    return facts if isinstance(facts, dict) else None


async def reply(
    kernel: LiveKernel, kind: str, content: Mapping[str, Any], patience: float = PATIENCE
) -> Mapping[str, Any] | None:
    """Send a request while nothing else runs in the kernel, and return the reply's content; None if it takes too long.

    The kernel is interrupted then, and never ended: what hangs may be the user's own thread, and their variables are
    worth more than this answer.
    """
    if kernel.exit.done():
        return None
    request = kernel.send(kind, content)
    answering = asyncio.create_task(_answer(kernel, request))
    either: set[asyncio.Future[Any]] = {answering, kernel.exit}
    try:
        await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    finally:  # cancelled or too late: the interrupt must hit this request, not the next cell
        if not answering.done() and not kernel.exit.done():
            await kernel.interrupt()
            await asyncio.wait(either, timeout=GRACE, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            answering.cancel()
    return answering.result() if answering.done() else None


async def _answer(kernel: LiveKernel, request: str) -> Mapping[str, Any]:
    while True:
        message = await kernel.shell()
        if message.parent == request:
            return message.content
