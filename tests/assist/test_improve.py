"""Improve: the cells run before and after, in branches, and the receipt says what came of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.assist import improve as module
from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.improve import Wish, fitting, improve
from ai_notebook_ls.core.candidates import Candidate, Proposals
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import BadArguments, NotACodeCell, ProviderUnavailable
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.providers.builtin import BuiltinProvider
from ai_notebook_ls.providers.builtin.recipes import RECIPES
from ai_notebook_ls.settings import IsolationSettings, Settings
from tests.assist.surfaces import Person


@pytest_asyncio.fixture
async def assistant() -> AsyncIterator[Assistant]:
    kernels = SidecarKernels(Settings())
    yield Assistant(kernels, (BuiltinProvider(),), Settings(), RECIPES)
    await kernels.close()


class Asking:
    """Improve a notebook of these cells."""

    def __init__(self, assistant: Assistant, folder: Path) -> None:
        self.assistant = assistant
        self.folder = folder

    async def all(self, recipe: str | None, *sources: str, cell: int = 1) -> Proposals:
        cells = tuple(Cell(f"c{place}", text) for place, text in enumerate(sources, 1))
        notebook = Notebook("untitled:improve", cells, path=str(self.folder / "improve.ipynb"))
        return await improve(self.assistant, notebook, cells[cell - 1], Wish(recipe), Person())

    async def __call__(self, recipe: str, *sources: str, cell: int = 1) -> Candidate:
        [candidate] = (await self.all(recipe, *sources, cell=cell)).candidates
        return candidate


@pytest.fixture
def ask(assistant: Assistant, tmp_path: Path) -> Asking:
    return Asking(assistant, tmp_path)


async def test_equal_outputs_verify(ask: Asking) -> None:
    found = await ask("f-strings", "x = 3", "print('{} eggs'.format(x), object())", "x + 1", cell=2)
    assert [edit.source for edit in found.edits] == ["print(f'{x} eggs', object())"]
    assert (found.receipt.verdict, found.origin) == ("verified", "builtin:f-strings")
    assert found.receipt.reason == "Ran cells 2 and 3 before and after the change: all outputs are equal."
    assert [(each.cell, each.status) for each in found.receipt.downstream] == [("c3", "ok")]


async def test_an_output_that_differs_is_told_and_not_verified(ask: Asking) -> None:
    tricky = "class A:\n    def __format__(self, s): return 'formatted'\n    def __str__(self): return 'text'"
    found = await ask("f-strings", tricky, "print('%s' % (A(),))", cell=2)
    assert (found.receipt.verdict, found.receipt.reason) == ("unchecked", "Outputs differ: cell 2.")


async def test_what_breaks_a_cell_below_is_a_new_error(ask: Asking) -> None:
    found = await ask("unused", "from math import sin\nx = 1", "y = __builtins__.globals()['s' + 'in'](x)", cell=1)
    assert found.receipt.verdict == "new-error"
    assert found.receipt.reason == "After the change cell 2 fails: KeyError."


async def test_what_fails_as_it_is_and_runs_then_is_told_but_not_equal(ask: Asking) -> None:
    found = await ask("modernise", "import numpy as np", "print(np.product([2, 3]))", cell=2)
    assert found.edits[0].source == "print(np.prod([2, 3]))"
    assert found.receipt.verdict == "unchecked"
    assert found.receipt.reason == "Cell 2 already fails as it is; it runs after the change."
    assert found.receipt.outcome.outputs[0]["text"] == "6\n"


async def test_a_cell_that_differs_on_every_run_is_not_blamed_on_the_change(ask: Asking) -> None:
    found = await ask("f-strings", "x = '{}'.format(1)", "import time\nprint(x, time.time_ns())")
    assert found.receipt.verdict == "unchecked"
    assert found.receipt.reason == "The output of cell 2 differs on every run, so it cannot be compared."
    found = await ask("f-strings", "x = '{}'.format(1)", "import time\nprint(time.time_ns())")
    assert found.receipt.verdict == "verified"
    assert found.receipt.reason.endswith("Cell 2 reads nothing of the change, and differs on every run.")


async def test_a_cell_that_fails_already_cannot_be_compared(ask: Asking) -> None:
    found = await ask("f-strings", "print('{}'.format(1))\n1 / 0")
    assert found.receipt.verdict == "unchecked"
    assert found.receipt.reason == "Cell 1 already fails as it is; it cannot be compared."
    found = await ask("f-strings", "print('{}'.format(1))", "1 / 0")
    assert found.receipt.verdict == "verified"
    assert "Cell 2 failed before and after, alike." in found.receipt.reason


async def test_what_reaches_outside_is_not_run_and_that_is_said(tmp_path: Path) -> None:
    settings = Settings(isolation=IsolationSettings(level="limited"))
    kernels = SidecarKernels(settings)
    try:
        await _reaching_outside(Asking(Assistant(kernels, (BuiltinProvider(),), settings, RECIPES), tmp_path))
    finally:
        await kernels.close()


async def _reaching_outside(ask: Asking) -> None:
    found = await ask("f-strings", "print('{}'.format(1))", "!touch made.txt", "import subprocess as s\ns.run(['ls'])")
    assert found.receipt.verdict == "verified"
    assert found.receipt.reason.endswith("Cells 2 and 3 not run: effects outside of the notebook.")
    found = await ask("f-strings", "!echo hello\nprint('{}'.format(1))")
    assert found.receipt.verdict == "unchecked"
    assert "Cell 1 could not be run here (it has effects outside of the notebook)." in found.receipt.reason


async def test_the_time_is_limited_and_that_is_said(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUDGET", 0.0)
    found = await ask("f-strings", "print('{}'.format(1))", "2", "3")
    assert found.receipt.reason.endswith("Cells 2 and 3 not run: the time was up.")
    found = await ask("imports", "import os\nos", "import sys", cell=2)
    assert (found.receipt.verdict, found.receipt.reason) == (
        "unchecked",
        "Cell 2 could not be run here (the time was up). Cell 2 not run: the time was up.",
    )


async def test_types_are_those_that_the_cells_call_with(ask: Asking) -> None:
    cell = "class Box:\n    def put(self, what, at=0):\n        return [what]\n\ndef never(a):\n    return a"
    calls = "Box().put('ä')\n\ndef gen(n):\n    yield n\n\nlist(gen(2))\ntry:\n    Box().put(*[1, 2, 3])\nexcept TypeError: pass"
    found = await ask("types", cell, calls)
    assert found.receipt.verdict == "verified", found.receipt.reason
    assert found.edits[0].source == cell.replace("what, at=0)", "what: str, at: int = 0) -> list[str]")
    found = await ask("types", cell, calls, cell=2)
    assert "def gen(n: int):" in found.edits[0].source, "what a generator yields is not what it returns"


async def test_a_function_that_only_raised_returns_nothing_that_is_known(ask: Asking) -> None:
    found = await ask("types", "def f(a):\n    raise ValueError(a)", "try: f(1)\nexcept ValueError: pass")
    assert found.edits[0].source.startswith("def f(a: int):")


async def test_a_docstring_has_real_types(ask: Asking) -> None:
    found = await ask("docstring", "def double(x):\n    return x * 2", "double(2.5)")
    assert found.receipt.verdict == "verified"
    assert "        x (float):" in found.edits[0].source
    assert "        float:" in found.edits[0].source


async def test_without_a_recipe_each_that_fits_is_tried(ask: Asking) -> None:
    found = await ask.all(None, "import os\ndef f(a):\n    return '{}'.format(a)\nprint(f(1))", "import sys\nsys")
    assert {each.origin for each in found.candidates} == {
        f"builtin:{name}" for name in ("imports", "unused", "f-strings", "types", "docstring")
    }
    assert all(each.receipt.verdict == "verified" for each in found.candidates), found


async def test_where_nothing_is_to_be_changed_that_is_said(ask: Asking) -> None:
    found = await ask.all("pathlib", "x = 1")
    assert found.candidates == ()
    assert "nothing to change" in found.note
    found = await ask.all("types", "def f(a):\n    return a")
    assert found.candidates == (), "never called"
    assert "nothing to change" in found.note


async def test_the_sidecar_kernel_and_the_notebook_stay_as_they_are(ask: Asking) -> None:
    found = await ask("f-strings", "rows = ['{}'.format(1)]")
    assert found.receipt.verdict == "verified"
    kernel = next(iter(ask.assistant.kernels._kernels.values()), None)
    assert kernel is None or not kernel.ledger


async def test_bad_requests_name_what_there_is(assistant: Assistant) -> None:
    notebook = Notebook("untitled:bad", (Cell("c1", "x"), Cell("c2", "# Title", "markdown")))
    code, text = notebook.cells
    with pytest.raises(ProviderUnavailable, match="imports, unused, modernise, f-strings, pathlib, types, docstring"):
        await improve(assistant, notebook, code, Wish(instruction="make it faster"), Person())
    with pytest.raises(BadArguments, match="f-strings"):
        await improve(assistant, notebook, code, Wish("fstrings"), Person())
    with pytest.raises(NotACodeCell):
        await improve(assistant, notebook, text, Wish("imports"), Person())
    assert fitting(assistant, notebook, text) == ()
