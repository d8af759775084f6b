"""Explanations without a model: how long one takes, with and without what the sidecar kernel knows."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from ai_notebook_ls.app import build
from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.explain import explain
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.lsp.surface import SilentSurface
from ai_notebook_ls.settings import Settings
from benchmarks.corpus import CELL
from benchmarks.report import Samples, Section, Table, Target
from benchmarks.timing import since

LIMIT = 200.0
"""Milliseconds that an explanation may take."""
TABLE = (
    "import pandas as pd\nimport numpy as np",
    "sales = pd.DataFrame({'region': list('NSNS') * 500, 'price': np.arange(2000.0), 'qty': 1})",
    "wide = pd.DataFrame(np.zeros((10, 50_000))).add_prefix('c')",
    "sales['total'] = sales['price'] * sales['qty']\n"
    "top = sales.groupby('region')['total'].sum().sort_values(ascending=False).head(3)\ntop.round(2)",
    "sales.groupby('Region')['total'].sum()",
    "wide['missing'] + 1",
)
RAN, FAILED, WIDE = "a cell that has run", "a cell that failed", "a cell that failed on 50,000 columns"
SMALL, LARGE = 200, 5_000

METHOD = f"""\
From the request to the last word, in the server's process, without a door. *Ran* and *failed* are cells of one notebook of
tables whose sidecar kernel is idle: it is asked for its variables and for the documentation of what is called; what it told of
the failure was kept when the cell ran. Before each round the cell is edited, so that nothing of it is known. In *first time*
no cell of the notebook has been analysed before; it is the last one that is explained, which reads a name from each of the
{SMALL} or {LARGE:,} others."""


async def measure(quick: bool) -> Section:
    """Measure with a kernel, then by the text alone."""
    rounds = 3 if quick else 20
    taken: dict[str, Samples] = {}
    async with _assistant() as assistant:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "tables.ipynb")
            cells = tuple(Cell(f"c{place}", source) for place, source in enumerate(TABLE))
            book = Notebook(path.as_uri(), cells, path=str(path))
            for name, place in ((RAN, 3), (FAILED, 4), (WIDE, 5)):
                taken[name] = await _explained(assistant, book, place, rounds)
        for count in (SMALL, LARGE):
            first, edited = f"{count:,} cells, first time", f"{count:,} cells, after an edit"
            taken[first], taken[edited] = Samples(), Samples()
            for turn in range(min(rounds, 5)):
                book = _long(count, turn)
                taken[first].values.append(await _timed(assistant, book, book.cells[-1]))
                taken[edited].values.append(await _timed(assistant, *_edited(book, book.cells[-1], 1)))
    rows = [[name, *samples.cells()] for name, samples in taken.items()]
    targets = [Target(f"explain, {name}, ms", samples.p50, LIMIT) for name, samples in taken.items()]
    return Section("Explain", METHOD, (Table("An explanation", ("", "p50 ms", "p95 ms", "n"), rows),), targets)


@asynccontextmanager
async def _assistant() -> AsyncIterator[Assistant]:
    settings = Settings()
    assistant = build(replace(settings, isolation=replace(settings.isolation, level="limited")))
    try:
        yield assistant
    finally:
        await assistant.kernels.close()


async def _explained(assistant: Assistant, book: Notebook, place: int, rounds: int) -> Samples:
    taken = Samples()
    for number in range(rounds):
        edited, cell = _edited(book, book.cells[place], number)
        await run(assistant, edited, cell, "needed", SilentSurface())
        taken.values.append(await _timed(assistant, edited, cell))
    return taken


async def _timed(assistant: Assistant, book: Notebook, cell: Cell) -> float:
    began = time.perf_counter()
    answer = await explain(assistant, book, cell, None, SilentSurface())
    took = since(began)
    assert "**What this cell does**" in answer.markdown
    return took


def _edited(book: Notebook, cell: Cell, number: int) -> tuple[Notebook, Cell]:
    edited = replace(cell, source=f"{cell.source}\n# edit {number}")
    return replace(book, cells=tuple(edited if each is cell else each for each in book.cells)), edited


def _long(count: int, turn: int) -> Notebook:
    sources: Sequence[str] = [CELL.format(n=n) + f" + {turn}" for n in range(count)]
    last = "\n".join(f"x_{n} = answer_{n * count // 20} + total_{n}([n])" for n in range(20))
    cells = (*(Cell(f"c{n}", source) for n, source in enumerate(sources)), Cell("last", last))
    return Notebook(f"untitled:{count}-{turn}", cells)
