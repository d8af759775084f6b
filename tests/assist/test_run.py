"""Run: what is needed, and what is asked about first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import Declined
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.settings import IsolationSettings, RunSettings, Settings
from tests.assist.surfaces import Person

CELLS = (
    Cell("load", "rows = [1, 2, 3]"),
    Cell("save", "with open('out.txt', 'a') as out:\n    written = out.write('x')"),
    Cell("other", "names = ['a']"),
    Cell("sum", "total = sum(rows)"),
    Cell("show", "print(total, written)"),
)


@pytest_asyncio.fixture
async def kernels() -> AsyncIterator[SidecarKernels]:
    # Not in a sandbox: there, nothing that a cell does reaches out.
    kernels = SidecarKernels(Settings(isolation=IsolationSettings(level="limited")))
    yield kernels
    await kernels.close()


@pytest.fixture
def assistant(kernels: SidecarKernels) -> Assistant:
    return Assistant(kernels, (), Settings())


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook("untitled:run", CELLS, path=str(tmp_path / "run.ipynb"))


async def test_only_what_is_needed_runs_and_only_once(assistant: Assistant, notebook: Notebook) -> None:
    person = Person()
    outcome = await run(assistant, notebook, notebook.cell("sum"), "needed", person)
    assert (outcome.status, outcome.replayed, outcome.fresh) == ("ok", ("load",), ())
    assert "First cell 1, then this one" in person.said
    outcome = await run(assistant, notebook, notebook.cell("sum"), "needed", person)
    assert (outcome.replayed, outcome.fresh) == ((), ("load",))
    edited = notebook.with_sources({"load": "rows = [4]"})
    outcome = await run(assistant, edited, edited.cell("sum"), "needed", person)
    assert (outcome.replayed, outcome.fresh) == (("load",), ())
    assert person.asked == []


async def test_a_cell_that_writes_is_asked_about(assistant: Assistant, notebook: Notebook, tmp_path: Path) -> None:
    person = Person()
    outcome = await run(assistant, notebook, notebook.cell("show"), "needed", person)
    assert person.asked == [
        "Before cell 5, cells 1, 2 and 4 run in the sidecar kernel.\nCell 2 writes out.txt.",
    ]
    assert outcome.outputs[0]["text"] == "6 1\n"
    again = await run(assistant, notebook, notebook.cell("show"), "needed", person)
    assert (again.replayed, len(person.asked)) == ((), 1)
    assert (tmp_path / "out.txt").read_text() == "x"


@pytest.mark.parametrize("answer", [2, None], ids=["cancel", "nobody"])
async def test_without_consent_nothing_runs(
    assistant: Assistant, notebook: Notebook, tmp_path: Path, answer: int | None
) -> None:
    with pytest.raises(Declined):
        await run(assistant, notebook, notebook.cell("show"), "needed", Person(answer))
    with pytest.raises(Declined):
        await fix(assistant, notebook, notebook.cell("show"), None, Person(None))
    assert assistant.kernels.kernel(notebook).ledger == ()
    assert not (tmp_path / "out.txt").exists()


async def test_the_cell_alone_can_be_chosen(assistant: Assistant, notebook: Notebook) -> None:
    outcome = await run(assistant, notebook, notebook.cell("show"), "needed", Person(1))
    assert outcome.failure is not None
    assert (outcome.failure.ename, outcome.replayed) == ("NameError", ())


async def test_a_full_replay_is_not_asked_about(assistant: Assistant, notebook: Notebook) -> None:
    person = Person()
    outcome = await run(assistant, notebook, notebook.cell("show"), "above", person)
    assert (outcome.status, outcome.replayed, person.asked) == ("ok", ("load", "save", "other", "sum"), [])


async def test_a_slow_cell_is_asked_about(kernels: SidecarKernels, notebook: Notebook) -> None:
    assistant = Assistant(kernels, (), Settings(run=RunSettings(slow=0.0)))
    person = Person()
    await run(assistant, notebook, notebook.cell("load"), "cell", person)
    edited = notebook.with_sources({"load": "rows = [4]"})
    await run(assistant, edited, edited.cell("sum"), "needed", person)
    assert person.asked == ["Before cell 4, cell 1 runs in the sidecar kernel.\nCell 1 took 0 s last time."]


async def test_the_notebooks_own_times_count(assistant: Assistant, notebook: Notebook) -> None:
    timed = Notebook("untitled:run", (Cell("load", CELLS[0].source, took_ms=150_000.0), *CELLS[1:]), path=notebook.path)
    person = Person()
    await run(assistant, timed, timed.cell("sum"), "needed", person)
    assert person.asked == ["Before cell 4, cell 1 runs in the sidecar kernel.\nCell 1 took 2 minutes last time."]


async def test_a_sandboxed_kernel_writes_nothing_that_matters(notebook: Notebook) -> None:
    kernels = SidecarKernels(Settings())
    try:
        kernel = kernels.kernel(notebook)
        async with kernel.reserve():
            await kernel.run_cell(Cell("z", "1"))
        if kernel.level != "sandboxed":
            pytest.skip("no sandbox here")
        person = Person()
        outcome = await run(Assistant(kernels, (), Settings()), notebook, notebook.cell("show"), "needed", person)
        assert (outcome.status, person.asked) == ("ok", [])
    finally:
        await kernels.close()
