"""Notebooks as the product sees them: cells in order, whether they come from an .ipynb or a `# %%` script."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from ai_notebook_ls.core import limits
from ai_notebook_ls.core.failures import CellUnknown

CellKind = Literal["code", "markdown", "raw"]

SCRATCH = "ai-notebook-scratch"
"""The id of a cell that is in no notebook, and runs in the kernel as it is."""

LINE_END = re.compile(r"\r\n|\n|\r")
"""LSP 3.17's line ends; str.splitlines also cuts at \\f, \\x1c, \\x85 and \\u2028, which shifts what is below."""

MARKER = re.compile(r"#\s?%%(?=$|[\s\[])(?P<rest>.*)$|# In\[[ \d]*\]:?$|# <codecell>$")
"""A cell marker at column 0. `# %%time` is a commented magic (jupytext's reading), `#%% a` a cell (VS Code's)."""

_TOKEN = re.compile(
    r"#[^\n]*"
    r'|"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""'
    r"|\'\'\'[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*\'\'\'"
    r'|"""|\'\'\''
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    r"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'",
    re.DOTALL,
)
"""Comments and strings, and the opening of one that does not end; `tokenize` takes 250 ms for 10,000 lines."""

MARKER_KIND = re.compile(r"\[(markdown|md|raw)\]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, as in nbformat."""

    id: str
    """nbformat's cell id; in a script `cell-N`, N counted from 0."""
    source: str
    kind: CellKind = "code"
    uri: str = ""
    """The document that holds the text: the cell's own, or the whole script's."""
    version: int | None = None
    first_line: int = 0
    """The document line on which `source` begins: 0 in a notebook cell."""
    took_ms: float | None = None
    """How long it took in the user's own kernel, where the notebook says so (nbformat's `execution` metadata)."""

    @property
    def lines(self) -> list[str]:
        """The source split by LSP's line ends."""
        return LINE_END.split(self.source)

    @property
    def too_large(self) -> bool:
        """Whether it is code that is not analysed, since that would hold up everybody else; it can be run."""
        return self.kind == "code" and len(self.source) > limits.CELL

    @property
    def digest(self) -> str:
        """A short hash of the source: equal digests mean that nothing was edited."""
        return digest(self.source)


@dataclass(frozen=True, slots=True)
class Notebook:
    """An immutable snapshot of a notebook or a `# %%` script."""

    uri: str
    cells: tuple[Cell, ...]
    path: str | None = None
    """The file on this machine, if there is one; its folder is where cells run."""
    kernel_name: str | None = None
    """The kernelspec asked for by the notebook's metadata."""
    language: str = "python"
    text: str | None = None
    """A script's whole text; None for an .ipynb."""
    virtual: bool = False
    """A notebook that came as one text, which `text` is then (core/virtual.py)."""
    _index: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {cell.id: i for i, cell in enumerate(self.cells)})

    @property
    def is_script(self) -> bool:
        """Whether all cells share one document."""
        return self.text is not None

    @property
    def code(self) -> tuple[Cell, ...]:
        """The code cells, in notebook order."""
        return tuple(cell for cell in self.cells if cell.kind == "code")

    def index(self, cell_id: str) -> int:
        """Return the 0-based place of a cell among all cells. Raises CellUnknown."""
        try:
            return self._index[cell_id]
        except KeyError:
            raise CellUnknown(cell_id) from None

    def cell(self, cell_id: str) -> Cell:
        """Return the cell with this id. Raises CellUnknown."""
        return self.cells[self.index(cell_id)]

    def above(self, cell_id: str) -> tuple[Cell, ...]:
        """The code cells above a cell. Raises CellUnknown."""
        return tuple(cell for cell in self.cells[: self.index(cell_id)] if cell.kind == "code")

    def below(self, cell_id: str) -> tuple[Cell, ...]:
        """The code cells below a cell. Raises CellUnknown."""
        return tuple(cell for cell in self.cells[self.index(cell_id) + 1 :] if cell.kind == "code")

    def number(self, cell_id: str) -> int:
        """What people call the cell: its 1-based place among all cells. Raises CellUnknown."""
        return self.index(cell_id) + 1

    def with_sources(self, sources: Mapping[str, str]) -> Notebook:
        """Return a copy in which some cells have other text (cell id -> source)."""
        return replace(
            self,
            cells=tuple(replace(cell, source=sources[cell.id]) if cell.id in sources else cell for cell in self.cells),
        )

    def at_line(self, line: int) -> Cell:
        """Return a script's cell at a document line; the marker line belongs to its own cell. Raises CellUnknown."""
        found = None
        for cell in self.cells:
            if found is not None and line < cell.first_line - _marker_lines(cell):
                break
            found = cell
        if found is None:
            raise CellUnknown(f"line {line + 1}")
        return found


