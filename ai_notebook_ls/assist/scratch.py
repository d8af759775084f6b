"""The verb scratch: code that is in no cell, run beside the notebook."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.run import state_before
from ai_notebook_ls.assist.trying import kept, leave
from ai_notebook_ls.core.cells import SCRATCH, Cell, Notebook
from ai_notebook_ls.core.failures import BadArguments, Declined
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.ports import Kernel, Surface

TRIAL = "ai-notebook-trial"
"""The id of a cell that is tried within a notebook: what ran at its end, SCRATCH, is nothing to that."""


def with_scratch(notebook: Notebook, source: str, below: Cell | None = None) -> tuple[Notebook, Cell]:
    """Return a notebook with some code as a cell, at its end or below another one, and that cell."""
    name = TRIAL if below else SCRATCH
    uri = notebook.uri if notebook.is_script else f"{notebook.uri}#{name}"
    cell = Cell(name, source, "code", uri)
    place = notebook.index(below.id) + 1 if below else len(notebook.cells)
    return replace(notebook, cells=(*notebook.cells[:place], cell, *notebook.cells[place:])), cell


async def scratch(assistant: Assistant, notebook: Notebook, cell: Cell, surface: Surface) -> Outcome:
    """Run a scratch cell in the notebook's own sidecar kernel, as it is; what it changes makes cells stale.

    Raises BadArguments, CellTooLarge, KernelTrouble.
    """
    _check(assistant, cell)
    kernel = assistant.kernels.kernel(notebook)
    try:
        surface.progress("Waiting for the sidecar kernel" if kernel.queue else "Running")
        async with kernel.reserve():
            return await kernel.run_cell(cell, surface.output)
    finally:
        assistant.state_changed(notebook)


async def try_out(assistant: Assistant, notebook: Notebook, cell: Cell, surface: Surface) -> Outcome:
    """Run a scratch cell in a branch of the state at its place, of which nothing stays.

    Who asks may not have written the code, a model's say: it runs contained, or the user is asked first.
    Raises BadArguments, CellTooLarge, Declined, KernelTrouble.
    """
    _check(assistant, cell)
    async with state_before(assistant, notebook, cell, surface) as (before, skipped), AsyncExitStack() as stack:
        copy: Kernel = before

        async def contain() -> Kernel:
            nonlocal copy
            if not kept(assistant, before):
                copy = await stack.enter_async_context(before.branch(contained=True))
            return copy

        where = await leave(assistant, notebook, "Run this code in the sidecar?", cell.source, contain, surface)
        if where.refusal:
            raise Declined(where.answered)
        surface.progress("Running")
        async with copy.reserve():
            ran = {each.cell for each in copy.ledger}
            outcome = await copy.run_cell(cell, surface.output)
    replayed = tuple(each.id for each in notebook.code if each.id in ran)
    if skipped:
        failed = " and ".join(f"cell {notebook.number(each)}" for each in skipped)
        outcome = replace(outcome, notice=" ".join(filter(None, (f"Above it, {failed} failed.", outcome.notice))))
    return replace(outcome, replayed=replayed)


def _check(assistant: Assistant, cell: Cell) -> None:
    if not cell.source.strip():
        raise BadArguments("There is no code.", "Type some.")
    assistant.check(cell, only_run=True)
