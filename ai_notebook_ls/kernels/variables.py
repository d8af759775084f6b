"""Ask a kernel which variables it holds, by the helper that is executed in it (inventory.py, library_looks.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ai_notebook_ls.core.variables import Column, Table, Variable, Variables
from ai_notebook_ls.kernels import asking, inventory
from ai_notebook_ls.kernels.live import LiveKernel
from ai_notebook_ls.kernels.messages import MALFORMED


async def ask(kernel: LiveKernel) -> Variables | None:
    """Return the variables of an idle kernel, none of one that is not IPython; None if it does not tell in time."""
    if kernel.implementation != "ipython":
        return Variables()
    facts = await asking.ask(kernel, inventory, "library_looks.py")
    try:
        return Variables(tuple(map(_variable, facts["variables"])), facts["leftOut"]) if facts else None
    except MALFORMED:
        return None


def _variable(facts: Mapping[str, Any]) -> Variable:
    shape, table = facts.get("shape"), facts.get("table")
    return Variable(
        name=facts["name"],
        type=facts["type"],
        module=facts["module"],
        kind=facts["kind"],
        preview=facts["preview"],
        truncated=facts["truncated"],
        shape=tuple(shape) if shape is not None else None,
        dtype=facts.get("dtype"),
        bytes=facts.get("bytes"),
        columns=tuple(Column(each["name"], each["dtype"]) for each in facts.get("columns", ())),
        table=Table(tuple(table["index"]), tuple(map(tuple, table["rows"]))) if table else None,
    )
