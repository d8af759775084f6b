"""What the verbs work with, shared by all sessions of a process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.failures import CellTooLarge, NotACodeCell
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.core.recipes import Recipe
from ai_notebook_ls.ports import Consents, Kernels, ModelProvider, Provider, ProviderInfo
from ai_notebook_ls.settings import Settings


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


@dataclass(frozen=True)
class Assistant:
    """Kernels, providers and settings, and what was learned with them."""

    kernels: Kernels
    providers: tuple[Provider, ...]
    """The builtin one first, then the model, if the settings choose one."""
    settings: Settings
    recipes: tuple[Recipe, ...] = ()
    """Ready improvements, the most useful first."""
    memory: Memory = field(default_factory=Memory)
    listeners: set[Callable[[Notebook], None]] = field(default_factory=set)
    """Told when the state of a notebook's kernel has changed; one for each session."""
    model: ModelProvider | None = None
    consents: Consents | None = None
    """None: the user has agreed to nothing, and that cannot be kept."""

    @property
    def provider(self) -> ProviderInfo:
        """The provider that the settings choose."""
        return self.providers[-1].info

    def state_changed(self, notebook: Notebook) -> None:
        """Tell all sessions."""
        for listener in tuple(self.listeners):
            listener(notebook)

    def check(self, cell: Cell) -> Cell:
        """Return a cell that can be worked on. Raises NotACodeCell, CellTooLarge."""
        if cell.kind != "code":
            raise NotACodeCell(cell.kind)
        limit = self.settings.run.cell_limit
        if len(cell.source) > limit:
            raise CellTooLarge(len(cell.source), limit)
        return cell
