"""Ask a kernel about its last failure, by the helper that is executed in it (probe.py)."""

from __future__ import annotations

from ai_notebook_ls.core.evidence import Evidence, Names
from ai_notebook_ls.kernels import asking, probe
from ai_notebook_ls.kernels.live import LiveKernel


async def ask(kernel: LiveKernel, ename: str) -> Evidence | None:
    """Return what the kernel knows about its last failure, of this name.

    None if it is not IPython, does not tell in time, or knows only of another one.
    """
    facts = await asking.ask(kernel, probe)
    if not facts or facts.get("ename") != ename:
        return None
    node = facts.get("node")
    return Evidence(
        ename=ename,
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
