"""The verb fix: find the failure, collect candidates, run each one before it is shown."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.run import ignore
from ai_notebook_ls.assist.sending import agreed
from ai_notebook_ls.assist.states import State, States
from ai_notebook_ls.assist.trying import OWN, Leave, about, changes, is_own, leave
from ai_notebook_ls.assist.verify import Baseline, no_fix, try_candidate
from ai_notebook_ls.core.candidates import Candidate, Proposals, Receipt, seconded, settled
from ai_notebook_ls.core.cells import Cell, Notebook, cells_named
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.failures import KernelTrouble, ProviderTrouble
from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.core.sameness import same_error
from ai_notebook_ls.core.slices import slice_of
from ai_notebook_ls.ports import Provider, Surface

CANDIDATES = 6
"""Tried per provider and round; more would keep the user waiting for ever smaller chances."""

PARALLEL = 2
"""Branches at once; where a branch cannot be forked, it is a process that replays the cells above."""

ROUNDS = 2
"""One try and one repair with its outcome as feedback; further rounds gain little (notes on self-repair)."""

BUDGET = 60.0
"""Seconds from the failure on in which candidates are asked for and tried."""

NOT_TRIED = Receipt("unchecked", "Not tried: the time was up.")

UNKNOWN_NAME = re.compile(r"name '(\w+)' is not defined")


async def fix(
    assistant: Assistant, notebook: Notebook, cell: Cell, said: Failure | None, surface: Surface
) -> Proposals:
    """Propose candidates for a failing cell, best first, each with the receipt of a run.

    `said` is what the user's own kernel reported, if anything. The cell is first run in a branch after the cells above
    it, to see the failure with our own eyes. Raises NotACodeCell, CellTooLarge, KernelTrouble.
    """
    assistant.check(cell)
    surface.progress("Looking for the failure in a sidecar kernel")
    async with States(assistant, notebook, surface) as states:
        before, outcome, evidence = await _fail(states, cell, fork_ahead=True)
        if outcome.failure is None:
            return await asyncio.to_thread(_nothing_to_fix, notebook, cell, said, outcome)
        failure = outcome.failure
        ran_below = await asyncio.to_thread(_ran_below, assistant, notebook, cell)
        baseline = Baseline(notebook, cell, failure, states, ran_below)
        search = _Search(baseline, surface, asyncio.get_running_loop().time() + BUDGET)
        for provider in assistant.providers:
            if search.found:
                break
            await search.ask(provider, FixRequest(notebook, cell, failure, evidence))
    ranked = settled(search.tried)
    deleted = await asyncio.to_thread(_deleted, assistant, notebook, cell, failure)
    note = await asyncio.to_thread(_note, baseline, ranked, said, before.failing, deleted, search.troubles)
    return Proposals(failure, ranked, note)


async def seen_failing(assistant: Assistant, notebook: Notebook, cell: Cell, surface: Surface) -> FixRequest | None:
    """Return what a fix would ask a provider first; None if the cell does not fail. Raises KernelTrouble, Declined."""
    async with States(assistant, notebook, surface) as states:
        _, outcome, evidence = await _fail(states, cell)
    return FixRequest(notebook, cell, outcome.failure, evidence) if outcome.failure else None


async def _fail(states: States, cell: Cell, fork_ahead: bool = False) -> tuple[State, Outcome, Evidence | None]:
    """Run a cell in a branch of the state before it, and remember how it ended."""
    async with states.branch(cell) as (before, branch), branch.reserve():
        if fork_ahead:
            states.fork_ahead(cell)  # for the first candidate
        outcome = await branch.run_cell(cell, ignore)
        evidence = await branch.evidence(outcome) if outcome.failure else None
    states.assistant.memory.outcome(states.notebook, cell, outcome, evidence)
    return before, outcome, evidence


@dataclass(slots=True)
class _Search:
    """The search for a fix, over several providers and rounds, while there is time."""

    baseline: Baseline
    surface: Surface
    until: float
    """By the event loop's clock."""
    tried: list[Candidate] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    refused: bool = False
    """Whether a model's changes may not run; then there is nothing to tell it of them."""

    @property
    def found(self) -> bool:
        """Whether a candidate is verified."""
        return any(_is_fix(each) for each in settled(self.tried))

    @property
    def without_effect(self) -> tuple[Candidate, ...]:
        """What has been tried, but for rules' guesses that run: a model is to come to them, or not, on its own."""
        return tuple(each for each in settled(self.tried) if not (_open(each) and each.origin.startswith("builtin:")))

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.until - asyncio.get_running_loop().time())

    async def ask(self, provider: Provider, request: FixRequest) -> None:
        """Collect a provider's candidates and run them; a model gets a second round with the receipts as feedback."""
        assistant = self.baseline.states.assistant
        if provider is assistant.model:
            try:
                await agreed(assistant, assistant.model, request, self.surface)
            except ProviderTrouble as trouble:
                self.troubles.append(f"{provider.info.called}: {trouble}")
                return
            self.until = max(self.until, asyncio.get_running_loop().time() + assistant.settings.provider.total_seconds)
        first = len(self.tried)
        for _ in range(ROUNDS):
            # What rules tried before is no news to the first round: it sends what was shown before.
            attempts = self.without_effect if len(self.tried) > first else ()
            drafts: list[Candidate] = []
            self.surface.progress(
                "Waiting for the model" if provider is assistant.model else "Looking for rules that fit"
            )
            try:
                await asyncio.wait_for(self._collect(provider, replace(request, attempts=attempts), drafts), self.left)
            except ProviderTrouble as trouble:
                self.troubles.append(f"{provider.info.called}: {trouble}")
            except asyncio.TimeoutError:
                self.troubles.append(f"{provider.info.called}: the time was up before it had answered.")
            if not drafts:
                break
            self.surface.progress(f"Trying {len(drafts)} candidate{'s' if len(drafts) > 1 else ''} in sidecar kernels")
            self.tried += await self._try_all(drafts)
            if self.found or self.refused:
                break

    async def _collect(self, provider: Provider, request: FixRequest, drafts: list[Candidate]) -> None:
        async for candidate in provider.candidates(request):
            before = next((place for place, known in enumerate(self.tried) if _same(candidate, known)), None)
            if before is not None:
                self.tried[before] = seconded(self.tried[before], candidate)
            elif not any(_same(candidate, known) for known in drafts):
                drafts.append(candidate)
            if len(drafts) == CANDIDATES:
                break

    async def _try_all(self, drafts: Sequence[Candidate]) -> list[Candidate]:
        gate = asyncio.Semaphore(PARALLEL)
        compare = len(drafts) + len(self.tried) > 1
        strangers = await asyncio.to_thread(self._strangers, drafts)
        where = await self._leave(strangers) if strangers else OWN

        async def attempt(candidate: Candidate) -> Receipt:
            if candidate in strangers and where.refusal:
                return Receipt("unchecked", where.refusal)
            async with gate:
                began = time.perf_counter()
                contained = where.contained and candidate in strangers
                receipt = await try_candidate(candidate, self.baseline, compare, contained)
                return replace(receipt, duration_ms=(time.perf_counter() - began) * 1e3)

        tasks = [asyncio.ensure_future(attempt(candidate)) for candidate in drafts]
        try:
            await asyncio.wait(tasks, timeout=self.left)
        finally:
            late = [task for task in tasks if task.cancel()]
            await asyncio.gather(*late, return_exceptions=True)  # no branch outlives a cancelled fix
        receipts = [NOT_TRIED if task in late else task.result() for task in tasks]
        return [replace(each, receipt=receipt) for each, receipt in zip(drafts, receipts, strict=True)]

    def _strangers(self, drafts: Sequence[Candidate]) -> list[Candidate]:
        """Those of a model's that are to be run."""
        return [each for each in drafts if not is_own(each) and no_fix(each, self.baseline) is None]

    async def _leave(self, strangers: Sequence[Candidate]) -> Leave:
        """Where a model's candidates may run; while the user thinks about it, no time passes."""
        states, notebook, clock = self.baseline.states, self.baseline.notebook, asyncio.get_running_loop().time
        began = clock()
        try:
            found = await leave(
                states.assistant,
                notebook,
                about(strangers),
                changes(notebook, strangers),
                lambda: states.contain(self.baseline.cell),
                self.surface,
            )
        except KernelTrouble as trouble:
            found = Leave(refusal=f"It could not be tried: {trouble.message}")
        self.until += clock() - began
        self.refused = bool(found.refusal)
        return found


