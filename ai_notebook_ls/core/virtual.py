r"""The one Python text that jupyterlab-lsp makes of a notebook, and which of its lines are which cell's.

Each cell is a *block* of lines, a line end and two blank lines after it (JupyterLab's lsp/virtual/document.ts); a
markdown cell's block is one empty line. Magics are rewritten as Python (jupyterlab-lsp's ipython/overrides.ts). The text
says neither where cells begin nor what they are called: that is found by comparing it with the notebook's cells. Line i
of a cell stands on line i of its block, and columns are those of the cell, whatever the block's own line says: so does
jupyterlab-lsp translate places, both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ai_notebook_ls.core.blocks import block, magic_end, source_of
from ai_notebook_ls.core.cells import Cell

GAP = 2
"""Blank lines between blocks (`blankLinesBetweenCells`)."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """Lines without two blank ones in a row among them, from the first that says something to the last."""

    start: int
    """A line of the text, or of its cell's block."""
    lines: tuple[str, ...]
    cell: int | None = None
    """Whose it is, as an index."""

    @property
    def end(self) -> int:
        return self.start + len(self.lines)


@dataclass(frozen=True, slots=True)
class _Place:
    """The lines of a cell."""

    cell: int | None
    """Which one, as an index; None for one that is not known."""
    start: int
    end: int


def aligned(text: str, known: Sequence[Cell], uri: str = "", version: int | None = None) -> tuple[Cell, ...]:
    """Return the cells of a virtual document, each with the line that it begins on.

    `known` is the notebook, perhaps a little older or newer: an edited cell keeps its id, a new one gets a passing one.
    Without a notebook, cells are what stands between blank lines.
    """
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()  # the last block's line end
    top = _from_top(lines, known)
    bottom = _from_bottom(lines, known, len(top), top[-1].end + GAP if top else 0)
    start = top[-1].end + GAP if top else 0
    end = bottom[0].start - GAP if bottom else len(lines)
    middle = _Middle(lines, known, range(len(top), len(known) - len(bottom)), start, end).places()
    return tuple(
        _cell(lines, known, place, number, uri, version) for number, place in enumerate((*top, *middle, *bottom))
    )


def _cell(
    lines: list[str], known: Sequence[Cell], place: _Place, number: int, uri: str, version: int | None
) -> Cell:  # fmt: skip
    here = lines[place.start : place.end]
    if place.cell is None:
        return Cell(f"new-{number}", source_of(here), "code", uri, version, place.start)
    cell = known[place.cell]
    same = cell.kind != "code" or not here or tuple(here) == block(cell)
    source = cell.source if same else source_of(here)
    return replace(cell, source=source, uri=uri, version=version, first_line=place.start)


def shown(text: str, cells: Sequence[Cell]) -> str:
    """Return a virtual document with its cells as their editor shows them: the same lines, magics as written."""
    lines = text.split("\n")
    ends = [*(cell.first_line for cell in cells[1:]), len(lines)]
    for cell, end in zip(cells, ends, strict=False):
        if cell.kind == "code":
            written = cell.source.split("\n")[: max(0, end - cell.first_line)]
            lines[cell.first_line : cell.first_line + len(written)] = written
    return "\n".join(lines)


# -- the ends, which are as the notebook is --------------------------------------------------------------------------


def _from_top(lines: list[str], known: Sequence[Cell]) -> list[_Place]:
    """Place the first cells, up to the first whose block is not there."""
    places: list[_Place] = []
    start = 0
    for index, cell in enumerate(known):
        end = start + len(block(cell))
        if tuple(lines[start:end]) != block(cell) or not (_gap(lines, end) or end == len(lines)):
            break
        places.append(_Place(index, start, end))
        start = end + GAP
    return places


def _from_bottom(lines: list[str], known: Sequence[Cell], first: int, start: int) -> list[_Place]:
    """Place the last cells, but none before `first` and none above `start`, down from the last that is not there."""
    places: list[_Place] = []
    end = len(lines)
    for index in reversed(range(first, len(known))):
        begin = end - len(block(known[index]))
        if begin < start or tuple(lines[begin:end]) != block(known[index]):
            break
        if begin != start and not (begin >= GAP and _gap(lines, begin - GAP)):
            break
        places.append(_Place(index, begin, end))
        end = begin - GAP
    return places[::-1]


