"""What a provider is asked: the cell, what surrounds it and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.outcomes import Failure, Outcome


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """Explain a cell."""

    notebook: Notebook
    cell: Cell
    failure: Failure | None = None
    outcome: Outcome | None = None
    """The cell's last run in the sidecar, if there was one for this text."""


@dataclass(frozen=True, slots=True)
class FixRequest:
    """Propose candidates for a failing cell."""

    notebook: Notebook
    cell: Cell
    failure: Failure
    evidence: Evidence | None = None
    """None where the kernel could not be asked: not Python, died, or only a client's word for the failure."""
    attempts: tuple[Candidate, ...] = ()
    """What was tried before, with receipts: feedback for another round."""
