"""From a model's text to a cell's new source: the last whole block of code that changes something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.candidates import CellEdit
from ai_notebook_ls.core.cells import LINE_END, Cell

FENCE = re.compile(r"(?P<indent> {0,3})(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")

NAMED = re.compile(r"\s*#\s*cell\s+(\d{1,6})\s*:?\s*$", re.IGNORECASE)
PYTHON = frozenset({"python", "python3", "py", "ipython", "ipython3"})


class Block(NamedTuple):
    """A fenced block."""

    language: str
    text: str | None
    """None if it never ends."""


def new_source(answer: str, cells: Sequence[Cell], number: Callable[[str], int], language: str) -> CellEdit | None:
    """Return the change that a model's answer proposes: its last block, of the cell that it names, else the first one.

    None where there is no block, or the last one was cut off, is empty, is not Python, or changes nothing, and where it
    names a cell that is not among those that may be changed.
    """
    block = last_block(answer)
    if block is None:
        return None
    named, source = named_cell(block)
    cell = cells[0] if named is None else next((each for each in cells if number(each.id) == named), None)
    if cell is None or not source.strip() or source.strip() == cell.source.strip():
        return None
    if language in ("python", "ipython") and magics.parse(source) is None:
        return None
    return CellEdit(cell.id, source)


def named_cell(source: str) -> tuple[int | None, str]:
    """Return the number of the cell that a block's first line names, and the text without that line."""
    first, _, rest = source.partition("\n")
    named = NAMED.match(first)
    return (int(named[1]), rest) if named else (None, source)


def last_block(answer: str) -> str | None:
    """Return what the last fenced block holds, the last one marked as Python if any is: others show output, or shell.

    None if there is none, or the last of all never ends: that answer was cut off, and half a cell is no cell.
    """
    found = list(blocks(answer))
    if not found or found[-1].text is None:
        return None
    marked = [block for block in found if block.language in PYTHON]
    return (marked or found)[-1].text


def blocks(answer: str) -> Iterator[Block]:
    """Yield the fenced blocks of a markdown text, in order."""
    lines: list[str] = []
    opening: re.Match[str] | None = None
    for line in LINE_END.split(answer):
        mark = FENCE.match(line)
        if opening is None:
            if mark is not None:
                opening, lines = mark, []
        elif mark is not None and not mark["info"].strip() and _closes(mark["mark"], opening["mark"]):
            yield Block(_language(opening), "\n".join(lines))
            opening = None
        else:
            indent = len(opening["indent"])
            lines.append(line[indent:] if not line[:indent].strip() else line)
    if opening is not None:
        yield Block(_language(opening), None)


def _language(opening: re.Match[str]) -> str:
    return opening["info"].strip().split(" ")[0].lower()


def _closes(mark: str, opening: str) -> bool:
    """A fence ends with at least as many of the same marks (CommonMark 0.31, 4.5)."""
    return mark[0] == opening[0] and len(mark) >= len(opening)
