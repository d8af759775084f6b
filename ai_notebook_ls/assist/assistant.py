"""What the verbs work with, shared by all sessions of a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ai_notebook_ls.assist.history import History
from ai_notebook_ls.assist.memory import Conversations, Memory
from ai_notebook_ls.core import limits
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import CellTooLarge, NotACodeCell
from ai_notebook_ls.core.recipes import Recipe
from ai_notebook_ls.ports import Consents, Kernels, ModelProvider, Preview, Provider, ProviderInfo
from ai_notebook_ls.settings import Settings


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
    conversations: Conversations = field(default_factory=Conversations)
    history: History = field(default_factory=History)
    model: ModelProvider | None = None
    allowed: set[str] = field(default_factory=set)
    """URIs of the notebooks in which the user lets code that is not his run uncontained."""
    consents: Consents | None = None
    """None: the user has agreed to nothing, and that cannot be kept."""

    @property
    def provider(self) -> ProviderInfo:
        """The provider that the settings choose."""
        return self.providers[-1].info

    def noting(self) -> tuple[Assistant, list[Preview]]:
        """Return the same assistant for one wish, and the list of what is sent to a model for it."""
        sent: list[Preview] = []
        if self.model is None:
            return self, sent
        model = self.model.noting(sent.append)
        providers = tuple(model if each is self.model else each for each in self.providers)
        return replace(self, providers=providers, model=model), sent

    def state_changed(self, notebook: Notebook) -> None:
        """Tell all sessions."""
        for listener in tuple(self.listeners):
            listener(notebook)

    async def close(self) -> None:
        """End all kernels, and close the model's connections."""
        if self.model is not None:
            await self.model.close()
        await self.kernels.close()

    def check(self, cell: Cell, only_run: bool = False) -> Cell:
        """Return a cell that can be worked on, or at least be run. Raises NotACodeCell, CellTooLarge."""
        if cell.kind != "code":
            raise NotACodeCell(cell.kind)
        if cell.too_large and not (only_run and len(cell.source) <= limits.CELL_RUN):
            raise CellTooLarge(
                len(cell.source), limits.CELL_RUN if only_run else limits.CELL, "run" if only_run else "analysed"
            )
        return cell
