"""The verb improve: ready recipes, each run before and after the change, and the outputs compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.requests import change_of
from ai_notebook_ls.assist.run import ignore, state_before
from ai_notebook_ls.assist.sending import agreed, told
from ai_notebook_ls.assist.trying import Leave, about, changes, kept, leave
from ai_notebook_ls.core.added import reach_added
from ai_notebook_ls.core.candidates import Candidate, CellEdit, Downstream, Proposals, Receipt
from ai_notebook_ls.core.cells import Cell, Notebook, cells_named
from ai_notebook_ls.core.failures import BadArguments, KernelTrouble, NotContained, ProviderUnavailable
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.core.reach import Kind, names_in, reaches
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe, Scope, Seen
from ai_notebook_ls.core.sameness import same
from ai_notebook_ls.core.slices import dependents
from ai_notebook_ls.ports import Kernel, Surface, Usage

BUDGET = 30.0
"""Seconds for the cells of one run; it ends with the cell that passes it."""


ROUNDS = 2
"""One try and one repair, as in a fix."""

NOTHING = "There is nothing to change: no recipe is certain of an improvement here."


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be improved, and how: a recipe, an instruction, or neither for all recipes that fit."""

    recipe: str | None = None
    instruction: str | None = None
    scope: Scope = "cell"


@dataclass(slots=True)
class _Ran:
    """One run of the cells that a change may touch."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    """Cell -> why it was not run."""
    seen: Seen = field(default_factory=Seen)


def fitting(assistant: Assistant, notebook: Notebook, *cells: Cell) -> tuple[Recipe, ...]:
    """Return the recipes that would change something at one of these cells, by a look at the text."""
    if notebook.language.lower() not in ("python", "ipython"):
        return ()
    code = [cell for cell in cells if cell.kind == "code"]
    return tuple(recipe for recipe in assistant.recipes if any(recipe.fits(notebook, cell) for cell in code))


async def improve(assistant: Assistant, notebook: Notebook, cell: Cell, wish: Wish, surface: Surface) -> Proposals:
    """Propose what a recipe, or each that fits, makes of a cell or the notebook, with the receipts of runs.

    Raises NotACodeCell, CellTooLarge, BadArguments, ProviderUnavailable, KernelTrouble.
    """
    if wish.instruction is not None:
        return await _by_instruction(assistant, notebook, assistant.check(cell), wish.instruction, surface)
    cells = (assistant.check(cell),) if wish.scope == "cell" else notebook.code
    chosen = await asyncio.to_thread(_chosen, assistant, notebook, cells, wish)
    request = ImproveRequest(notebook, cells)
    drafts = [(each, changed) for each in chosen if not each.watches and (changed := await each.change(request))]
    watching, watched = await asyncio.to_thread(_watching, chosen, notebook, cells)
    touched = watched.union(*(changed for _, changed in drafts))
    first = next((each for each in notebook.code if each.id in touched), None)
    if first is None:
        return Proposals(None, (), NOTHING)
    async with state_before(assistant, notebook, first, surface, whole=True) as (before, skipped):
        surface.progress("Running the cells as they are")
        outside = () if kept(assistant, before) else await asyncio.to_thread(_outside, notebook, first)
        old = await _run_old(before, notebook, first, outside, watch=bool(watching))
        request = replace(request, seen=old.seen)
        drafts += [(each, changed) for each in watching if (changed := await each.change(request))]
        tried = []
        for each, changed in drafts:
            surface.progress(f"Running the cells after the change: {each.title}")
            edits = tuple(CellEdit(cell.id, changed[cell.id]) for cell in notebook.cells if cell.id in changed)
            draft = Candidate(each.title, f"builtin:{each.name}", "certain", edits)
            tried.append(await _try(before, notebook, draft, old))
    ranked = tuple(sorted(tried, key=lambda candidate: candidate.rank))
    return Proposals(None, ranked, _above(notebook, skipped) if ranked else NOTHING)


async def _by_instruction(
    assistant: Assistant, notebook: Notebook, cell: Cell, instruction: str, surface: Surface
) -> Proposals:
    """Propose what a model makes of a cell by the user's own words; it gets one repair if that does not run."""
    if not instruction.strip():
        raise BadArguments("There is no instruction.", "Say what is to be changed.")
    names = ", ".join(each.name for each in assistant.recipes)
    if assistant.model is None:
        raise ProviderUnavailable(
            "An instruction in your own words needs a model, and none is set up.",
            f"docs/models.md tells how; or choose a recipe, which needs none: {names}.",
        )
    request = await change_of(assistant, notebook, cell, instruction)
    await agreed(assistant, assistant.model, request, surface)
    async with state_before(assistant, notebook, cell, surface, whole=True) as (before, skipped):
        surface.progress("Running the cells as they are")
        trial = await _Trial.begin(assistant, notebook, cell, before, surface)
        tried: list[Candidate] = []
        usage: Usage | None = None
        for _ in range(ROUNDS):
            surface.progress("Waiting for the model")
            drafts = [each async for each in assistant.model.improve(replace(request, attempts=tuple(tried)))]
            usage = next((each for each in drafts if isinstance(each, Usage)), usage)
            surface.progress("Running the cells after the change")
            tried += await trial.of([each for each in drafts if isinstance(each, Candidate)])
            if any(each.receipt and each.receipt.verdict in ("verified", "unchecked") for each in tried):
                break
    ranked = tuple(sorted(tried, key=lambda candidate: candidate.rank))
    notes = [_above(notebook, skipped) or "", told(usage) if usage else ""]
    return Proposals(None, ranked, " ".join(filter(None, notes)) or None)


