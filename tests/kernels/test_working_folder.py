"""The folder that a cell starts in: the one that the cells above it have set, whatever else has run."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_asyncio

from ai_notebook_ls.core.cells import SCRATCH, Cell, Notebook

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHERE = "import os; os.path.relpath(os.getcwd(), start)"
CELLS = {"first": "import os\nstart = os.getcwd()", "upper": WHERE, "moves": "%cd -q sub", "lower": WHERE}


@pytest.fixture
def notebook(tmp_path):
    """One in whose third cell the folder changes."""
    (tmp_path / "sub" / "deeper").mkdir(parents=True)
    cells = tuple(Cell(name, source) for name, source in CELLS.items())
    return Notebook("untitled:own", cells, path=str(tmp_path / "own.ipynb"))


@pytest_asyncio.fixture(loop_scope="module")
async def kernel(kernels, notebook, run):
    """Its kernel, after all of its cells."""
    kernel = kernels.kernel(notebook)
    for name, source in CELLS.items():
        await run(kernel, source, name)
    return kernel


def shown(outcome):
    """The value of a cell's last expression."""
    assert outcome.status == "ok", outcome.failure or outcome.notice
    return outcome.outputs[-1]["data"]["text/plain"]


async def test_what_a_lower_cell_sets_is_not_for_upper_ones(kernel, run):
    assert shown(await run(kernel, WHERE, "upper")) == "'.'"
    assert shown(await run(kernel, WHERE, "lower")) == "'sub'"
    for _ in range(2):  # again from where it began, not from where it left
        assert shown(await run(kernel, "%cd -q sub\n" + WHERE, "moves")) == "'sub'"
    assert shown(await run(kernel, WHERE, "upper")) == "'.'"
    assert shown(await run(kernel, "import os; os.chdir('sub/deeper')\n1 / 1", "moves")) == "1.0"
    assert shown(await run(kernel, WHERE, "first")) == "'.'"
    assert shown(await run(kernel, WHERE, "lower")) == "'sub/deeper'"


async def test_a_cell_that_failed_or_moves_no_more(kernel, run):
    assert (await run(kernel, "%cd -q sub/deeper\n1 / 0", "moves")).status == "error"
    assert shown(await run(kernel, WHERE, "lower")) == "'sub/deeper'"
    await run(kernel, "pass", "moves")
    assert shown(await run(kernel, WHERE, "lower")) == "'.'"


async def test_a_scratch_cell_is_where_the_kernel_is_and_moves_nobody(kernel, run):
    kernel.notebook = replace(kernel.notebook, cells=(*kernel.notebook.cells, Cell(SCRATCH, "")))
    assert shown(await run(kernel, WHERE, SCRATCH)) == "'sub'"
    await run(kernel, "%cd -q deeper", SCRATCH)
    assert shown(await run(kernel, WHERE, SCRATCH)) == "'sub/deeper'"
    assert shown(await run(kernel, WHERE, "deleted since")) == "'sub/deeper'"
    assert shown(await run(kernel, WHERE, "lower")) == "'sub'"


async def test_a_folder_may_have_any_name(kernel, run):
    await run(kernel, "name = 'a\\xa0\\n\\udc80'\nos.mkdir(name)\nos.chdir(name)", "moves")
    assert (await run(kernel, WHERE, "upper")).status == "ok"
    assert shown(await run(kernel, WHERE + " == name", "lower")) == "True"


async def test_a_folder_that_is_gone_does_not_keep_a_cell_from_running(kernel, run, tmp_path):
    await run(kernel, WHERE, "upper")
    (tmp_path / "sub" / "deeper").rmdir()
    (tmp_path / "sub").rmdir()
    assert shown(await run(kernel, "1", "lower")) == "1"


async def test_a_branch_keeps_to_it(kernel, run):
    async with kernel.branch() as branch:
        assert shown(await run(branch, WHERE, "upper")) == "'.'"
        assert shown(await run(branch, WHERE, "lower")) == "'sub'"
    assert shown(await run(kernel, WHERE, "upper")) == "'.'"
