"""Ask a kernel about its last failure, by the helper that is executed in it (probe.py)."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ai_notebook_ls.core.evidence import Evidence, Names
from ai_notebook_ls.kernels import probe
from ai_notebook_ls.kernels.live import LiveKernel
from ai_notebook_ls.kernels.process import GRACE

PATIENCE = 2.0
"""Seconds that the kernel may look at its objects."""


@functools.cache
def _expressions() -> tuple[str, str]:
    """What installs the helper, and what asks it; neither touches the user's names."""
    source = Path(probe.__file__).read_text("utf-8")
    modules = "__import__('sys').modules"
    install = (
        f"None if {probe.NAME!r} in {modules} else "
        f"__import__('builtins').exec({source!r}, {{'__name__': {probe.NAME!r}}})"
    )
    return install, f"{modules}[{probe.NAME!r}].report()"


async def ask(process: LiveKernel, ename: str) -> Evidence | None:
    """Return what the kernel knows about its last failure, of this name.

    None if it is not IPython, does not tell in time, or knows only of another one.
    """
    if process.implementation != "ipython":
        return None
    install, report = _expressions()
    request = process.send(
        "execute_request",
        {
            "code": "",
            "silent": True,  # neither history nor execution count nor output
            "store_history": False,
            "user_expressions": {"install": install, "report": report},
            "allow_stdin": False,
            "stop_on_error": False,
        },
    )
    answering = asyncio.create_task(_answer(process, request))
    either: set[asyncio.Future[Any]] = {answering, process.exit}
    try:
        for limit in (PATIENCE, GRACE):
            await asyncio.wait(either, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                found = _evidence(answering.result())
                return found if found and found.ename == ename else None
            await process.interrupt()
        await process.end()
        return None
    except asyncio.CancelledError:
        await process.interrupt()
        raise
    finally:
        answering.cancel()


async def _answer(process: LiveKernel, request: str) -> Mapping[str, Any]:
    while True:
        message = await process.shell()
        if message.parent == request:
            return message.content


def _evidence(reply: Mapping[str, Any]) -> Evidence | None:
    """Read the helper's report."""
    data = reply.get("user_expressions", {}).get("report", {}).get("data", {})
    facts = json.loads(data.get(probe.MIME, "{}"))
    if "ename" not in facts:
        return None
    node = facts.get("node")
    return Evidence(
        ename=facts["ename"],
        bases=tuple(facts.get("bases", ())),
        missing=facts.get("missing"),
        offers=tuple(
            Names(offer["expression"], offer["kind"], tuple(offer["names"]), offer["type"])
            for offer in facts.get("offers", ())
        ),
        namespace=facts.get("namespace", {}),
        operands=tuple((text, kind) for text, kind in facts.get("operands", ())),
        node=(node[0], node[1], node[2], node[3]) if node else None,
        versions=facts.get("versions", {}),
        suggestion=facts.get("suggestion"),
    )