def _nothing_to_fix(notebook: Notebook, cell: Cell, said: Failure | None, outcome: Outcome) -> Proposals:
    if outcome.status != "ok":
        why = outcome.notice or f"It ended so: {outcome.status}."
        return Proposals(None, (), f"There is no error to mend, since the cell did not run to its end. {why}")
    if said is None:
        return Proposals(None, (), "This cell runs without error in the sidecar kernel; there is nothing to fix.")
    first = _needed(notebook, cell)
    if not first:
        note = "In a fresh sidecar kernel this cell runs without error. Restart your kernel and run it."
        return Proposals(said, (), note)
    receipt = Receipt("verified", "Ran what it needs and then this cell in a fresh sidecar kernel: no error.", outcome)
    title = f"Run {cells_named(notebook, first)} first, then this one"
    candidate = Candidate(title, "builtin:order", "action", run_first=first, receipt=receipt)
    note = f"The text of this cell is fine: after {cells_named(notebook, first)}, in order, it runs without error."
    return Proposals(said, (candidate,), note)


def _needed(notebook: Notebook, cell: Cell) -> tuple[str, ...]:
    return tuple(each.id for each in slice_of(notebook, cell.id).cells)


def _deleted(assistant: Assistant, notebook: Notebook, cell: Cell, failure: Failure) -> str | None:
    """What is to be said of a name that no cell makes any more."""
    match = UNKNOWN_NAME.search(failure.evalue) if failure.ename == "NameError" else None
    flows = [flow(each.source) for each in notebook.code if each.id != cell.id]
    if match is None or any(match[1] in each.defines or each.stars or not each.parsed for each in flows):
        return None
    there = {each.id for each in notebook.cells}
    ledger = assistant.kernels.kernel(notebook).ledger
    if any(match[1] in entry.names and entry.cell not in there for entry in ledger):
        return f"`{match[1]}` was made by a cell that has been deleted since: put it back."
    return f"No cell makes `{match[1]}`. If the cell that did has been deleted, put it back."


