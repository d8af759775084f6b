"""Real kernels for the tests of this room."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.kernels.sidecar import SidecarKernel
from ai_notebook_ls.settings import IsolationSettings, RunSettings, Settings

LIMITED = IsolationSettings(level="limited")
RunSource = Callable[..., Awaitable[Outcome]]


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep this machine's IPython profile and kernels out of the tests, and leave nothing in the home folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("jupyter")))
        patch.setenv("AI_NOTEBOOK_LS_API_KEY", "secret")
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[SidecarKernel]:
    """One kernel for all tests of a module that do not care what has run in it; not in a sandbox."""
    kernels = SidecarKernels(Settings(run=RunSettings(output_limit=100_000), isolation=LIMITED))
    yield kernels.kernel(Notebook("untitled:shared", ()))
    await kernels.close()


async def end_all(kernels: SidecarKernels) -> None:
    """End and forget all kernels, but keep the zygote: its start takes longer than all that most tests do."""
    await asyncio.gather(*(kernel.close() for kernel in kernels._kernels.values()))
    kernels._kernels.clear()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def limited() -> AsyncIterator[SidecarKernels]:
    """The kernels of all tests of a module; not in a sandbox, so that we see what they do to the machine."""
    kernels = SidecarKernels(Settings(isolation=LIMITED))
    yield kernels
    await kernels.close()


@pytest_asyncio.fixture(loop_scope="module")
async def kernels(limited: SidecarKernels) -> AsyncIterator[SidecarKernels]:
    """Kernels of one's own, for tests that end them."""
    yield limited
    await end_all(limited)


@pytest_asyncio.fixture(loop_scope="module")
async def open_kernels() -> AsyncIterator[Callable[..., SidecarKernels]]:
    """Make kernels under other settings."""
    made: list[SidecarKernels] = []

    def make(**options: float) -> SidecarKernels:
        idle = options.pop("idle_minutes", 60.0)
        made.append(SidecarKernels(Settings(run=RunSettings(**options), isolation=LIMITED, idle_minutes=idle)))
        return made[-1]

    yield make
    for kernels in made:
        await kernels.close()


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    """A notebook in a folder of its own."""
    return Notebook("untitled:own", (), path=str(tmp_path / "own.ipynb"))


@pytest.fixture(scope="session")
def run() -> RunSource:
    """Run a source as a cell, a new one each time unless it is named."""
    numbers = itertools.count()

    async def run(kernel: SidecarKernel, source: str, cell: str | None = None, **options: object) -> Outcome:
        async with kernel.reserve():
            return await kernel.run_cell(Cell(cell or f"cell-{next(numbers)}", source), **options)

    return run
