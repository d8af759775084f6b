"""What has run in a sidecar kernel, and what of it still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ai_notebook_ls.core.cells import Cell, Notebook
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


@dataclass(frozen=True, slots=True)
class Plan:
    """Which cells a run takes: `replay` before the target, `fresh` not again."""

    replay: tuple[Cell, ...]
    fresh: tuple[Cell, ...]


def fresh_cells(ledger: Sequence[Entry], cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return the leading cells whose state the kernel still holds.

    A cell is fresh if its last run was of this very text, ended ok, and came after the last run of the fresh cell
    before it. The first cell that is not ends the search: without dataflow everything below it may depend on it.
    """
    last = {entry.cell: (place, entry) for place, entry in enumerate(ledger)}
    fresh: list[Cell] = []
    before = -1
    for cell in cells:
        place, entry = last.get(cell.id, (-1, None))
        if entry is None or entry.status != "ok" or entry.digest != cell.digest or place < before:
            break
        fresh.append(cell)
        before = place
    return tuple(fresh)


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
    fresh = fresh_cells(ledger, above)
    return Plan(above[len(fresh) :], fresh)
