"""What was learned about cells, and said about notebooks, while the server lives."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.core.requests import Turn

CONVERSATIONS, TURNS = 50, 20
"""Kept; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one text of one cell."""

    outcome: Outcome | None = None
    evidence: Evidence | None = None
    """What the kernel told of the outcome's failure."""
    explanation: str | None = None


class Memory:
    """The last outcome and explanation of each cell, forgotten oldest first and as soon as the text differs."""

    def __init__(self, size: int = 500) -> None:
        self._size = size
        self._known: OrderedDict[tuple[str, str, str], Known] = OrderedDict()

    def about(self, notebook: Notebook, cell: Cell) -> Known:
        """Return what is known about a cell as it stands."""
        return self._known.get(_key(notebook, cell), Known())

    def outcome(self, notebook: Notebook, cell: Cell, outcome: Outcome, evidence: Evidence | None = None) -> None:
        """Remember how a cell ran, and what the kernel told of its failure. What was said of another end is forgotten."""
        known = self.about(notebook, cell)
        same = known.outcome is not None and _end(known.outcome) == _end(outcome)
        self._put(notebook, cell, Known(outcome, evidence, known.explanation if same else None))

    def explanation(self, notebook: Notebook, cell: Cell, markdown: str) -> None:
        """Remember an explanation."""
        self._put(notebook, cell, replace(self.about(notebook, cell), explanation=markdown))

    def _put(self, notebook: Notebook, cell: Cell, known: Known) -> None:
        key = _key(notebook, cell)
        self._known[key] = known
        self._known.move_to_end(key)
        while len(self._known) > self._size:
            self._known.popitem(last=False)


def _end(outcome: Outcome) -> tuple[str, str, str]:
    failure = outcome.failure
    return outcome.status, failure.ename if failure else "", failure.evalue if failure else ""


def _key(notebook: Notebook, cell: Cell) -> tuple[str, str, str]:
    # Two sessions may know one file by different URIs; the path is what they share.
    return notebook.path or notebook.uri, cell.id, cell.digest


class Conversations:
    """What was said about each notebook."""

    def __init__(self) -> None:
        self._turns: OrderedDict[tuple[str, str], tuple[Turn, ...]] = OrderedDict()

    def turns(self, notebook: Notebook, conversation: str) -> tuple[Turn, ...]:
        """Return what was said, oldest first; nothing of a conversation that is not known."""
        return self._turns.get((notebook.path or notebook.uri, conversation), ())

    def add(self, notebook: Notebook, conversation: str, turn: Turn) -> None:
        """Remember a question and its answer."""
        key = (notebook.path or notebook.uri, conversation)
        self._turns[key] = (*self._turns.get(key, ()), turn)[-TURNS:]
        self._turns.move_to_end(key)
        while len(self._turns) > CONVERSATIONS:
            self._turns.popitem(last=False)
