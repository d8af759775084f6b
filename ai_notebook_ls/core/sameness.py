"""Whether two runs of a cell gave the same: strictly, but for what differs on every run."""

from __future__ import annotations

import math
import re
from typing import Any

from ai_notebook_ls.core.outcomes import Failure, Outcome, Output, strip_ansi

ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
TIMES = re.compile(r"^(?:CPU times|Wall time): .*$|^.*per loop \(mean.*$", re.MULTILINE)
WARNING = re.compile(r"^.*?:\d+: (\w*Warning: .*)$", re.MULTILINE)
FLOAT = re.compile(r"(?<![\w.])([-+]?\d+\.\d*(?:[eE][-+]?\d+)?)(?![\w.])")
LAST_DIGITS = 1e-9
"""Relative difference of two floats that is rounding, where the order of the same sums has changed say."""
PLACE = re.compile(r"\s*\((?:<[^<>]*>|[^()\s]+\.py), line \d+\)$")
"""How a SyntaxError's text ends: with the kernel's own name for the cell."""


def same_error(one: Failure, other: Failure) -> bool:
    """Return whether two failures are one error, whatever the kernel calls the cell and where its objects are."""
    return one.ename == other.ename and _error_text(one) == _error_text(other)


def _error_text(failure: Failure) -> str:
    return ADDRESS.sub("0x", PLACE.sub("", failure.evalue.strip()))


def same(old: Outcome, new: Outcome) -> bool:
    """Return whether two runs ended alike, with the same outputs.

    Addresses in memory, the times that `%time` and its like print, and the last digits of floats may differ. Of stderr
    only warnings count, and only new ones: an old one may well be what was to go.
    """
    ended = [(each.status, each.failure and (each.failure.ename, each.failure.evalue)) for each in (old, new)]
    if ended[0] != ended[1] or old.truncated_bytes != new.truncated_bytes:
        return False
    return _warnings(new) <= _warnings(old) and _alike(shown(old), shown(new))


def _alike(old: Any, new: Any) -> bool:
    """Whether two values are equal but for the last digits of the floats in them, and in their texts."""
    if old == new:
        return True
    if isinstance(old, str) and isinstance(new, str):
        return _alike_texts(old, new)
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_alike(old[key], new[key]) for key in old)
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        return len(old) == len(new) and all(map(_alike, old, new))
    both = isinstance(old, float) and isinstance(new, float)
    return both and math.isclose(old, new, rel_tol=LAST_DIGITS)


def _alike_texts(old: str, new: str) -> bool:
    olds, news = FLOAT.split(old), FLOAT.split(new)  # text and float in turn
    if len(olds) != len(news) or olds[1::2] == news[1::2]:
        return False
    # Numbers of other lengths move what is aligned with them.
    around = all(one.split() == other.split() for one, other in zip(olds[::2], news[::2], strict=True))
    pairs = zip(olds[1::2], news[1::2], strict=True)
    return around and all(math.isclose(float(one), float(other), rel_tol=LAST_DIGITS) for one, other in pairs)


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
