"""Which cells a cell needs: what the question costs after an edit, and what a run then takes."""

from __future__ import annotations

import ast
import tempfile
import time
from collections.abc import Callable

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core import dataflow, effects, magics, slices
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.ledger import Entry, RunMode, names_of, plan, used_by
from ai_notebook_ls.core.slices import slice_of
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.lsp.surface import SilentSurface
from ai_notebook_ls.settings import Settings
from benchmarks.report import ABSENT, Samples, Section, Table, Target, ratio
from benchmarks.timing import since, turns

SIZES = (10, 200, 1_000, 5_000)
LIMIT = 20.0
"""Milliseconds, at 200 cells."""
RUN_CELLS = 200
MODES: tuple[RunMode, ...] = ("cell", "needed", "above")

METHOD = f"""\
A notebook of imports and then groups of ten cells, each group a small pipeline of its own: rows are made, filtered, put
in a dict, changed in place, summed by a function, shown. *Slice* is one edit of a cell in the middle, then asking which
cells the last one needs; *plan* is that and which of them are stale, by a ledger in which all have run. *From scratch*
has forgotten every cell. beniget has no cells and no increments: it gets the same text as one module, and is asked for
its def-use chains alone. *Run*: the last of {RUN_CELLS} cells in a sidecar kernel in which everything has run and
nothing is stale, by mode; `cell` runs it blindly, `above` replays everything."""

GROUP = (
    "rows_{n} = [{{'name': str(i), 'price': i * 3, 'sold': i % 5}} for i in range(20)]",
    "dear_{n} = [row for row in rows_{n} if row['price'] > {n} % 30]",
    "by_name_{n} = {{row['name']: row for row in dear_{n}}}",
    "def total_{n}(rows, scale=1.0):\n    result = 0.0\n    for row in rows:\n        result += row['price'] * scale\n"
    "    return math.floor(result)",
    "for row in dear_{n}:\n    row['share'] = row['price'] / (1 + len(dear_{n}))",
    "totals_{n} = []\ntotals_{n}.append(total_{n}(dear_{n}))",
    "counted_{n} = Counter(row['sold'] for row in rows_{n})",
    "%time best_{n} = max(by_name_{n}.values(), key=lambda row: row['price'])",
    "class Shop{n}:\n    def __init__(self, rows):\n        self.rows = rows\n    def best(self):\n        return best_{n}",
    "shop_{n} = Shop{n}(dear_{n})\nprint(shop_{n}.best(), totals_{n}, counted_{n}.most_common(2))",
)


def notebook(cells: int, folder: str = "") -> Notebook:
    """Return a notebook of so many cells."""
    sources = ["import math\nfrom collections import Counter"]
    while len(sources) < cells:
        sources += [text.format(n=len(sources)) for text in GROUP]
    made = (Cell(f"c{place}", text) for place, text in enumerate(sources[: cells - 1]))
    return Notebook("untitled:slices", (*made, Cell("last", "print('done', math.pi)")), path=f"{folder}/slices.ipynb")


async def measure(quick: bool) -> Section:
    """Measure questions, then runs."""
    rounds = 3 if quick else 25
    sizes = SIZES[:2] if quick else SIZES
    asked = {size: _questions(notebook(size), rounds if size <= RUN_CELLS else 3) for size in sizes}
    ran = await _runs(3 if quick else 12)
    names = list(next(iter(asked.values())))
    rows = [[name, *(cell for size in sizes for cell in _pair(asked[size][name]))] for name in names]
    header = ["", *(each for size in sizes for each in (f"{size:,} cells, p50 ms", "p95"))]
    runs = [[f"`{mode}`", *ran[mode].cells(), ratio(ran[mode].p50 / ran["cell"].p50)] for mode in MODES]
    return Section(
        "Slices",
        METHOD,
        (
            Table("The question", header, rows),
            Table("The run, nothing stale", ("mode", "p50 ms", "p95", "n", "x `cell`"), runs),
        ),
        (Target("slice after an edit, 200 cells, in ms", asked[RUN_CELLS]["slice"].p50, LIMIT),),
    )


def _questions(book: Notebook, rounds: int) -> dict[str, Samples]:
    ledger = [
        Entry(each.id, each.digest, n, "ok", 1.0, names_of(each, None), used_by(each))
        for n, each in enumerate(book.code, 1)
    ]
    target, middle = book.cells[-2], book.cells[len(book.cells) // 2]
    chains = _chains() if len(book.cells) <= RUN_CELLS else None
    asks: dict[str, Callable[[Notebook], object]] = {
        "slice": lambda edited: slice_of(edited, target.id),
        "plan": lambda edited: plan(edited, target.id, "needed", ledger),
        "slice, from scratch": _scratch(target.id),
        "def-use chains, beniget": chains if chains is not None else lambda edited: None,
    }
    found = {name: Samples() for name in asks}
    found["def-use chains, beniget"].why_none = "" if chains else ABSENT if len(book.cells) <= RUN_CELLS else "too slow"
    plan(book, target.id, "needed", ledger)
    for number, name in enumerate(turns(list(asks), rounds)):
        edited = book.with_sources({middle.id: f"{middle.source}  # {number}"})
        began = time.perf_counter()
        asks[name](edited)
        found[name].values.append(since(began))
    return found


def _scratch(target: str) -> Callable[[Notebook], object]:
    def ask(edited: Notebook) -> object:
        for cache in (magics.parse, dataflow.flow, effects.effects, slices._ties, slices._nodes):
            cache.cache_clear()
        return slice_of(edited, target)

    return ask


def _chains() -> Callable[[Notebook], object] | None:
    try:
        import beniget
        import gast
    except ImportError:
        return None

    def ask(edited: Notebook) -> object:
        text = "\n".join(each.source.removeprefix("%time ") for each in edited.code)
        found = beniget.DefUseChains()
        found.visit(gast.ast_to_gast(ast.parse(text)))
        return found

    return ask


async def _runs(rounds: int) -> dict[RunMode, Samples]:
    found: dict[RunMode, Samples] = {mode: Samples() for mode in MODES}
    with tempfile.TemporaryDirectory(prefix="ainb-") as folder:
        kernels = SidecarKernels(Settings())
        try:
            book = notebook(RUN_CELLS, folder)
            assistant, last = Assistant(kernels, (), Settings()), book.cells[-2]
            await run(assistant, book, last, "above", SilentSurface())
            for mode in turns(MODES, rounds):
                began = time.perf_counter()
                outcome = await run(assistant, book, last, mode, SilentSurface())
                found[mode].values.append(since(began))
                assert outcome.status == "ok" and (mode == "above" or not outcome.replayed), outcome
        finally:
            await kernels.close()
    return found


def _pair(samples: Samples) -> list[str]:
    return samples.cells()[:2]
