"""Fix: candidates are tried side by side on one prepared state, which none of them changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.requests import ExplainRequest, FixRequest
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.kernels.sidecar import SidecarKernel
from ai_notebook_ls.ports import ProviderInfo
from ai_notebook_ls.settings import IsolationSettings, Settings
from tests.assist.surfaces import Person

SLOW = "ran = open('ran.txt', 'a'); _ = ran.write('x'); ran.close()\nrows = [3, 1, 2]"
BROKEN = "rows.sort(reversed=True)\nrows.pop()\nrows"
DRAFTS = (
    "rows.sort(reverse=True)\nrows.pop()\nrows",
    "rows.sort()\nrows.pop()\nrows",
    "rows.sort(backwards=1)\nrows.pop()\nrows",
)


@dataclass
class Drafts:
    """A provider that proposes these texts for the failing cell."""

    texts: tuple[str, ...] = DRAFTS
    info: ProviderInfo = field(default_factory=lambda: ProviderInfo("drafts"))

    async def explain(self, request: ExplainRequest) -> AsyncIterator[str]:
        yield ""

    async def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        for text in self.texts if not request.attempts else ():
            yield Candidate(text, "builtin:drafts", "guess", (CellEdit(request.cell.id, text),))


@pytest_asyncio.fixture
async def assistant() -> AsyncIterator[Assistant]:
    # Not in a sandbox: how often a cell was run is seen by what it writes.
    kernels = SidecarKernels(Settings(isolation=IsolationSettings(level="limited")))
    yield Assistant(kernels, (Drafts(),), Settings())
    await kernels.close()


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    cells = (Cell("above", SLOW), Cell("broken", BROKEN))
    return Notebook("untitled:fix", cells, path=str(tmp_path / "fix.ipynb"))


def values(proposals) -> list[str]:
    """The value of the failing cell with each candidate that runs."""
    found = [candidate.receipt.outcome for candidate in proposals.candidates if candidate.receipt.outcome]
    return sorted(outcome.outputs[-1]["data"]["text/plain"] for outcome in found if outcome.status == "ok")


def replays(notebook: Notebook) -> int:
    """How often the cell above has been run."""
    return len((Path(notebook.path).parent / "ran.txt").read_text())


async def test_the_cells_above_are_run_once_for_all_candidates(assistant, notebook):
    proposals = await fix(assistant, notebook, notebook.cells[1], None, Person())
    # Each saw [3, 1, 2]: neither the failing run nor another candidate had sorted or popped it.
    assert values(proposals) == ["[1, 2]", "[3, 2]"]
    assert [candidate.receipt.verdict for candidate in proposals.candidates][2] == "new-error"
    assert replays(notebook) == 1


async def test_a_sidecar_kernel_in_the_right_state_is_branched_and_stays_as_it_is(assistant, notebook):
    await run(assistant, notebook, notebook.cells[0], "needed", Person())
    kernel = assistant.kernels.kernel(notebook)
    before = kernel.ledger
    proposals = await fix(assistant, notebook, notebook.cells[1], None, Person())
    assert values(proposals) == ["[1, 2]", "[3, 2]"]
    assert replays(notebook) == 1
    assert kernel.ledger == before
    async with kernel.reserve():
        outcome = await kernel.run_cell(Cell("look", "rows"))
    assert outcome.outputs[-1]["data"]["text/plain"] == "[3, 1, 2]"


async def test_a_kernel_in_which_the_cell_has_failed_is_not_the_state_before_it(assistant, notebook):
    half = notebook.with_sources({"broken": "rows.pop()\nrows.sort(reversed=True)"})
    outcome = await run(assistant, half, half.cells[1], "needed", Person())
    assert outcome.status == "error"  # and has popped
    drafts = Drafts(("rows.pop()\nrows.sort(reverse=True)\nrows",))
    proposals = await fix(Assistant(assistant.kernels, (drafts,), Settings()), half, half.cells[1], None, Person())
    assert values(proposals) == ["[3, 1]"]


async def test_without_forks_the_same_comes_out(assistant, notebook, monkeypatch):
    async def never(self: SidecarKernel, copy: SidecarKernel, contain: object = None) -> bool:
        return False

    monkeypatch.setattr(SidecarKernel, "_fork", never)
    proposals = await fix(assistant, notebook, notebook.cells[1], None, Person())
    assert values(proposals) == ["[1, 2]", "[3, 2]"]
    assert [candidate.receipt.verdict for candidate in proposals.candidates][2] == "new-error"
    assert replays(notebook) == 5  # once for the state, then for the failing run and each of three candidates


async def test_what_somebody_runs_meanwhile_is_not_what_candidates_find(assistant, notebook):
    await run(assistant, notebook, notebook.cells[0], "needed", Person())
    kernel = assistant.kernels.kernel(notebook)

    class Meddling(Drafts):
        async def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
            async with kernel.reserve():
                await kernel.run_cell(Cell("other", "rows = [9, 9, 9]"))
            async for each in super().candidates(request):
                yield each

    meddled = Assistant(assistant.kernels, (Meddling(),), Settings())
    proposals = await fix(meddled, notebook, notebook.cells[1], None, Person())
    assert values(proposals) == ["[1, 2]", "[3, 2]"]
    async with kernel.reserve():
        outcome = await kernel.run_cell(Cell("look", "rows"))
    assert outcome.outputs[-1]["data"]["text/plain"] == "[9, 9, 9]"