def _gap(lines: list[str], at: int) -> bool:
    return lines[at : at + GAP] == [""] * GAP


# -- what is between them: usually one edited cell -------------------------------------------------------------------


class _Middle:
    """The cells and lines that the ends leave."""

    def __init__(self, lines: list[str], known: Sequence[Cell], cells: range, start: int, end: int) -> None:
        self._lines, self._known, self._cells = lines, known, cells
        self._start, self._end = start, end

    def places(self) -> list[_Place]:
        """Place them, in order."""
        if self._end <= self._start:
            return []  # not one block
        there = list(_segments(self._lines[self._start : self._end], self._start))
        wanted = [each for index in self._cells for each in _segments(block(self._known[index]), 0, index)]
        if len(self._cells) == 1 and len(there) == len(wanted):
            return [_Place(self._cells[0], self._start, self._end)]
        return self._with_blank_cells(list(self._with_text(wanted, there)))

    def _with_text(self, wanted: list[_Segment], there: list[_Segment]) -> Iterator[_Place]:
        owners = _owners(wanted, there)
        floor, place = self._start, 0
        while place < len(there):
            owner, last = owners[place], place
            while owner is not None and last + 1 < len(there) and _same_cell(owner, owners[last + 1]):
                last += 1
            if owner is None or owner.cell is None:
                yield _Place(None, there[place].start, there[place].end)
            else:
                begin = max(floor, there[place].start - owner.start)
                whole = block(self._known[owner.cell])
                end = begin + len(whole)
                is_whole = end >= there[last].end and tuple(self._lines[begin:end]) == whole
                yield _Place(owner.cell, begin, end if is_whole else there[last].end)
            floor = there[last].end + GAP
            place = last + 1

    def _with_blank_cells(self, places: list[_Place]) -> list[_Place]:
        """Add the cells whose blocks say nothing, each after the one before it."""
        taken = {place.cell for place in places}
        missing = [
            index
            for index in self._cells
            if index not in taken and (not any(map(str.strip, block(self._known[index]))) or self._is_foreign(index))
        ]
        found: list[_Place] = []
        line = self._start
        for place in (*places, _Place(self._cells.stop, self._end, self._end)):
            while missing and place.cell is not None and missing[0] < place.cell:
                begin = min(line, place.start)
                found.append(_Place(missing.pop(0), begin, begin))
                line = begin + 1 + GAP
            found.append(place)
            line = place.end + GAP
        return found[:-1]

    def _is_foreign(self, index: int) -> bool:
        """Whether a cell may have gone to another language's document, whole (an extractor's `keepInHost`)."""
        return self._known[index].source.startswith("%%")


def _owners(wanted: list[_Segment], there: list[_Segment]) -> list[_Segment | None]:
    """Return for each segment of the text which of the notebook's it is, or stands for; None where it is new."""
    owners: list[_Segment | None] = []
    match = SequenceMatcher(None, [each.lines for each in wanted], [each.lines for each in there], autojunk=False)
    for _, a, b, c, d in match.get_opcodes():
        inside = 0 < b < len(wanted) and _same_cell(wanted[b - 1], wanted[b])
        more = max(0, d - c - (b - a))
        owners += [*wanted[a:b][: d - c], *([wanted[b - 1] if inside else None] * more)]
    return owners


def _same_cell(one: _Segment, other: _Segment | None) -> bool:
    return other is not None and one.cell == other.cell


def _segments(lines: Sequence[str], start: int, cell: int | None = None) -> Iterator[_Segment]:
    """Split lines where two are blank in a row, but not within what a cell magic was made."""
    begin = end = whole = -1
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        if begin >= 0 and place - end > GAP and place > whole:
            yield _Segment(start + begin, tuple(lines[begin : end + 1]), cell)
            begin = -1
        if begin < 0:
            begin, whole = place, magic_end(lines, place)
        end = place
    if begin >= 0:
        yield _Segment(start + begin, tuple(lines[begin : end + 1]), cell)
