"""Which cells are asked about before they are rerun: slow ones, and those that reach out of the notebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dotted import Names
from ai_notebook_ls.core.ledger import Entry
from ai_notebook_ls.core.reach import names_in, reaches_out


@dataclass(frozen=True, slots=True)
class Caution:
    """A cell that is asked about before it is rerun."""

    cell: Cell
    why: str
    """What speaks against it, as the end of a sentence: `took 42 s last time`."""


def cautions(
    notebook: Notebook, cells: Iterable[Cell], durations_ms: Mapping[str, float], slow_ms: float, contained: bool
) -> tuple[Caution, ...]:
    """Return which of the cells to ask about; in a kernel that is contained nothing reaches out."""
    found = []
    names = Names() if contained else names_in(notebook)
    for cell in cells:
        took = durations_ms.get(cell.id, 0.0)
        reasons = [f"took {_seconds(took)} last time"] if took >= slow_ms else []
        if not contained and (reach := reaches_out(cell.source, names)):
            reasons.append(reach)
        if reasons:
            found.append(Caution(cell, " and ".join(reasons)))
    return tuple(found)


def durations(ledger: Sequence[Entry], cells: Iterable[Cell]) -> dict[str, float]:
    """Return how long cells took when they last ran in the sidecar, else by the notebook's own timings, in ms."""
    known = {cell.id: cell.took_ms for cell in cells if cell.took_ms is not None}
    return known | {entry.cell: entry.duration_ms for entry in ledger}


def _seconds(milliseconds: float) -> str:
    seconds = milliseconds / 1e3
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
