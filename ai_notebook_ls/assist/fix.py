"""The verb fix: find the failure, collect candidates, run each one before it is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.run import ignore, state_before
from ai_notebook_ls.assist.verify import Baseline, try_candidate
from ai_notebook_ls.core.candidates import Candidate, Proposals, Receipt
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.context import FixRequest
from ai_notebook_ls.core.failures import ProviderTrouble
from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.ports import Provider, Surface

CANDIDATES = 6
"""Tried per provider and round; more would keep the user waiting for ever smaller chances."""

PARALLEL = 2
"""Branches at once; where a branch cannot be forked, it is a process that replays the cells above."""

ROUNDS = 2
"""One try and one repair with its outcome as feedback; further rounds gain little (notes on self-repair)."""


async def fix(
    assistant: Assistant, notebook: Notebook, cell: Cell, said: Failure | None, surface: Surface
) -> Proposals:
    """Propose candidates for a failing cell, best first, each with the receipt of a run.

    `said` is what the user's own kernel reported, if anything. The cell is first run in a branch after the cells above
    it, to see the failure with our own eyes. Raises NotACodeCell, CellTooLarge, KernelTrouble.
    """
    assistant.check(cell)
    surface.progress("Looking for the failure in a sidecar kernel")
    async with state_before(assistant, notebook, cell, surface) as (before, skipped):
        async with before.branch() as branch, branch.reserve():
            outcome = await branch.run_cell(cell, ignore)
            evidence = await branch.evidence(outcome) if outcome.failure else None
        assistant.memory.outcome(notebook, cell, outcome, evidence)
        if outcome.failure is None:
            return _nothing_to_fix(notebook, cell, said, outcome)
        failure = outcome.failure
        baseline = Baseline(notebook, cell, failure, before, _ran_below(assistant, notebook, cell))
        request = FixRequest(notebook, cell, failure, evidence)
        troubles: list[str] = []
        tried: list[Candidate] = []
        for provider in assistant.providers:
            if any(_is_fix(candidate) for candidate in tried):
                break
            request = replace(request, attempts=tuple(tried))
            tried += await _ask(assistant, provider, request, baseline, surface, troubles)
    ranked = tuple(sorted(tried, key=lambda candidate: candidate.rank))
    return Proposals(failure, ranked, _note(notebook, ranked, said, failure, skipped, troubles))


async def _ask(
    assistant: Assistant,
    provider: Provider,
    request: FixRequest,
    baseline: Baseline,
    surface: Surface,
    troubles: list[str],
) -> list[Candidate]:
    """Collect one provider's candidates and run them; a model gets a second round with the receipts as feedback."""
    tried: list[Candidate] = []
    for _ in range(ROUNDS):
        drafts: list[Candidate] = []
        try:
            async for candidate in provider.candidates(replace(request, attempts=(*request.attempts, *tried))):
                if not any(_same(candidate, known) for known in (*drafts, *tried)):
                    drafts.append(candidate)
                if len(drafts) == CANDIDATES:
                    break
        except ProviderTrouble as trouble:
            troubles.append(f"{provider.info.name}: {trouble}")
        if not drafts:
            break
        surface.progress(f"Trying {len(drafts)} candidate{'s' if len(drafts) > 1 else ''} in sidecar kernels")
        tried += await _try_all(assistant, drafts, baseline)
        if any(_is_fix(candidate) for candidate in tried):
            break
    return tried


async def _try_all(assistant: Assistant, drafts: Sequence[Candidate], baseline: Baseline) -> list[Candidate]:
    gate = asyncio.Semaphore(PARALLEL)

    async def attempt(candidate: Candidate) -> Candidate:
        async with gate:
            began = time.perf_counter()
            receipt = await try_candidate(assistant, candidate, baseline)
            return replace(candidate, receipt=replace(receipt, duration_ms=(time.perf_counter() - began) * 1e3))

    tasks = [asyncio.ensure_future(attempt(candidate)) for candidate in drafts]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # no branch outlives a cancelled fix


def _nothing_to_fix(notebook: Notebook, cell: Cell, said: Failure | None, outcome: Outcome) -> Proposals:
    if outcome.status != "ok":
        return Proposals(None, (), outcome.notice or f"The cell could not be tried: {outcome.status}.")
    if said is None:
        return Proposals(None, (), "This cell runs without error in the sidecar kernel; there is nothing to fix.")
    above = tuple(each.id for each in notebook.above(cell.id) if each.source.strip())
    if not above:
        return Proposals(
            said, (), "In a fresh sidecar kernel this cell runs without error. Restart your kernel and run it."
        )
    names = ", ".join(str(notebook.number(each)) for each in above)
    receipt = Receipt("verified", f"Ran cells {names} and then this one in a fresh sidecar kernel: no error.", outcome)
    candidate = Candidate(
        "Run the cells above first, then this one", "builtin:order", "action", run_first=above, receipt=receipt
    )
    note = "The text of this cell is fine: after the cells above it, in order, it runs without error."
    return Proposals(said, (candidate,), note)


def _ran_below(assistant: Assistant, notebook: Notebook, cell: Cell) -> tuple[Cell, ...]:
    """The cells below that last ran without error in the sidecar kernel as they now stand."""
    below = []
    for each in notebook.below(cell.id):
        known = assistant.memory.about(notebook, each).outcome
        if known is not None and known.status == "ok":
            below.append(each)
    return tuple(below)


def _is_fix(candidate: Candidate) -> bool:
    return candidate.receipt is not None and candidate.receipt.verdict == "verified"


def _same(one: Candidate, other: Candidate) -> bool:
    return (one.edits, one.run_first) == (other.edits, other.run_first)


def _note(
    notebook: Notebook,
    candidates: Sequence[Candidate],
    said: Failure | None,
    failure: Failure,
    skipped: Sequence[str],
    troubles: Sequence[str],
) -> str | None:
    """What the user should know besides: why there is no fix, what was different here."""
    notes = []
    if not candidates:
        notes.append("No rule knows a fix for this error.")
    elif not any(_is_fix(candidate) for candidate in candidates):
        notes.append("None of the candidates made the cell work.")
    if said is not None and (said.ename, said.evalue) != (failure.ename, failure.evalue):
        notes.append(f"In a fresh sidecar kernel the cell fails differently than in yours: {failure.ename}.")
    if skipped:
        numbers = ", ".join(str(notebook.number(each)) for each in skipped)
        one = len(skipped) == 1
        notes.append(
            f"Cell{'' if one else 's'} {numbers} above also fail{'s' if one else ''}; the error may come from there."
        )
    return " ".join([*notes, *troubles]) or None
