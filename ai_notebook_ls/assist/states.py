"""The states in which the candidates of one fix are tried, each prepared once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.run import state_before
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.ports import Kernel, Surface

Prepared = tuple[Kernel, tuple[str, ...]]
"""A kernel in the state before a cell, to be branched; the ids of the cells above that failed on the way there."""


@dataclass
class States:
    """States before cells of a notebook as it stands; they end with the context."""

    assistant: Assistant
    notebook: Notebook
    surface: Surface
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _made: dict[str, asyncio.Task[Prepared]] = field(default_factory=dict)

    async def before(self, cell: Cell) -> Prepared:
        """Return the state before a cell. Raises KernelTrouble."""
        if cell.id not in self._made:
            self._made[cell.id] = asyncio.create_task(self._make(cell))
        return await asyncio.shield(self._made[cell.id])  # another candidate may wait for it, too

    async def _make(self, cell: Cell) -> Prepared:
        return await self._stack.enter_async_context(state_before(self.assistant, self.notebook, cell, self.surface))

    async def __aenter__(self) -> States:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._made.values():
            task.cancel()
        await asyncio.gather(*self._made.values(), return_exceptions=True)
        await self._stack.aclose()