def _chosen(assistant: Assistant, notebook: Notebook, cells: Sequence[Cell], wish: Wish) -> tuple[Recipe, ...]:
    names = ", ".join(each.name for each in assistant.recipes)
    if wish.recipe is None:
        return fitting(assistant, notebook, *cells)
    found = tuple(each for each in assistant.recipes if each.name == wish.recipe)
    if not found:
        raise BadArguments(f"There is no recipe {wish.recipe!r}.", f"There are: {names}.")
    return found


def _watching(
    chosen: Sequence[Recipe], notebook: Notebook, cells: Sequence[Cell]
) -> tuple[list[Recipe], frozenset[str]]:  # fmt: skip
    """Return the recipes that fit and have to see a run first, and the cells that they fit."""
    found = {each: [cell.id for cell in cells if each.fits(notebook, cell)] for each in chosen if each.watches}
    return [each for each in found if found[each]], frozenset().union(*found.values())


@dataclass(frozen=True, slots=True)
class _Trial:
    """A run of the cells as they are, to which a model's changes are compared: in branches of the same kind."""

    assistant: Assistant
    notebook: Notebook
    before: Kernel
    old: _Ran
    uncontained: NotContained | None
    """Why its changes cannot be contained."""
    surface: Surface

    @classmethod
    async def begin(
        cls, assistant: Assistant, notebook: Notebook, cell: Cell, before: Kernel, surface: Surface
    ) -> _Trial:
        """Run the cells as they are. Raises KernelTrouble."""
        everything = kept(assistant, before)
        try:
            kinds: tuple[Kind, ...] = ("network", "programs")
            outside = () if everything else await asyncio.to_thread(_outside, notebook, cell, kinds)
            old, trouble = await _run_old(before, notebook, cell, outside, contained=True), None
        except NotContained as uncontained:
            outside = () if everything else await asyncio.to_thread(_outside, notebook, cell)
            old, trouble = await _run_old(before, notebook, cell, outside), uncontained
        return cls(assistant, notebook, before, old, trouble, surface)

    async def of(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Run what may run of them, and return all with their receipts."""
        dodging = await asyncio.to_thread(self._dodging, candidates)
        rest = [each for each in candidates if each not in dodging]
        where = await self._leave(rest) if rest else Leave()
        tried = []
        for each in candidates:
            if receipt := dodging.get(each) or (Receipt("unchecked", where.refusal) if where.refusal else None):
                tried.append(replace(each, receipt=receipt))
            else:
                tried.append(await _try(self.before, self.notebook, each, self.old, where.contained))
        return tried

    async def _leave(self, candidates: Sequence[Candidate]) -> Leave:
        async def contain() -> Kernel:
            if self.uncontained is not None:
                raise self.uncontained
            return self.before

        question, code = about(candidates), changes(self.notebook, candidates)
        return await leave(self.assistant, self.notebook, question, code, contain, self.surface)

    def _dodging(self, candidates: Sequence[Candidate]) -> dict[Candidate, Receipt]:
        return {each: receipt for each in candidates if (receipt := self._no_improvement(each)) is not None}

    def _no_improvement(self, candidate: Candidate) -> Receipt | None:
        """The receipt of a change that makes a cell reach out: nobody has wished for that."""
        for edit in candidate.edits:
            old = self.notebook.cell(edit.cell).source
            if reach := reach_added(old, edit.source, names_in(self.notebook)):
                return Receipt("escape", f"Not run: {reach}.")
        return None


async def _try(
    before: Kernel, notebook: Notebook, candidate: Candidate, old: _Ran, contained: bool = False
) -> Candidate:
    began = time.perf_counter()
    changed = {edit.cell: edit.source for edit in candidate.edits}
    after = notebook.with_sources(changed)
    cells = [after.cell(each) for each in old.outcomes]
    try:
        new = await _run(before, after, cells, contained=contained)
        differing = [each for each in new.outcomes if not same(old.outcomes[each], new.outcomes[each])]
        fickle: list[str] = []
        if differing and all(new.outcomes[each].status == old.outcomes[each].status for each in differing):
            again = await _run(before, notebook, [notebook.cell(each) for each in old.outcomes], contained=contained)
            fickle = [each for each in again.outcomes if not same(old.outcomes[each], again.outcomes[each])]
        receipt = await asyncio.to_thread(_receipt, notebook, changed, old, new, differing, fickle)
    except KernelTrouble as trouble:
        receipt = Receipt("unchecked", f"It could not be tried: {trouble.message}")
    return replace(candidate, receipt=replace(receipt, duration_ms=(time.perf_counter() - began) * 1e3))


def _outside(notebook: Notebook, first: Cell, kinds: Sequence[Kind] = ()) -> list[str]:
    """Return the cells from the first on that reach out of the notebook, in one of these ways or in any."""
    cells = [each for each in (first, *notebook.below(first.id)) if each.kind == "code"]
    names = names_in(notebook)
    found = {each.id: reaches(each.source, names) for each in cells}
    return [cell for cell, all_of in found.items() if any(not kinds or each.kind in kinds for each in all_of)]


async def _run_old(
    before: Kernel,
    notebook: Notebook,
    first: Cell,
    outside: Sequence[str],
    watch: bool = False,
    contained: bool = False,
) -> _Ran:
    """Run a cell and those below it as they are, but for what reaches outside of the notebook."""
    cells = [each for each in (first, *notebook.below(first.id)) if each.source.strip()]
    old = await _run(before, notebook, [each for each in cells if each.id not in outside], watch, contained)
    old.left_out.update(dict.fromkeys(outside, "outside"))
    return old


async def _run(
    before: Kernel, notebook: Notebook, cells: Sequence[Cell], watch: bool = False, contained: bool = False
) -> _Ran:
    """Run cells in a branch, until the time is up."""
    ran = _Ran()
    async with before.branch(contained) as branch, branch.reserve():
        if watch:
            await branch.watch()
        spent = 0.0
        for cell in cells:
            if spent > BUDGET * 1e3:
                ran.left_out[cell.id] = "time"
                continue
            outcome = ran.outcomes[cell.id] = await branch.run_cell(notebook.cell(cell.id), ignore)
            spent += outcome.duration_ms
            if outcome.status not in ("ok", "error"):
                spent = float("inf")  # its state is lost, or as good as that
        if watch:
            ran.seen = await branch.seen() or Seen()
    return ran


def _receipt(
    notebook: Notebook,
    changed: Mapping[str, str],
    old: _Ran,
    new: _Ran,
    differing: Sequence[str],
    fickle: Sequence[str],
) -> Receipt:
    """Write down what the two runs, and a third of the old text where they differ, have shown."""
    shown = next((new.outcomes[each] for each in changed if each in new.outcomes), None)
    below = tuple(Downstream(each, new.outcomes[each].status) for each in new.outcomes if each not in changed)
    rest = _left_out(notebook, old)

    def say(cells: Sequence[str]) -> str:
        return cells_named(notebook, cells)

    broken = [each for each in differing if old.outcomes[each].status == "ok" != new.outcomes[each].status]
    if broken:
        outcome = new.outcomes[broken[0]]
        why = outcome.failure.ename if outcome.failure else outcome.status
        return Receipt("new-error", f"After the change {say(broken[:1])} fails: {why}.", outcome, below)
    failing = [each for each in changed if each in old.outcomes and old.outcomes[each].status != "ok"]
    missed = [each for each in changed if each not in new.outcomes]
    reasons = []
    if missed:
        reasons.append(f"{say(missed)} could not be run here ({_why(old, missed)}).")
    for each in failing:
        then = "runs after the change" if new.outcomes[each].status == "ok" else "cannot be compared"
        reasons.append(f"{say([each])} already fails as it is; it {then}.")
    if steady := [each for each in differing if each not in fickle and each not in failing]:
        reasons.append(f"Outputs differ: {say(steady)}.")
    random = [each for each in differing if each in fickle]
    reached = _reached(notebook, changed)
    if told := [each for each in random if each in reached]:
        reasons.append(f"The output of {say(told)} differs on every run, so it cannot be compared.")
    if reasons:
        # Of the first cell that differs both are told, so that they can be seen side by side.
        was, gives = (old.outcomes[steady[0]], new.outcomes[steady[0]]) if steady else (None, shown)
        return Receipt("unchecked", " ".join(map(_sentence, [*reasons, *rest])), gives, below, was)
    fails = [each for each in new.outcomes if new.outcomes[each].status != "ok"]
    ran = [each for each in new.outcomes if each not in fails]
    equal = "all outputs are equal." if not random else "all outputs that can be compared are equal."
    reason = f"ran {say(ran)} before and after the change: {equal}"
    also = [f"{say(random)} reads nothing of the change, and differs on every run."] if random else []
    also += [f"{say(fails)} failed before and after, alike."] if fails else []
    return Receipt("verified", " ".join(map(_sentence, [reason, *also, *rest])), shown, below)


def _reached(notebook: Notebook, changed: Mapping[str, str]) -> frozenset[str]:
    """The cells that the change may reach: those changed, and those that need them, before or after."""
    books = (notebook, notebook.with_sources(changed))
    return frozenset(changed).union(
        *((each.id for each in dependents(book, cell)) for book in books for cell in changed)
    )


def _left_out(notebook: Notebook, ran: _Ran) -> list[str]:
    """What was not run, as sentences; nothing is certain about it."""
    said = []
    for why, text in (("time", "not run: the time was up"), ("outside", "not run: effects outside of the notebook")):
        if cells := [each for each, reason in ran.left_out.items() if reason == why]:
            said.append(f"{cells_named(notebook, cells)} {text}.")
    return said


def _why(ran: _Ran, cells: Sequence[str]) -> str:
    outside = any(ran.left_out.get(each) == "outside" for each in cells)
    return "it has effects outside of the notebook" if outside else "the time was up"


def _above(notebook: Notebook, skipped: Sequence[str]) -> str | None:
    return _sentence(f"{cells_named(notebook, skipped)} above could not be run.") if skipped else None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
