"""Ask a kernel about its last failure, by the helper that is executed in it (probe.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ai_notebook_ls.core.evidence import Callee, Column, Evidence, Names, Parameter, Value
from ai_notebook_ls.kernels import asking, probe
from ai_notebook_ls.kernels.live import LiveKernel
from ai_notebook_ls.kernels.messages import MALFORMED


async def ask(kernel: LiveKernel, ename: str) -> Evidence | None:
    """Return what the kernel knows about its last failure, of this name.

    None if it is not IPython, does not tell in time, or knows only of another one.
    """
    facts = await asking.ask(kernel, probe, "probe_values.py")
    if not facts or facts.get("ename") != ename:
        return None
    try:
        return _evidence(ename, facts)
    except MALFORMED:
        return None


def _evidence(ename: str, facts: Mapping[str, Any]) -> Evidence:
    node = facts.get("node")
    return Evidence(
        ename=ename,
        bases=tuple(facts.get("bases", ())),
        missing=facts.get("missing"),
        offers=tuple(
            Names(offer["expression"], offer["kind"], tuple(offer["names"]), offer["type"])
            for offer in (*facts.get("offers", ()), *facts.get("homes", ()), *facts.get("magics", ()))
        ),
        namespace=facts.get("namespace", {}),
        operands=tuple((text, kind) for text, kind in facts.get("operands", ())),
        node=(node[0], node[1], node[2], node[3]) if node else None,
        versions=facts.get("versions", {}),
        suggestion=facts.get("suggestion"),
        local=facts.get("local", {}),
        values=tuple(map(_value, facts.get("values", ()))),
        callee=_callee(facts.get("callee")),
        files=tuple(facts.get("files", ())),
        encoding=facts.get("encoding"),
        separator=facts.get("separator"),
        shadow=facts.get("shadow"),
    )


def _value(facts: Mapping[str, Any]) -> Value:
    shape = facts.get("shape")
    return Value(
        expression=facts["expression"],
        type=facts["type"],
        length=facts.get("length"),
        shape=tuple(shape) if shape is not None else None,
        items=facts.get("items", ""),
        texts=_column(facts),
        columns=tuple(map(_column, facts.get("columns", ()))),
        index=tuple(facts.get("index", ())),
        labels=facts.get("labels", ""),
    )


def _column(facts: Mapping[str, Any]) -> Column:
    name, dtype, looks = (facts.get(key, "") for key in ("name", "dtype", "looks"))
    return Column(name, dtype, looks, tuple(facts.get("gaps", ())), facts.get("day_first"))


def _callee(facts: Mapping[str, Any] | None) -> Callee | None:
    return Callee(facts["expression"], tuple(Parameter(*each) for each in facts["parameters"])) if facts else None
