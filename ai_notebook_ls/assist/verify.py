"""Trying a candidate: run it in a branch and write the receipt."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ai_notebook_ls.assist.run import doubts, ignore
from ai_notebook_ls.assist.states import States
from ai_notebook_ls.assist.trying import kept
from ai_notebook_ls.core.candidates import Candidate, CellEdit, Downstream, Receipt
from ai_notebook_ls.core.caution import Caution
from ai_notebook_ls.core.cells import Cell, Notebook, cells_named
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.failures import KernelTrouble
from ai_notebook_ls.core.guard import escape_reason
from ai_notebook_ls.core.ledger import Entry, Plan, out_of_turn, plan
from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.core.owed import owed
from ai_notebook_ls.core.reach import names_in, reaches_out
from ai_notebook_ls.core.sameness import same, same_error, shown
from ai_notebook_ls.core.slices import dependents
from ai_notebook_ls.ports import Kernel

BELOW = 3.0
"""Seconds in which the cells below are checked."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a candidate is measured against."""

    notebook: Notebook
    cell: Cell
    failure: Failure
    states: States
    ran_below: tuple[tuple[Cell, Outcome], ...] = ()
    """Cells below that ran without error before, and what they gave."""


async def try_candidate(candidate: Candidate, baseline: Baseline, compare: bool, contained: bool = False) -> Receipt:
    """Run what a candidate changes, what depends on that and the failing cell, in a branch of the state before it.

    Then those below that had run before. What is no fix by its text alone is not run. `compare`: whether the receipt
    has to tell the value. `contained`: in a contained branch, since the user has not written it.
    """
    if (escape := await asyncio.to_thread(no_fix, candidate, baseline)) is not None:
        return escape
    notebook = _changed(candidate, baseline)
    try:
        known = await baseline.states.before(baseline.cell)
        ahead = await asyncio.to_thread(_reads_ahead, notebook, candidate, baseline, known.ledger)
        async with (
            baseline.states.branch(ahead or baseline.cell, ahead is not None, contained) as (before, branch),
            branch.reserve(),
        ):
            return await _Trial(candidate, baseline, notebook, branch, before.kernel, known.failing).receipt(compare)
    except KernelTrouble as trouble:
        return Receipt("unchecked", f"It could not be tried: {trouble.message}")


def _reads_ahead(notebook: Notebook, candidate: Candidate, baseline: Baseline, ledger: Sequence[Entry]) -> Cell | None:
    """Return the first changed cell, if a cell run now would find a name of an old text, or of a cell below or gone."""
    changed = {edit.cell for edit in candidate.edits}
    run = [cell for cell in (*baseline.notebook.above(baseline.cell.id), baseline.cell) if cell.id in changed]
    ahead = any(out_of_turn(notebook, cell.id, ledger) for cell in (*run, baseline.cell))
    return (run or [baseline.cell])[0] if ahead else None


def no_fix(candidate: Candidate, baseline: Baseline) -> Receipt | None:
    """Return the receipt of a candidate that is no fix whatever happens when it is run; None if it is to be run."""
    reason = _escape(_changed(candidate, baseline), candidate, baseline)
    return Receipt("escape", f"Not run, since it is no fix: {reason}") if reason is not None else None


def _changed(candidate: Candidate, baseline: Baseline) -> Notebook:
    """The notebook as a candidate would have it."""
    return baseline.notebook.with_sources({edit.cell: edit.source for edit in candidate.edits})


def _escape(notebook: Notebook, candidate: Candidate, baseline: Baseline) -> str | None:
    """Why: the first edited cell that only dodges the failure."""
    for edit in candidate.edits:
        old = baseline.notebook.cell(edit.cell)
        names = names_in(baseline.notebook)
        if (reason := escape_reason(old.source, edit.source, _line(edit, baseline), names)) is not None:
            return reason
        gone = flow(old.source).defines - frozenset().union(*(flow(each.source).defines for each in notebook.code))
        for cell in notebook.code:
            if read := sorted(gone & flow(cell.source).reads.keys()):
                return f"cell {notebook.number(cell.id)} needs `{read[0]}`, which is not made any more."
    return None


def _line(edit: CellEdit, baseline: Baseline) -> int | None:
    """The line of an edited cell at which it failed, 0-based; None if it was not in the traceback."""
    return next((frame.line for frame in reversed(baseline.failure.frames) if frame.cell == edit.cell), None)