def cells_named(notebook: Notebook, cells: Sequence[str]) -> str:
    """`cell 3`, `cells 3 and 4`, `cells 1, 3 and 7 more`: as a person would say it."""
    numbers = [str(notebook.number(each)) for each in cells]
    if len(numbers) == 1:
        return f"cell {numbers[0]}"
    if len(numbers) > 6:
        return f"cells {', '.join(numbers[:5])} and {len(numbers) - 5} more"
    return f"cells {', '.join(numbers[:-1])} and {numbers[-1]}"


@lru_cache(maxsize=16384)
def digest(source: str) -> str:
    """Return a short, stable hash of a cell's source."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _marker_lines(cell: Cell) -> int:
    """How many document lines of a script's cell come before its source."""
    return 0 if cell.first_line == 0 else 1


def _lines_inside_strings(text: str) -> frozenset[int]:
    """The 0-based lines that continue a multi-line string; none where one does not end, being written just now."""
    inside: set[int] = set()
    line = place = 0
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in ('"""', "'''"):
            return frozenset()
        if height := token.count("\n"):
            line += text.count("\n", place, found.start())
            inside.update(range(line + 1, line + height + 1))
            line, place = line + height, found.end()
    return frozenset(inside)


def script_cells(text: str, uri: str = "", version: int | None = None) -> tuple[Cell, ...]:
    """Split Python text at its `# %%` markers.

    Text before the first marker is a cell of its own; a script without a marker, or beyond limits.SCRIPT, is one cell.
    Markers inside multi-line strings do not count.
    """
    if len(text) > limits.SCRIPT:
        return (Cell("cell-0", text, "code", uri, version),)
    lines = LINE_END.split(text)
    marks = [(i, m) for i, line in enumerate(lines) if line[:1] == "#" and (m := MARKER.match(line))]
    if marks and ('"""' in text or "'''" in text):
        inside = _lines_inside_strings("\n".join(lines))
        marks = [(i, m) for i, m in marks if i not in inside]

    def cell(index: int, first: int, end: int, kind: CellKind) -> Cell:
        return Cell(f"cell-{index}", "\n".join(lines[first:end]).rstrip(), kind, uri, version, first)

    if not marks:
        return (cell(0, 0, len(lines), "code"),)
    cells: list[Cell] = []
    if any(line.strip() for line in lines[: marks[0][0]]):
        cells.append(cell(0, 0, marks[0][0], "code"))
    ends = [i for i, _ in marks[1:]] + [len(lines)]
    for (start, mark), end in zip(marks, ends, strict=True):
        found = MARKER_KIND.search(mark["rest"] or "")
        kind: CellKind = "code" if not found else "raw" if found[1] == "raw" else "markdown"
        cells.append(cell(len(cells), start + 1, end, kind))
    return tuple(cells)


def replace_script_cells(text: str, edits: Iterable[tuple[Cell, str]]) -> str:
    """Return a script's text with the source of some cells replaced; markers and spacing stay."""
    newline = next(iter(LINE_END.findall(text)), "\n")
    lines = LINE_END.split(text)
    for cell, source in sorted(edits, key=lambda edit: edit[0].first_line, reverse=True):
        old_height = len(cell.lines) if cell.source else 0
        lines[cell.first_line : cell.first_line + old_height] = LINE_END.split(source) if source else []
    return newline.join(lines)
