"""The server on stdio with a watch over its loop: what held it for too long is written to the file named first.

CPU time of the loop's own thread is taken, so that a busy machine changes nothing.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

BOUND = 0.1
"""Seconds. The loop is to be free again after half of it; CPU time, too, doubles where two threads share a core."""

report = Path(sys.argv.pop(1))
running = asyncio.events.Handle._run  # type: ignore[attr-defined]


def _name(handle: Any) -> str:
    callback = handle._callback
    owner = getattr(callback, "__self__", None)
    coroutine = owner.get_coro() if isinstance(owner, asyncio.Task) else None
    if coroutine is None:
        return repr(callback)[:300]
    names = []
    while coroutine is not None:
        names.append(getattr(coroutine, "__qualname__", type(coroutine).__name__))
        coroutine = getattr(coroutine, "cr_await", None)
    return " > ".join(names)


def _watched(handle: Any) -> None:
    name = _name(handle)
    began = time.thread_time()
    running(handle)
    if (took := time.thread_time() - began) > BOUND:
        with report.open("a") as file:
            file.write(f"{took * 1e3:.0f} ms: {name} -> {_name(handle)}\n")


asyncio.events.Handle._run = _watched  # type: ignore[attr-defined]

if __name__ == "__main__":
    from ai_notebook_ls.__main__ import main

    sys.exit(main())
