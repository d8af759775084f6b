"""The verb run: a cell, and the cells it needs, in the notebook's sidecar kernel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.ledger import RunMode, leads_up_to, plan
from ai_notebook_ls.core.outcomes import OnOutput, Outcome
from ai_notebook_ls.ports import Kernel, KernelState, Surface


def ignore(cell: str, output: object) -> None:
    """Take an output that nobody watches."""


async def run(assistant: Assistant, notebook: Notebook, cell: Cell, mode: RunMode, surface: Surface) -> Outcome:
    """Run a cell; the outcome says which cells were run before it and which were fresh.

    If a cell above fails, the outcome holds its failure and the asked cell is not run.
    Raises NotACodeCell, CellTooLarge, KernelTrouble.
    """
    assistant.check(cell)
    kernel = assistant.kernels.kernel(notebook)
    try:
        before = f" ({kernel.queue} before this one)" if kernel.queue else ""
        surface.progress(f"Waiting for the sidecar kernel{before}")
        async with kernel.reserve():
            chosen = plan(notebook, cell.id, mode, kernel.ledger)
            rest = notebook.below(cell.id) if mode == "all" else ()
            ran, outcome = await run_in_order(assistant, kernel, notebook, (*chosen.replay, cell, *rest), cell, surface)
    finally:
        assistant.state_changed(notebook)
    return replace(
        outcome,
        replayed=tuple(each for each in ran if each not in (cell.id, outcome.cell)),
        fresh=tuple(each.id for each in chosen.fresh),
    )


@asynccontextmanager
async def state_before(
    assistant: Assistant, notebook: Notebook, cell: Cell, surface: Surface
) -> AsyncIterator[tuple[Kernel, tuple[str, ...]]]:
    """Give a throwaway kernel in the state before a cell, and the ids of the cells above that failed on the way there.

    Cells above that fail are passed over, as a user does who runs cells one by one.
    """
    above = [each for each in notebook.above(cell.id) if each.source.strip()]
    kernel = assistant.kernels.kernel(notebook)
    if above and kernel.state is KernelState.IDLE and leads_up_to(kernel.ledger, above):
        async with kernel.branch() as branch:
            yield branch, ()
        return
    skipped: list[str] = []
    async with assistant.kernels.throwaway(notebook) as fresh:
        async with fresh.reserve():
            for each in above:
                surface.progress(f"Replaying cell {notebook.number(each.id)}")
                if (await fresh.run_cell(each, ignore)).status != "ok":
                    skipped.append(each.id)
        yield fresh, tuple(skipped)


async def run_in_order(
    assistant: Assistant,
    kernel: Kernel,
    notebook: Notebook,
    cells: Sequence[Cell],
    target: Cell,
    surface: Surface,
) -> tuple[list[str], Outcome]:
    """Run cells until one fails; return the ids of those that ran, and the target's outcome or the failing one's."""
    ran: list[str] = []
    wanted: Outcome | None = None
    outcome: Outcome | None = None
    duration = 0.0
    notices: list[str] = []
    for place, cell in enumerate(cells, 1):
        if not cell.source.strip() and cell is not target:
            continue
        surface.progress(f"Running cell {notebook.number(cell.id)} ({place} of {len(cells)})")
        on_output: OnOutput = surface.output if cell is target else ignore
        outcome = await kernel.run_cell(cell, on_output)
        # Asked at once: the next run makes the kernel forget it.
        evidence = await kernel.evidence(outcome) if outcome.failure else None
        assistant.memory.outcome(notebook, cell, outcome, evidence)
        ran.append(cell.id)
        notices += [outcome.notice] if outcome.notice and cell is not target else []
        duration += outcome.duration_ms
        wanted = outcome if cell is target else wanted
        if outcome.status != "ok":
            break
    assert outcome is not None
    if outcome.status == "ok":
        assert wanted is not None
        outcome = wanted
    elif outcome.cell != target.id:
        number, own = notebook.number(outcome.cell), notebook.number(target.id)
        did = f"cell {own} was not run." if wanted is None else "the rest was not run."
        notices = [f"Cell {number} failed, so {did}", *notices]
    if outcome.cell == target.id and outcome.notice:
        notices.append(outcome.notice)
    return ran, replace(outcome, duration_ms=duration, notice=" ".join(notices))
