"""What has run in a sidecar kernel, and what of it still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.outcomes import Status

RunMode = Literal["cell", "needed", "above", "all"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One run of one cell."""

    cell: str
    digest: str
    execution_count: int
    status: Status
    duration_ms: float
    names: tuple[str, ...] = ()
    """What it bound, rebound, deleted or changed in place, as far as that is known."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which cells a run takes: `replay` before the target, `fresh` not again."""

    replay: tuple[Cell, ...]
    fresh: tuple[Cell, ...]


def names_of(cell: Cell, observed: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names that a run of a cell changed: those that the kernel saw, else those that its text shows.

    The kernel does not see what is changed in place, the text not what is conditional: together they err on the safe side.
    """
    found = flow(cell.source)
    seen = found.defines | found.removes if observed is None else observed
    return tuple(dict.fromkeys((*sorted(seen), *sorted(found.changes))))


def fresh_cells(ledger: Sequence[Entry], cells: Sequence[Cell], target: Cell | None = None) -> tuple[Cell, ...]:
    """Return the leading cells whose state the kernel still holds, for the target or as they stand.

    A cell is fresh if its last run was of this very text, ended ok, and came after the last run of the fresh cell
    before it. The first cell that is not ends the search: without dataflow everything below it may depend on it.
    Nor is it fresh if anything that is not to be there by then, such as an earlier run of the target, has changed a
    name of its since that somebody is going to read.
    """
    last = {entry.cell: (place, entry) for place, entry in enumerate(ledger)}
    places: list[int] = []
    for cell in cells:
        place, entry = last.get(cell.id, (-1, None))
        if entry is None or entry.status != "ok" or entry.digest != cell.digest or place < max(places, default=-1):
            break
        places.append(place)
    while (kept := _untouched(ledger, places, cells, target)) < len(places):
        del places[kept:]
    return tuple(cells[: len(places)])


def _untouched(ledger: Sequence[Entry], places: Sequence[int], cells: Sequence[Cell], target: Cell | None) -> int:
    """How many of these runs have left what nobody else has changed since."""
    again = (*cells[len(places) :], *((target,) if target else ()))
    called = frozenset().union(*(flow(cell.source).called for cell in cells))
    read = called.union(*(flow(cell.source).reads for cell in again))
    for count, place in enumerate(places):
        names = read.intersection(ledger[place].names)
        if any(names.intersection(ledger[other].names) for other in range(place, len(ledger)) if other not in places):
            return count
    return len(places)


def leads_up_to(ledger: Sequence[Entry], cells: Sequence[Cell]) -> bool:
    """Return whether these cells, as they stand, are all that has run, in this order and without error."""
    ran = [(entry.cell, entry.digest, entry.status) for entry in ledger]
    return ran == [(cell.id, cell.digest, "ok") for cell in cells]


def plan(notebook: Notebook, cell_id: str, mode: RunMode, ledger: Sequence[Entry]) -> Plan:
    """Choose the cells to run before a cell. Raises CellUnknown.

    `cell`: none. `above`: all above. `needed`: all above but the fresh ones. `all`: as `above`; the cells below follow
    the target (see assist/run.py).
    """
    above = notebook.above(cell_id)
    if mode == "cell":
        return Plan((), ())
    if mode != "needed":
        return Plan(above, ())
    fresh = fresh_cells(ledger, above, notebook.cell(cell_id))
    return Plan(above[len(fresh) :], fresh)
