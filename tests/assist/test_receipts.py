"""Receipts: what a candidate that runs must have given besides, before it is called a fix."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.assist import fix as fixing
from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core.candidates import Candidate, CellEdit, Confidence, Proposals
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.core.requests import ExplainRequest, FixRequest
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.ports import ProviderInfo
from ai_notebook_ls.settings import IsolationSettings, Settings
from tests.assist.surfaces import Person

Draft = tuple[Confidence, dict[int, str]]


@dataclass
class Offers:
    """A provider that proposes what a test says."""

    drafts: Sequence[Draft] = ()
    first: tuple[str, ...] = ()
    info: ProviderInfo = field(default_factory=lambda: ProviderInfo("offers"))

    async def explain(self, request: ExplainRequest) -> AsyncIterator[str]:
        yield ""

    async def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        for sure, edits in self.drafts:
            changes = tuple(CellEdit(f"c{place}", text) for place, text in edits.items())
            yield Candidate(str(edits), "builtin:offers", sure, changes)
        if self.first:
            yield Candidate("order", "builtin:offers", "action", run_first=self.first)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kernels() -> AsyncIterator[SidecarKernels]:
    made = SidecarKernels(Settings(isolation=IsolationSettings(level="limited")))
    yield made
    await made.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


def notebook_of(folder: Path, *sources: str) -> Notebook:
    cells = tuple(Cell(f"c{place}", text) for place, text in enumerate(sources, 1))
    return Notebook(f"untitled:{folder.name}", cells, path=str(folder / "receipts.ipynb"))


async def proposed(
    kernels: SidecarKernels, notebook: Notebook, fails: int, *drafts: Draft, first: tuple[str, ...] = ()
) -> Proposals:
    assistant = Assistant(kernels, (Offers(drafts, first),), Settings())
    return await fix(assistant, notebook, notebook.cell(f"c{fails}"), None, Person())


def told(proposals: Proposals) -> list[tuple[str, str]]:
    return [(each.receipt.verdict, each.receipt.reason) for each in proposals.candidates if each.receipt]


ABOVE = "prices = ['3', '4', '5']"
BROKEN = "total = sum(prices)\ntotal"

ONE_CANDIDATE = {
    "a fix": (
        "likely",
        {2: "total = sum(map(int, prices))\ntotal"},
        "verified",
        "Ran cell 1 and this one in a sidecar kernel: the error is gone.",
    ),
    "a guess": (
        "guess",
        {2: "total = sum(map(int, prices))\ntotal"},
        "unchecked",
        "It runs; whether it is what you mean, only you know.",
    ),
    "None in place of a value": (
        "likely",
        {2: "total = print(sum(map(int, prices)))\ntotal"},
        "unchecked",
        "It runs, but `total` is now None; whether that is what you mean, only you know.",
    ),
    "the same error": (
        "likely",
        {2: "total = sum(list(prices))\ntotal"},
        "same-error",
        "The same TypeError comes again.",
    ),
    "another error": (
        "likely",
        {2: "total = sum(map(int, price))\ntotal"},
        "new-error",
        "Another error comes instead: NameError: name 'price' is not defined",
    ),
    "a cell above that breaks": (
        "likely",
        {1: "prices = ['3', '4', '5'].ints()"},
        "new-error",
        "Cell 1, as changed, fails itself: AttributeError.",
    ),
    "a cell above that is mended": (
        "likely",
        {1: "prices = [3, 4, 5]"},
        "verified",
        "Ran cell 1 and this one in a sidecar kernel: the error is gone.",
    ),
}


@pytest.mark.parametrize("case", ONE_CANDIDATE)
async def test_one_candidate(kernels, tmp_path, case):
    sure, edits, verdict, reason = ONE_CANDIDATE[case]
    proposals = await proposed(kernels, notebook_of(tmp_path, ABOVE, BROKEN), 2, (sure, edits))
    assert told(proposals) == [(verdict, reason)]


@pytest.mark.parametrize(
    "text", ["", "pass", "try:\n    total = sum(prices)\nexcept Exception:\n    total = 12\ntotal"]
)
async def test_what_dodges_the_failure_is_not_run(kernels, tmp_path, text):
    [[verdict, reason]] = told(await proposed(kernels, notebook_of(tmp_path, ABOVE, BROKEN), 2, ("certain", {2: text})))
    assert verdict == "escape"
    assert reason.startswith("Not run, since it is no fix: ")


async def test_rivals_are_all_left_to_the_user(kernels, tmp_path):
    drafts: list[Draft] = [
        ("likely", {2: "total = sum(map(int, prices))\ntotal"}),
        ("likely", {2: "total = ''.join(prices)\ntotal"}),
    ]
    proposals = await proposed(kernels, notebook_of(tmp_path, ABOVE, BROKEN), 2, *drafts)
    assert [verdict for verdict, _ in told(proposals)] == ["unchecked", "unchecked"]
    assert "only you know" in told(proposals)[0][1]
    assert proposals.note == "Nothing here is sure to be what you mean: choose, or leave it."


async def test_two_ways_to_one_value_are_no_rivals(kernels, tmp_path):
    drafts: list[Draft] = [
        ("likely", {2: "total = sum(map(int, prices))\ntotal"}),
        ("likely", {2: "total = sum(int(each) for each in prices)\ntotal"}),
    ]
    proposals = await proposed(kernels, notebook_of(tmp_path, ABOVE, BROKEN), 2, *drafts)
    assert [verdict for verdict, _ in told(proposals)] == ["verified", "verified"]


async def test_a_guess_comes_after_a_sure_one_that_is_not_verified(kernels, tmp_path):
    drafts: list[Draft] = [
        ("guess", {2: "total = sum(map(int, prices))\ntotal"}),
        ("likely", {2: "total = sum(price)"}),
    ]
    proposals = await proposed(kernels, notebook_of(tmp_path, ABOVE, BROKEN), 2, *drafts)
    assert [each.confidence for each in proposals.candidates] == ["likely", "guess"]


async def test_a_change_above_runs_what_lies_between_and_names_the_cause(kernels, tmp_path):
    book = notebook_of(tmp_path, ABOVE, "unit = 2", "scaled = [each * unit for each in prices]", "total = sum(scaled)")
    proposals = await proposed(kernels, book, 4, ("likely", {1: "prices = [3, 4, 5]"}))
    expected = "Ran cells 1, 2, 3 and this one in a sidecar kernel: the error is gone."
    assert told(proposals) == [("verified", expected)]
    assert proposals.note == "The cause is in cell 1."


async def test_a_cell_above_finds_no_name_that_only_a_cell_between_makes(kernels, tmp_path):
    book = notebook_of(tmp_path, "prices = ['3']", "factor = 2", "total = sum(prices) * factor")
    proposals = await proposed(kernels, book, 3, ("likely", {1: "prices = [3 * factor]"}))
    assert told(proposals) == [("new-error", "Cell 1, as changed, fails itself: NameError.")]


async def test_a_fix_finds_no_name_whose_cell_was_deleted(kernels, tmp_path):
    book = notebook_of(tmp_path, "rate = 2", "prices = ['3']", "total = sum(prices)")
    assistant = Assistant(kernels, (Offers([("likely", {3: "total = sum(map(int, prices)) * rate"})]),), Settings())
    good = book.with_sources({"c3": "total = rate"})
    await run(assistant, good, good.cells[2], "above", Person())
    left = Notebook(book.uri, book.cells[1:], book.path)
    proposals = await fix(assistant, left, left.cells[1], None, Person())
    assert told(proposals) == [("new-error", "Another error comes instead: NameError: name 'rate' is not defined")]


async def test_a_change_above_finds_no_name_of_its_own_old_text(kernels, tmp_path):
    book = notebook_of(tmp_path, "prices = ['3']", "total = sum(prices)")
    assistant = Assistant(kernels, (Offers([("likely", {1: "prices = [int(each) for each in prices]"})]),), Settings())
    await run(assistant, book, book.cells[0], "above", Person())
    [[verdict, reason]] = told(await fix(assistant, book, book.cells[1], None, Person()))
    assert (verdict, reason) == ("new-error", "Cell 1, as changed, fails itself: NameError.")


async def test_cells_below_are_checked_with_all_they_need(kernels, tmp_path):
    book = notebook_of(
        tmp_path, "rows = [3, 1]", "rows.sort(reversed=True)\nbest = rows[0]", "title = 'best'", "print(title, rows)"
    )
    assistant = Assistant(kernels, (Offers([("likely", {2: "rows.sort(reverse=True)\nbest = rows[0]"})]),), Settings())
    good = book.with_sources({"c2": "rows.sort()\nbest = rows[0]"})
    await run(assistant, good, good.cells[3], "above", Person())
    proposals = await fix(assistant, book, book.cells[1], None, Person())
    [[verdict, reason]] = told(proposals)
    assert verdict == "verified"
    assert reason.endswith("1 later cell still runs. Cell 4 now gives another output.")


async def test_what_writes_is_not_run_again_without_the_users_word(kernels, tmp_path):
    written = tmp_path / "best.txt"
    book = notebook_of(
        tmp_path, "rows = [3, 1]", "rows.sort(reversed=True)", f"open({str(written)!r}, 'a').write(str(rows))"
    )
    assistant = Assistant(kernels, (Offers([("likely", {2: "rows.sort(reverse=True)"})]),), Settings())
    good = book.with_sources({"c2": "rows.sort()"})
    await run(assistant, good, good.cells[2], "above", Person())
    [[verdict, reason]] = told(await fix(assistant, book, book.cells[1], None, Person()))
    assert verdict == "verified"
    assert reason.endswith("0 of 1 later cells checked: it is slow, or would reach your files or network.")
    assert written.read_text() == "[1, 3]", "once, by the user's own run"


async def test_a_trial_runs_no_cell_above_that_writes(kernels, tmp_path):
    written = tmp_path / "rows.txt"
    book = notebook_of(
        tmp_path, "rows = ['3']", f"rows.append('4')\nopen({str(written)!r}, 'a').write(rows[0])", "total = sum(rows)"
    )
    assistant = Assistant(kernels, (Offers([("likely", {1: "rows = [3]"})]),), Settings())
    await run(assistant, book, book.cells[1], "above", Person())
    [[verdict, reason]] = told(await fix(assistant, book, book.cells[2], None, Person()))
    assert (verdict, reason) == ("unchecked", "Not tried: it runs cell 2, which writes rows.txt.")
    assert written.read_text() == "3"


async def test_a_cell_below_that_breaks_is_told(kernels, tmp_path):
    book = notebook_of(tmp_path, "rows = [3, 1]", "rows.sort(reversed=True)\nbest = rows[0]", "best + 1")
    draft = "rows.sort(reverse=True)\nbest = str(rows[0])"
    assistant = Assistant(kernels, (Offers([("likely", {2: draft})]),), Settings())
    good = book.with_sources({"c2": "rows.sort()\nbest = rows[0]"})
    await run(assistant, good, good.cells[2], "above", Person())
    [[verdict, reason]] = told(await fix(assistant, book, book.cells[1], None, Person()))
    assert (verdict, reason) == ("new-error", "The error is gone, but cell 3 below, which ran before, now fails.")


async def test_when_only_the_order_was_wrong_the_needed_cells_alone_are_named(kernels, tmp_path):
    book = notebook_of(tmp_path, "a = 1", "b = 2", "c = 3", "print(a + c)")
    said = Failure("NameError", "name 'c' is not defined", ("NameError: name 'c' is not defined",), ())
    assistant = Assistant(kernels, (Offers(),), Settings())
    proposals = await fix(assistant, book, book.cells[3], said, Person())
    [candidate] = proposals.candidates
    assert (candidate.confidence, candidate.run_first) == ("action", ("c1", "c3"))
    assert candidate.title == "Run cells 1 and 3 first, then this one"


async def test_cells_below_can_be_run_first(kernels, tmp_path):
    book = notebook_of(tmp_path, "a = 1", "print(total)", "total = a + 1")
    proposals = await proposed(kernels, book, 2, first=("c3",))
    assert [verdict for verdict, _ in told(proposals)] == ["verified"]


async def test_a_name_whose_cell_was_deleted(kernels, tmp_path):
    book = notebook_of(tmp_path, "rate = 2", "print(rate)")
    assistant = Assistant(kernels, (Offers(),), Settings())
    await run(assistant, book, book.cells[1], "above", Person())
    left = Notebook(book.uri, book.cells[1:], book.path)
    proposals = await fix(assistant, left, left.cells[0], None, Person())
    assert proposals.note == "`rate` was made by a cell that has been deleted since: put it back."


async def test_what_there_is_no_time_for_is_said(kernels, tmp_path, monkeypatch):
    monkeypatch.setattr(fixing, "BUDGET", 3.0)
    drafts: list[Draft] = [
        ("likely", {2: "import time; time.sleep(600)\ntotal = sum(prices)\ntotal"}),
        ("likely", {2: "import time; time.sleep(601)\ntotal = sum(prices)\ntotal"}),
        ("likely", {2: "total = sum(map(int, prices))\ntotal"}),
    ]
    proposals = await proposed(kernels, notebook_of(tmp_path, ABOVE, BROKEN), 2, *drafts)
    assert told(proposals) == [("unchecked", "Not tried: the time was up.")] * 3


async def test_a_kernel_that_dies_is_no_error_to_mend(kernels, tmp_path):
    proposals = await proposed(kernels, notebook_of(tmp_path, "import os; os._exit(9)"), 1)
    assert proposals.candidates == ()
    assert proposals.note is not None
    assert proposals.note.startswith("There is no error to mend, since the cell did not run to its end.")
