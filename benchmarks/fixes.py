"""From a click on Fix to a diff with its receipt, by what the failure takes; no model."""

from __future__ import annotations

import tempfile
import time

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.lsp.surface import SilentSurface
from ai_notebook_ls.providers.builtin import BuiltinProvider
from ai_notebook_ls.settings import Settings
from benchmarks.report import Samples, Section, Table, Target
from benchmarks.timing import since, turns

LIMIT = 300.0
"""Milliseconds, a name in the failing cell misspelt."""

METHOD = """\
A notebook of three cells whose first two have run in its sidecar kernel; the third fails. Measured is the verb: the
failing run in a branch, the evidence, the rules, each candidate in a branch of its own, the receipt. Each round is a
fresh text, so that nothing is remembered of the round before."""

FAILURES = {
    "misspelt name": ("rows = [3, 1, 2]", "total = sum(rows)", "print(totl, {n})"),
    "misspelt argument": ("rows = [3, 1, 2]", "total = sum(rows)", "rows.sort(revers=True)\nrows, {n}"),
    "missing import": ("rows = [3, 1, 2]", "total = sum(rows)", "math.sqrt(total) + {n}"),
    "in the cell above": ("rows = [3, 1, 2]", "rows = rows.sort()", "rows[0] + {n}"),
}
MAIN = "misspelt name"


async def measure(quick: bool) -> Section:
    """Measure fixes of each failure in turn."""
    found = {name: Samples() for name in FAILURES}
    verdicts: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="ainb-") as folder:
        kernels = SidecarKernels(Settings())
        assistant = Assistant(kernels, (BuiltinProvider(),), Settings())
        try:
            for number, name in enumerate(turns(list(FAILURES), 3 if quick else 15)):
                cells = (Cell(f"c{place}", text.format(n=number)) for place, text in enumerate(FAILURES[name], 1))
                book = Notebook(f"untitled:{name}", tuple(cells), path=f"{folder}/fixes.ipynb")
                await run(assistant, book, book.cells[1], "needed", SilentSurface())
                began = time.perf_counter()
                proposals = await fix(assistant, book, book.cells[2], None, SilentSurface())
                if number >= len(FAILURES):  # the first round starts kernels and imports what rules need
                    found[name].values.append(since(began))
                best = next(iter(proposals.candidates), None)
                verdicts[name] = best.receipt.verdict if best and best.receipt else "no candidate"
        finally:
            await kernels.close()
    rows = [[name, *samples.cells(), verdicts[name]] for name, samples in found.items()]
    return Section(
        "Fixes",
        METHOD,
        (Table("From the click to the diff", ["failure", "p50 ms", "p95", "n", "best receipt"], rows),),
        (Target("a verified fix, the state ready, in ms", found[MAIN].p50, LIMIT),),
    )