def _ran_below(assistant: Assistant, notebook: Notebook, cell: Cell) -> tuple[tuple[Cell, Outcome], ...]:
    """The cells below that last ran without error in the sidecar kernel as they now stand."""
    known = ((each, assistant.memory.about(notebook, each).outcome) for each in notebook.below(cell.id))
    return tuple((each, outcome) for each, outcome in known if outcome is not None and outcome.status == "ok")


def _is_fix(candidate: Candidate) -> bool:
    return candidate.receipt is not None and candidate.receipt.verdict == "verified"


def _open(candidate: Candidate) -> bool:
    return candidate.receipt is not None and candidate.receipt.verdict == "unchecked"


def _same(one: Candidate, other: Candidate) -> bool:
    return (one.edits, one.run_first) == (other.edits, other.run_first)


def _note(
    baseline: Baseline,
    candidates: Sequence[Candidate],
    said: Failure | None,
    skipped: Sequence[str],
    deleted: str | None,
    troubles: Sequence[str],
) -> str | None:
    """What the user should know besides: where the cause is, why there is no fix, what was different here."""
    notebook, failure = baseline.notebook, baseline.failure
    notes = []
    if any(map(_is_fix, candidates)):
        elsewhere = [edit.cell for edit in candidates[0].edits if edit.cell != baseline.cell.id]
        if elsewhere:
            notes.append(f"The cause is in {cells_named(notebook, elsewhere)}.")
    elif deleted is not None:
        notes.append(deleted)
    elif not candidates:
        notes.append("No rule knows a fix for this error.")
    elif any(map(_open, candidates)):
        notes.append("Nothing here is sure to be what you mean: choose, or leave it.")
    else:
        notes.append("None of the candidates made the cell work.")
    if said is not None and not same_error(said, failure):
        notes.append(f"In a fresh sidecar kernel the cell fails differently than in yours: {failure.ename}.")
    if skipped:
        needed = [each for each in skipped if each in _needed(notebook, baseline.cell)]
        fails = "fails itself" if len(needed or skipped) == 1 else "fail themselves"
        which = cells_named(notebook, needed or skipped)
        if needed:
            notes.append(f"The cause may be in {which}, which {fails} and which this one needs: mend that first.")
        else:
            notes.append(f"{which.capitalize()} above {fails}, but nothing shows that this one needs it.")
    return " ".join([*notes, *troubles]) or None
