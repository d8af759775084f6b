"""The text of an .ipynb: where each cell's source stands in it, and that source written as its neighbours are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SPACE = re.compile(r"[ \t\n\r]*")
ESCAPED = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")
"""The escape of a character that is not ASCII."""
SURROGATE = re.compile(r"[\ud800-\udfff]")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Span:
    """Where a cell's source stands."""

    start: int
    end: int
    indent: str
    """What stands before its key, if that has a line of its own."""


def with_sources(text: str, sources: Mapping[int, str]) -> str:
    """Return a notebook's text with new sources, by the cells' indexes; all else stays to the byte.

    Raises ValueError if it is no notebook of cells with sources.
    """
    spans = list(_spans(text))
    ascii_only = text.isascii() and ESCAPED.search(text) is not None
    for index in sorted(sources, reverse=True):
        span = spans[index]
        if span is None:
            raise ValueError("a cell without a source")
        old = text[span.start : span.end]
        if "".join(json.loads(old)) != sources[index]:
            text = text[: span.start] + _written(old, sources[index], span, ascii_only) + text[span.end :]
    return text


def _spans(text: str) -> Iterator[Span | None]:
    """Yield where the source of each cell stands, in order."""
    found: list[Span | None] = []
    for key, start, _ in _members(text, _past_space(text, 0)):
        if key == "cells":  # where a key comes twice, the last one counts
            found = []
            for cell_start in _elements(text, start):
                sources = [
                    Span(begin, end, _indent(text, key_at))
                    for (name, key_at), begin, end in _members_with_places(text, cell_start)
                    if name == "source"
                ]
                found.append(sources[-1] if sources else None)
    yield from found


def _members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    for (key, _), start, end in _members_with_places(text, at):
        yield key, start, end


def _members_with_places(text: str, at: int) -> Iterator[tuple[tuple[str, int], int, int]]:
    """Yield each key of an object with its place, and where its value begins and ends."""
    at = _past(text, at, "{")
    while text[at : at + 1] != "}":
        key_at = at
        key, at = _DECODER.raw_decode(text, at)
        at = _past(text, _past_space(text, at), ":")
        _, end = _DECODER.raw_decode(text, at)
        yield (key, key_at), at, end
        at = _past_space(text, end)
        if text[at : at + 1] != "}":
            at = _past(text, at, ",")


def _elements(text: str, at: int) -> Iterator[int]:
    """Yield where each element of an array begins."""
    at = _past(text, at, "[")
    while text[at : at + 1] != "]":
        yield at
        _, at = _DECODER.raw_decode(text, at)
        at = _past_space(text, at)
        if text[at : at + 1] != "]":
            at = _past(text, at, ",")


def _past(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise ValueError(f"no {mark} at {at}")
    return _past_space(text, at + 1)


def _past_space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _indent(text: str, key_at: int) -> str:
    before = text[text.rfind("\n", 0, key_at) + 1 : key_at]
    return before if not before.strip() else ""


def _written(old: str, source: str, span: Span, ascii_only: bool) -> str:
    """Write a source as the old one was written: as text or as lines, and each line that stays by its old bytes."""
    if not old.startswith("["):
        return _quoted(source, ascii_only)
    places = list(_elements(old, 0))
    tokens = [old[at : _DECODER.raw_decode(old, at)[1]] for at in places]
    known = {json.loads(token): token for token in tokens}
    lines = [known.get(line) or _quoted(line, ascii_only) for line in source.splitlines(keepends=True)]
    if not lines:
        return "[]"
    if places:
        opening = old[1 : places[0]]
        closing = old[places[-1] + len(tokens[-1]) : -1]
        between = "," + (old[places[0] + len(tokens[0]) : places[1]].partition(",")[2] if places[1:] else opening)
    else:
        unit = " " if set(span.indent) <= {" "} else "\t"
        opening = f"\n{span.indent}{unit}" if span.indent else ""
        closing = f"\n{span.indent}" if span.indent else ""
        between = f",{opening}" if span.indent else ", "
    return f"[{opening}{between.join(lines)}{closing}]"


def _quoted(text: str, ascii_only: bool) -> str:
    quoted = json.dumps(text, ensure_ascii=ascii_only)
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
