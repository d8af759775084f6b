"""Trying a candidate: run it in a branch and write the receipt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.run import ignore
from ai_notebook_ls.core.candidates import Candidate, Downstream, Receipt
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import KernelTrouble
from ai_notebook_ls.core.guard import escape_reason
from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.ports import Kernel

DOWNSTREAM = 10
"""Cells below that are checked at most."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a candidate is measured against."""

    notebook: Notebook
    cell: Cell
    failure: Failure
    before: Kernel
    """In the state before the cell; it is branched, never run in."""
    ran_below: tuple[Cell, ...] = ()
    """Cells below that ran without error before."""


async def try_candidate(assistant: Assistant, candidate: Candidate, baseline: Baseline) -> Receipt:
    """Run a candidate in a branch: the failing cell in the state before it, then those below that had run before.

    If the candidate changes a cell above, that state is made anew.
    """
    notebook = baseline.notebook.with_sources({edit.cell: edit.source for edit in candidate.edits})
    cell = notebook.cell(baseline.cell.id)
    above = notebook.above(cell.id)
    try:
        if any(edit.cell in {each.id for each in above} for edit in candidate.edits):
            async with assistant.kernels.throwaway(notebook) as fresh, fresh.reserve():
                for each in above:
                    if each.source.strip():
                        await fresh.run_cell(each, ignore)
                return await _try_in(fresh, notebook, candidate, baseline)
        async with baseline.before.branch() as branch, branch.reserve():
            return await _try_in(branch, notebook, candidate, baseline)
    except KernelTrouble as trouble:
        return Receipt("unchecked", f"It could not be tried: {trouble.message}")


async def _try_in(kernel: Kernel, notebook: Notebook, candidate: Candidate, baseline: Baseline) -> Receipt:
    """Try a candidate in a kernel that is in the state before the cell."""
    cell = notebook.cell(baseline.cell.id)
    ran = [each.id for each in notebook.above(cell.id) if each.source.strip()]
    for first in candidate.run_first:
        outcome = await kernel.run_cell(notebook.cell(first), ignore)
        ran.append(first)
        if outcome.status != "ok":
            return _receipt_of_order(baseline, outcome, notebook.cell(first))
    outcome = await kernel.run_cell(cell, ignore)
    if outcome.status != "ok":
        return _receipt_of_failure(baseline, outcome, ran)
    escape = _escape(candidate, baseline)
    if escape is not None:
        return Receipt("escape", f"It runs, but it is no fix: {escape}", _with(outcome, ran))
    return _receipt_of_success(baseline, _with(outcome, ran), await _run_below(kernel, notebook, baseline))


def _escape(candidate: Candidate, baseline: Baseline) -> str | None:
    """Why a candidate that runs is no fix: the first edited cell that only dodges the failure."""
    for edit in candidate.edits:
        old = baseline.notebook.cell(edit.cell)
        line = next((frame.line for frame in reversed(baseline.failure.frames) if frame.cell == edit.cell), None)
        if (reason := escape_reason(old.source, edit.source, line)) is not None:
            return reason
    return None


async def _run_below(branch: Kernel, notebook: Notebook, baseline: Baseline) -> tuple[Downstream, ...]:
    checked = []
    for cell in baseline.ran_below[:DOWNSTREAM]:
        outcome = await branch.run_cell(notebook.cell(cell.id), ignore)
        checked.append(Downstream(cell.id, outcome.status))
        if outcome.status not in ("ok", "error"):
            break
    return tuple(checked)


def _receipt_of_success(baseline: Baseline, outcome: Outcome, downstream: tuple[Downstream, ...]) -> Receipt:
    number = baseline.notebook.number
    broken = [each for each in downstream if each.status != "ok"]
    if broken:
        numbers = ", ".join(str(number(each.cell)) for each in broken)
        reason = f"The error is gone, but cell {numbers} below, which ran before, now fails."
        return Receipt("new-error", reason, outcome, downstream)
    above = _ran(baseline.notebook, outcome.replayed)
    still = ""
    if downstream:
        still = " 1 later cell still runs." if len(downstream) == 1 else f" {len(downstream)} later cells still run."
    return Receipt("verified", f"Ran {above} in a sidecar kernel: the error is gone.{still}", outcome, downstream)


def _receipt_of_failure(baseline: Baseline, outcome: Outcome, ran: list[str]) -> Receipt:
    outcome = _with(outcome, ran)
    failure, old = outcome.failure, baseline.failure
    if failure is None:
        return Receipt("unchecked", outcome.notice or f"The run did not end: {outcome.status}.", outcome)
    if (failure.ename, failure.evalue) == (old.ename, old.evalue):
        return Receipt("same-error", f"The same {failure.ename} comes again.", outcome)
    return Receipt("new-error", f"Another error comes instead: {failure.ename}: {_short(failure.evalue)}", outcome)


def _receipt_of_order(baseline: Baseline, outcome: Outcome, cell: Cell) -> Receipt:
    why = outcome.failure.ename if outcome.failure else outcome.status
    return Receipt("new-error", f"Cell {baseline.notebook.number(cell.id)}, run first, fails itself: {why}.", outcome)


def _ran(notebook: Notebook, cells: tuple[str, ...]) -> str:
    """`cells 1, 3 and this one`, as a person would say it."""
    numbers = [str(notebook.number(each)) for each in cells]
    if not numbers:
        return "this cell"
    if len(numbers) > 5:
        return f"{len(numbers)} other cells and this one"
    return f"cell{'s' if len(numbers) > 1 else ''} {', '.join(numbers)} and this one"


def _with(outcome: Outcome, ran: list[str]) -> Outcome:
    return replace(outcome, replayed=tuple(ran))


def _short(text: str, limit: int = 200) -> str:
    line = text.strip().split("\n")[0]
    return line if len(line) <= limit else line[: limit - 1] + "…"
