"""The states in which the candidates of one fix are tried, each prepared once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.run import state_before
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.ledger import Entry
from ai_notebook_ls.ports import Kernel, Surface


@dataclass(frozen=True)
class State:
    """A kernel in the state before a cell, to be branched."""

    kernel: Kernel
    failing: tuple[str, ...]
    """The ids of the cells above that failed on the way there."""
    ledger: Sequence[Entry]


@dataclass
class States:
    """States before cells of a notebook as it stands; they end with the context."""

    assistant: Assistant
    notebook: Notebook
    surface: Surface
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _made: dict[tuple[str, bool], asyncio.Task[State]] = field(default_factory=dict)
    _spare: dict[tuple[str, bool], asyncio.Task[tuple[State, Kernel]]] = field(default_factory=dict)

    async def before(self, cell: Cell, clean: bool = False) -> State:
        """Return the state before a cell, without leftovers of other texts if `clean`. Raises KernelTrouble, Declined."""
        if (cell.id, clean) not in self._made:
            self._made[cell.id, clean] = asyncio.create_task(self._make(cell, shared=True, clean=clean))
        return await asyncio.shield(self._made[cell.id, clean])  # another candidate may wait for it, too

    def fork_ahead(self, cell: Cell) -> None:
        """Have a branch of the state before a cell ready for whoever comes next."""
        self._spare[cell.id, False] = asyncio.create_task(self._fork(cell, False, self._stack))

    async def contain(self, cell: Cell) -> Kernel:
        """Have a contained branch of the state before a cell ready. Raises NotContained, KernelTrouble, Declined."""
        spare = asyncio.create_task(self._fork(cell, False, self._stack, contained=True))
        _, kernel = await spare
        self._spare[cell.id, True] = spare
        return kernel

    @asynccontextmanager
    async def branch(
        self, cell: Cell, clean: bool = False, contained: bool = False
    ) -> AsyncIterator[tuple[State, Kernel]]:
        """Give a branch of `before`, closed with the context. Raises NotContained, KernelTrouble, Declined."""
        spare = self._spare.pop((cell.id, contained), None) if not clean else None
        if spare is not None:
            yield await spare  # closed with all else
            return
        async with AsyncExitStack() as stack:
            yield await self._fork(cell, clean, stack, contained)

    async def _fork(
        self, cell: Cell, clean: bool, stack: AsyncExitStack, contained: bool = False
    ) -> tuple[State, Kernel]:
        state = await self.before(cell, clean)
        branch = await stack.enter_async_context(state.kernel.branch(contained))
        if _runs(branch.ledger) == _runs(state.ledger):
            return state, branch
        # The notebook's own kernel was used by somebody else since: from now on a copy is, which is nobody else's.
        self._made[cell.id, clean] = asyncio.create_task(self._make(cell, shared=False, clean=clean))
        state = await self.before(cell, clean)
        return state, await stack.enter_async_context(state.kernel.branch(contained))

    async def _make(self, cell: Cell, shared: bool, clean: bool) -> State:
        prepared = state_before(self.assistant, self.notebook, cell, self.surface, shared=shared, clean=clean)
        kernel, failing = await self._stack.enter_async_context(prepared)
        return State(kernel, failing, kernel.ledger)

    async def __aenter__(self) -> States:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = (*self._made.values(), *self._spare.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stack.aclose()


def _runs(ledger: Sequence[Entry]) -> list[tuple[str, str]]:
    """What was run, whenever: a copy that cannot be forked has run it again."""
    return [(each.cell, each.digest) for each in ledger]
