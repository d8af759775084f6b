"""Whether two runs of a cell gave the same: strictly, but for what differs on every run."""

from __future__ import annotations

import re
from typing import Any

from ai_notebook_ls.core.outcomes import Failure, Outcome, Output, strip_ansi

ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
TIMES = re.compile(r"^(?:CPU times|Wall time): .*$|^.*per loop \(mean.*$", re.MULTILINE)
WARNING = re.compile(r"^.*?:\d+: (\w*Warning: .*)$", re.MULTILINE)
PLACE = re.compile(r"\s*\((?:<[^<>]*>|[^()\s]+\.py), line \d+\)$")
"""How a SyntaxError's text ends: with the kernel's own name for the cell."""


def same_error(one: Failure, other: Failure) -> bool:
    """Return whether two failures are one error, whatever the kernel calls the cell and where its objects are."""
    return one.ename == other.ename and _error_text(one) == _error_text(other)


def _error_text(failure: Failure) -> str:
    return ADDRESS.sub("0x", PLACE.sub("", failure.evalue.strip()))


def same(old: Outcome, new: Outcome) -> bool:
    """Return whether two runs ended alike, with the same outputs.

    Addresses in memory and the times that `%time` and its like print may differ. Of stderr only warnings count, and only
    new ones: an old one may well be what was to go.
    """
    ended = [(each.status, each.failure and (each.failure.ename, each.failure.evalue)) for each in (old, new)]
    if ended[0] != ended[1] or old.truncated_bytes != new.truncated_bytes:
        return False
    return _warnings(new) <= _warnings(old) and shown(old) == shown(new)


def _warnings(outcome: Outcome) -> frozenset[str]:
    return frozenset(found for each in outcome.outputs if _is_stderr(each) for found in WARNING.findall(each["text"]))


def _is_stderr(output: Output) -> bool:
    return bool(output["output_type"] == "stream" and output["name"] == "stderr")


def shown(outcome: Outcome) -> list[tuple[str, Any]]:
    """Return a run's outputs without warnings, its failure, and what differs on every run."""
    return [
        (each["output_type"], _plain(each.get("data", each.get("text", ""))))
        for each in outcome.outputs
        if each["output_type"] != "error" and not _is_stderr(each)
    ]


def _plain(value: Any) -> Any:
    """A text without what differs on every run; pictures and other data as they are."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, str):
        text = TIMES.sub("", strip_ansi(value))
        return ADDRESS.sub("0x", text)
    return value
