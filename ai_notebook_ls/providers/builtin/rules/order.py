"""NameError whose cause is the order of the cells."""

from __future__ import annotations

from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.context import FixRequest
from ai_notebook_ls.core.dataflow import definer, definer_below, flow, missing
from ai_notebook_ls.providers.builtin.rules.names import missing_name


def defined_below(request: FixRequest) -> Iterator[Candidate]:
    """A name that only a later cell defines: that cell has to run first, with what it needs itself."""
    name = missing_name(request)
    if name is None or (cell := definer_below(request.notebook, request.cell.id, name)) is None:
        return
    first = _with_needs(request.notebook, request.cell, cell)
    numbers = ", ".join(str(request.notebook.number(each)) for each in first)
    what = f"cell {numbers}, which defines" if len(first) == 1 else f"cells {numbers}, which define"
    yield Candidate(f"Run {what} `{name}`, first", "builtin:order", "action", run_first=first)


def _with_needs(notebook: Notebook, target: Cell, cell: Cell) -> tuple[str, ...]:
    """The cells below the target that have to run before it: the one found, and what that one misses."""
    needed, work = set(), [cell]
    while work:
        each = work.pop()
        if each.id not in needed:
            needed.add(each.id)
            known = missing(notebook, each.id)
            below = {other.id for other in notebook.below(target.id)}
            work += [other for other in known.below.values() if other.id in below]
            work += _between(notebook, target, each)
    return tuple(other.id for other in notebook.below(target.id) if other.id in needed)


def _between(notebook: Notebook, target: Cell, cell: Cell) -> list[Cell]:
    """The cells between the target and a cell below that define what the latter reads."""
    start = notebook.index(target.id)
    found = (definer(notebook, cell.id, name) for name in flow(cell.source).reads)
    return [other for other in found if other is not None and notebook.index(other.id) > start]