@dataclass(slots=True)
class _Below:
    """How the cells below that had run before fare after the change."""

    count: int
    checked: list[Downstream] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)
    """Those that give something else now."""
    left_out: int = 0
    """Those that are slow, or reach out of the notebook."""

    @property
    def sentence(self) -> str:
        """What was checked."""
        if self.left_out and len(self.checked) + self.left_out == self.count:
            rest = "the others are" if self.checked else "they are" if self.count > 1 else "it is"
            return f" {len(self.checked)} of {self.count} later cells checked: {rest} slow, or would reach your files or network."
        if len(self.checked) < self.count:
            return f" {len(self.checked)} of {self.count} later cells checked within {BELOW:g} s."
        return f" {self.count} later cell{' still runs' if self.count == 1 else 's still run'}." * (self.count > 0)


@dataclass(frozen=True, slots=True)
class _Trial:
    """One candidate in its branch."""

    candidate: Candidate
    baseline: Baseline
    notebook: Notebook
    """As the candidate would have it."""
    branch: Kernel
    before: Kernel
    """What it is a branch of."""
    failing: Sequence[str]
    """Cells above that fail, candidate or not."""

    async def receipt(self, compare: bool) -> Receipt:
        """Run, and tell how it went."""
        target = self.notebook.cell(self.baseline.cell.id)
        above = self.notebook.above(target.id)
        first = [*self.candidate.run_first, *(each.id for each in above if each.id in self._edited)]
        relied: set[str] = set()
        for cell in (*map(self.notebook.cell, first), target):
            chosen = await self._plan(cell)
            on_the_way = [each for each in (*chosen.replay, cell) if each in above and each.id not in self._edited]
            if doubt := await self._doubt(on_the_way):
                return Receipt(
                    "unchecked", f"Not tried: it runs cell {self.notebook.number(doubt.cell.id)}, which {doubt.why}."
                )
            relied.update(each.id for each in (*chosen.fresh, *chosen.replay, cell) if each is not target)
            replayed = tuple(each.id for each in self.notebook.cells if each.id in relied)
            for each in (*(each for each in chosen.replay if each in above), cell):
                outcome = replace(await self.branch.run_cell(each, ignore), replayed=replayed)
                if outcome.status != "ok" and each is not target and not self._failed_anyway(each):
                    return self._on_the_way(each, outcome)
        if outcome.status != "ok":
            return await asyncio.to_thread(self._failed, outcome)
        held, lacks = await self._held(outcome, compare)
        if lacks is not None:
            return replace(lacks, outcome=outcome)
        own = flow(self.baseline.cell.source)  # what else changes bind, an import or a mended column, is their way
        asked = {name: text for name, text in held.items() if name in own.defines or not own.parsed}
        value = json.dumps([asked, shown(outcome)], default=str, sort_keys=True) if compare else ""
        return replace(self._ran(outcome, await self._below()), value=value)

    async def _plan(self, cell: Cell) -> Plan:
        return await asyncio.to_thread(plan, self.notebook, cell.id, "needed", self.branch.ledger)

    async def _doubt(self, cells: Sequence[Cell]) -> Caution | None:
        """The first of the cells that should not be run without the user's word."""
        assistant = self.baseline.states.assistant
        return next(iter(await asyncio.to_thread(doubts, assistant, self.before, self.notebook, cells)), None)

    def _failed_anyway(self, cell: Cell) -> bool:
        """Whether a cell on the way, which the candidate leaves as it is, fails without it, too."""
        return cell.id in self.failing and cell.id not in self._edited and cell.id not in self.candidate.run_first

    @property
    def _edited(self) -> frozenset[str]:
        return frozenset(edit.cell for edit in self.candidate.edits)

    async def _held(self, outcome: Outcome, compare: bool) -> tuple[dict[str, str], Receipt | None]:
        """What the names of the changed and failing cells hold, and the receipt if one that was owed is not there."""
        baseline = self.baseline
        edits = {edit.cell: edit for edit in self.candidate.edits}
        edits.setdefault(baseline.cell.id, CellEdit(baseline.cell.id, baseline.cell.source))
        debts = {
            id: owed(baseline.notebook.cell(id).source, each.source, _line(each, baseline))
            for id, each in edits.items()
        }
        names = tuple(dict.fromkeys(name for each in debts.values() for name in each.names))
        held = dict(await self.branch.holds(names, compare) or {}) if names else {}
        if names and not held:
            return held, None  # not IPython, or too slow to tell
        for name in names:
            if name not in held:
                return held, Receipt("escape", f"It runs, but it is no fix: `{name}` is not made any more.")
        for name in names:
            if held[name] == "None" and any(name in each.values for each in debts.values()):
                reason = f"It runs, but `{name}` is now None; whether that is what you mean, only you know."
                return held, Receipt("unchecked", reason)
        if debts[baseline.cell.id].shows and not outcome.outputs:
            return held, Receipt("unchecked", "It runs, but the last line, which is there to show a value, shows none.")
        return held, None

    async def _below(self) -> _Below:
        """Run the cells below that ran before and depend on a change, while there is time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + BELOW
        later = await asyncio.to_thread(self._later)
        ran_below = [(cell, known) for cell, known in self.baseline.ran_below if cell.id in later]
        found = _Below(len(ran_below))
        for cell, known in ran_below:
            needs = (*(await self._plan(cell)).replay, self.notebook.cell(cell.id))
            if await self._doubt(needs):
                found.left_out += 1
                continue
            task = asyncio.create_task(self._run_all(needs))
            try:
                await asyncio.wait({task}, timeout=max(0.0, until - loop.time()))
            finally:
                if not task.done():
                    task.cancel()
                    await asyncio.wait({task})
            if task.cancelled():
                break
            outcome = task.result()
            found.checked.append(Downstream(cell.id, outcome.status))
            if outcome.status == "ok" and not same(known, outcome):
                found.differ.append(cell.id)
            if outcome.status not in ("ok", "error"):
                break
        return found

    def _later(self) -> set[str]:
        """The cells below that need what is changed."""
        changed = {self.baseline.cell.id, *(edit.cell for edit in self.candidate.edits)}
        books = (self.baseline.notebook, self.notebook)
        return {cell.id for notebook in books for id in changed for cell in dependents(notebook, id)}

    async def _run_all(self, cells: Sequence[Cell]) -> Outcome:
        outcomes = [await self.branch.run_cell(each, ignore) for each in cells]
        return outcomes[-1]

    def _ran(self, outcome: Outcome, below: _Below) -> Receipt:
        checked, differ = below.checked, below.differ
        number = self.notebook.number
        broken = [each.cell for each in checked if each.status != "ok"]
        if broken:
            fails = "which ran before, now fails" if len(broken) == 1 else "which ran before, now fail"
            reason = f"The error is gone, but {cells_named(self.notebook, broken)} below, {fails}."
            return Receipt("new-error", reason, outcome, tuple(checked))
        above = [number(each) for each in outcome.replayed]
        reason = f"Ran {_with_this_one(above)} in a sidecar kernel: the error is gone.{below.sentence}"
        if differ:
            gives = "gives" if len(differ) == 1 else "give"
            reason += f" {cells_named(self.notebook, differ).capitalize()} now {gives} another output."
        return Receipt("verified", reason, outcome, tuple(checked))

    def _failed(self, outcome: Outcome) -> Receipt:
        failure = outcome.failure
        if failure is None:
            return Receipt("unchecked", outcome.notice or f"The run did not end: {outcome.status}.", outcome)
        if same_error(failure, self.baseline.failure):
            return Receipt("same-error", f"The same {failure.ename} comes again.", outcome)
        if self.branch.level == "contained" and (reach := self._reach()):
            why = f"this cell {reach}, which a model's code may not do here"
            return Receipt("unchecked", f"It could not be tried: {why}. It ended with {failure.ename}.", outcome)
        return Receipt("new-error", f"Another error comes instead: {failure.ename}: {_short(failure.evalue)}", outcome)

    def _reach(self) -> str | None:
        """What the failing cell does outside of the notebook, as the user wrote it."""
        if kept(self.baseline.states.assistant, self.before):
            return None
        return reaches_out(self.baseline.cell.source, names_in(self.baseline.notebook))

    def _on_the_way(self, cell: Cell, outcome: Outcome) -> Receipt:
        why = outcome.failure.ename if outcome.failure else outcome.status
        if cell.id in self.candidate.run_first:
            how = "run first, fails itself"
        elif any(edit.cell == cell.id for edit in self.candidate.edits):
            how = "as changed, fails itself"
        else:
            how = "which ran before, now fails"
        return Receipt("new-error", f"Cell {self.notebook.number(cell.id)}, {how}: {why}.", outcome)


def _with_this_one(numbers: Sequence[int]) -> str:
    """`cells 1, 3 and this one`, as a person would say it."""
    if not numbers:
        return "this cell"
    if len(numbers) > 5:
        return f"{len(numbers)} other cells and this one"
    return f"cell{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))} and this one"


def _short(text: str, limit: int = 200) -> str:
    line = text.strip().split("\n")[0]
    return line if len(line) <= limit else line[: limit - 1] + "…"
