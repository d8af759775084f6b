"""One real kernel a module, the rules' proposals for a cell that fails in it, and whether they run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.kernels.sidecar import SidecarKernel
from ai_notebook_ls.providers.builtin import BuiltinProvider
from ai_notebook_ls.settings import IsolationSettings, Settings

RESET = Cell(
    "reset",
    "for _each in [name for name in globals() if name[0] != '_' and name not in ('In', 'Out', 'get_ipython', 'exit', 'quit')]:"
    "\n    del globals()[_each]",
)
"""As `%reset -f`, which takes a tenth of a second for its garbage collection."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kernel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SidecarKernel]:
    path = tmp_path_factory.mktemp("notebook") / "rules.py"
    kernels = SidecarKernels(Settings(isolation=IsolationSettings(level="limited")))
    yield kernels.kernel(Notebook(Path(path).as_uri(), (), path=str(path)))
    await kernels.close()


async def fixes(kernel: SidecarKernel, cells: list[Cell], target: Cell) -> tuple[Outcome, list[Candidate]]:
    """Run cells up to the target; return its outcome and what is proposed."""
    async with kernel.reserve():
        await kernel.run_cell(RESET)
        for cell in cells[: cells.index(target)]:
            assert (await kernel.run_cell(cell)).status == "ok"
        outcome = await kernel.run_cell(target)
        assert outcome.failure is not None
        evidence = await kernel.evidence(outcome)
    request = FixRequest(Notebook("file:///rules.py", tuple(cells)), target, outcome.failure, evidence)
    return outcome, [candidate async for candidate in BuiltinProvider().candidates(request)]


async def runs(kernel: SidecarKernel, cells: list[Cell], candidate: Candidate) -> bool:
    """Whether all cells run with a candidate's edits."""
    fixed = {edit.cell: edit.source for edit in candidate.edits}
    async with kernel.reserve():
        await kernel.run_cell(RESET)
        outcomes = [await kernel.run_cell(Cell(cell.id, fixed.get(cell.id, cell.source))) for cell in cells]
    return bool(fixed) and all(each.status == "ok" for each in outcomes)
