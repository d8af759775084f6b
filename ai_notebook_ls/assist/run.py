"""The verb run: a cell, and the cells it needs, in the notebook's sidecar kernel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.trying import kept
from ai_notebook_ls.core.caution import Caution, cautions, durations
from ai_notebook_ls.core.cells import Cell, Notebook, cells_named
from ai_notebook_ls.core.failures import Declined
from ai_notebook_ls.core.ledger import Entry, Plan, RunMode, out_of_turn, plan, refresh
from ai_notebook_ls.core.outcomes import OnOutput, Outcome
from ai_notebook_ls.core.questions import CANCEL, ONLY_THIS, RUN_THEM
from ai_notebook_ls.core.slices import Node, node_of, slice_of
from ai_notebook_ls.ports import Kernel, KernelState, Surface


def ignore(cell: str, output: object) -> None:
    """Take an output that nobody watches."""


async def run(assistant: Assistant, notebook: Notebook, cell: Cell, mode: RunMode, surface: Surface) -> Outcome:
    """Run a cell; the outcome says which cells were run before it and which were fresh.

    If a cell above fails, the outcome holds its failure and the asked cell is not run. Cells that are needed but slow,
    or that reach out of the notebook, are asked about first. Raises NotACodeCell, CellTooLarge, Declined, KernelTrouble.
    """
    assistant.check(cell, only_run=True)
    kernel = assistant.kernels.kernel(notebook)
    if mode == "needed":
        chosen = await asyncio.to_thread(plan, notebook, cell.id, mode, kernel.ledger)
        mode = await _agreed(assistant, kernel, notebook, cell, chosen, surface)
    try:
        before = f" ({kernel.queue} before this one)" if kernel.queue else ""
        surface.progress(f"Waiting for the sidecar kernel{before}")
        async with kernel.reserve():
            chosen = await asyncio.to_thread(plan, notebook, cell.id, mode, kernel.ledger)
            if chosen.replay:
                surface.progress(f"First {cells_named(notebook, [each.id for each in chosen.replay])}, then this one")
            rest = notebook.below(cell.id) if mode == "all" else ()
            ran, outcome = await run_in_order(assistant, kernel, notebook, (*chosen.replay, cell, *rest), cell, surface)
    finally:
        assistant.state_changed(notebook)
    widened = mode == "needed" and chosen.replay
    unsure = (await asyncio.to_thread(slice_of, notebook, cell.id)).unsure if widened else ()
    return replace(
        outcome,
        replayed=tuple(each for each in ran if each not in (cell.id, outcome.cell)),
        fresh=tuple(each.id for each in chosen.fresh),
        notice=" ".join(filter(None, (outcome.notice, *unsure))),
    )


async def _agreed(
    assistant: Assistant, kernel: Kernel, notebook: Notebook, cell: Cell, chosen: Plan, surface: Surface
) -> RunMode:
    """Ask about the cells above that should not be rerun blindly. Raises Declined."""
    found = await asyncio.to_thread(doubts, assistant, kernel, notebook, chosen.replay)
    if not found:
        return "needed"
    answer = await surface.ask(_question(notebook, cell, chosen, found), (RUN_THEM, ONLY_THIS, CANCEL))
    if answer not in (RUN_THEM, ONLY_THIS):
        raise Declined(answer is not None)
    return "needed" if answer == RUN_THEM else "cell"


def doubts(assistant: Assistant, kernel: Kernel, notebook: Notebook, cells: Sequence[Cell]) -> tuple[Caution, ...]:
    """Return which of the cells should not be run in a kernel without the user's word."""
    took = durations(kernel.ledger, notebook.code)
    for each in cells:
        known = assistant.memory.about(notebook, each).outcome
        if known is not None:
            took.setdefault(each.id, known.duration_ms)
    return cautions(notebook, cells, took, assistant.settings.run.slow * 1e3, kept(assistant, kernel))


def _question(notebook: Notebook, cell: Cell, chosen: Plan, found: Sequence[Caution]) -> str:
    first = cells_named(notebook, [each.id for each in chosen.replay])
    run = "runs" if len(chosen.replay) == 1 else "run"
    reasons = [f"Cell {notebook.number(each.cell.id)} {each.why}." for each in found]
    return "\n".join([f"Before cell {notebook.number(cell.id)}, {first} {run} in the sidecar kernel.", *reasons])


@asynccontextmanager
async def state_before(
    assistant: Assistant,
    notebook: Notebook,
    cell: Cell,
    surface: Surface,
    whole: bool = False,
    shared: bool = False,
    clean: bool = False,
) -> AsyncIterator[tuple[Kernel, tuple[str, ...]]]:
    """Give a throwaway kernel in the state before a cell, and the ids of the cells above that failed on the way there.

    It is a branch of the notebook's kernel in which what is stale has run again, or a fresh one. What the cell does not
    need is left out, unless the `whole` state is wanted, or the cell reads a name that nobody above makes: what should
    stand there may be anything. Cells above that fail are passed over, as a user does who runs cells one by one.
    `shared`: the notebook's kernel itself where nothing is to run on the way, for a caller that will only branch it, and
    see by the ledger whether somebody else has used it since. `clean`: a fresh one in any case, that holds no name but
    those made on the way.
    """
    kernel = assistant.kernels.kernel(notebook)
    node, late = await asyncio.to_thread(_seen, notebook, cell.id, tuple(kernel.ledger))
    choose = refresh if whole or node.leftovers else _needed
    usable = not clean and kernel.state is KernelState.IDLE and not late
    chosen = await asyncio.to_thread(choose, notebook, cell.id, kernel.ledger if usable else ())
    if found := await asyncio.to_thread(doubts, assistant, kernel, notebook, chosen.replay):
        answer = await surface.ask(_question(notebook, cell, chosen, found), (RUN_THEM, CANCEL))
        if answer != RUN_THEM:
            raise Declined(answer is not None)
    if shared and usable and kernel.ledger and not chosen.replay:
        yield kernel, ()
        return
    skipped: list[str] = []
    async with kernel.branch() if usable else assistant.kernels.throwaway(notebook) as copy:
        async with copy.reserve():
            for each in chosen.replay:
                surface.progress(f"Replaying cell {notebook.number(each.id)}")
                if (await copy.run_cell(each, ignore)).status != "ok":
                    skipped.append(each.id)
        yield copy, tuple(skipped)


def _seen(notebook: Notebook, cell_id: str, ledger: Sequence[Entry]) -> tuple[Node, bool]:
    """A cell's place in the dataflow, and whether the kernel holds what only cells below make."""
    return node_of(notebook, cell_id), out_of_turn(notebook, cell_id, ledger)


def _needed(notebook: Notebook, cell_id: str, ledger: Sequence[Entry]) -> Plan:
    return plan(notebook, cell_id, "needed", ledger)


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
