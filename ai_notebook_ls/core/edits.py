"""From an old text to a new one: the smallest edits, and the diff that people read."""

from __future__ import annotations

import bisect
import difflib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ai_notebook_ls.core.cells import LINE_END

DIFF_LINES = 2_000
"""Beyond so many changed lines one edit replaces them all: SequenceMatcher is quadratic."""


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace a range of the old text; lines by LSP's rule, columns in code points, both 0-based."""

    first_line: int
    first_column: int
    last_line: int
    last_column: int
    text: str


def minimal_edits(old: str, new: str) -> tuple[TextEdit, ...]:
    """Return the edits from old to new: in order, none overlapping, each as small as its lines allow."""
    starts = [0, *(match.end() for match in LINE_END.finditer(old))]
    edits = []
    for first, last, text in _replacements(old, new):
        first_line, last_line = bisect.bisect_right(starts, first) - 1, bisect.bisect_right(starts, last) - 1
        edits.append(TextEdit(first_line, first - starts[first_line], last_line, last - starts[last_line], text))
    return tuple(edits)


def unified_diff(old: str, new: str, name: str) -> str:
    """Return a unified diff; empty if no line differs. Line ends are not compared."""
    lines = difflib.unified_diff(LINE_END.split(old), LINE_END.split(new), name, name, lineterm="")
    return "\n".join(lines)


def _replacements(old: str, new: str) -> Iterator[tuple[int, int, str]]:
    """(first, last, text): offsets in old, and what stands there in new."""
    old_lines, new_lines = _with_ends(old), _with_ends(new)
    head = _common(old_lines, new_lines)
    tail = _common(old_lines[head:][::-1], new_lines[head:][::-1])
    old_middle = old_lines[head : len(old_lines) - tail]
    new_middle = new_lines[head : len(new_lines) - tail]
    offset = sum(map(len, old_lines[:head]))
    starts = [offset, *itertools.accumulate(map(len, old_middle), initial=offset)][1:]
    for i1, i2, j1, j2 in _changed(old_middle, new_middle):
        first, text = starts[i1], "".join(new_middle[j1:j2])
        if (trimmed := _trim(old, first, starts[i2], text)) is not None:
            yield trimmed


def _changed(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    if len(old) > DIFF_LINES or len(new) > DIFF_LINES:
        yield 0, len(old), 0, len(new)
        return
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield i1, i2, j1, j2


def _trim(old: str, first: int, last: int, text: str) -> tuple[int, int, str] | None:
    """Drop what both sides share at the ends, but never name a place inside CR LF: LSP has none there."""
    limit = min(last - first, len(text))
    head = _common(old[first : first + limit], text[:limit])
    while head and _inside_line_end(old, first + head):
        head -= 1
    limit -= head
    tail = _common(old[last - limit : last][::-1], text[len(text) - limit :][::-1]) if limit else 0
    while tail and _inside_line_end(old, last - tail):
        tail -= 1
    first, last, text = first + head, last - tail, text[head : len(text) - tail]
    return None if first == last and not text else (first, last, text)


def _inside_line_end(text: str, place: int) -> bool:
    return text[place - 1 : place + 1] == "\r\n"


def _with_ends(text: str) -> list[str]:
    ends = [match.end() for match in LINE_END.finditer(text)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


def _common(one: list[str] | str, other: list[str] | str) -> int:
    """How many leading items are equal."""
    for i, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return i
    return min(len(one), len(other))
