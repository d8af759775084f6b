"""What code, a notebook or an error may be as large as it likes, and holds up nobody."""

import re
from pathlib import Path

from ai_notebook_ls.core import limits, magics
from ai_notebook_ls.core.candidates import Candidate, Proposals, Receipt
from ai_notebook_ls.core.caution import cautions
from ai_notebook_ls.core.cells import Cell, Notebook, script_cells
from ai_notebook_ls.core.effects import effects
from ai_notebook_ls.core.findings import findings
from ai_notebook_ls.core.outcomes import Outcome, OutputFold, read_failure
from ai_notebook_ls.core.slices import MOST_TOKENS, _Pass, slice_of

HUGE = "x = 1\n" * 2_000_000


def test_an_error_of_many_megabytes_is_cut_in_each_of_its_texts() -> None:
    text = "head" + "m" * 12_000_000 + "tail"
    failure = read_failure("E" * 5000, text, [f"E: {text}"] + ["line"] * 100_000, "c", {})
    size = len(failure.ename) + len(failure.evalue) + sum(map(len, failure.traceback))
    assert size < 200_000
    assert failure.evalue.startswith("head") and failure.evalue.endswith("tail")
    fold = OutputFold(4_000_000)
    output = fold.add("error", {"ename": "E", "evalue": text, "traceback": [text, text]})
    assert output is not None
    assert len(repr(output)) < 200_000


def test_a_short_error_is_kept_as_it_is() -> None:
    failure = read_failure("ValueError", "no", ["a", "b"], "c", {})
    assert (failure.ename, failure.evalue, failure.traceback) == ("ValueError", "no", ("a", "b"))


def test_receipts_keep_the_outputs_of_the_best_candidates_only() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 3_000_000}
    receipt = Receipt("verified", "", Outcome("ok", "c", (output,)))
    made = Proposals(
        None, (Candidate("a", "o", "likely", receipt=receipt), Candidate("b", "o", "likely", receipt=receipt))
    )
    outcomes = [each.receipt.outcome for each in made.candidates if each.receipt]
    assert [bool(each and each.outputs) for each in outcomes] == [True, False]
    assert outcomes[1] is not None and outcomes[1].truncated_bytes == 3_000_000


def test_a_cell_of_megabytes_is_never_parsed_and_says_so() -> None:
    notebook = Notebook("n", (Cell("a", "x = 1"), Cell("b", HUGE), Cell("c", "print(x)")))
    assert magics.parse(HUGE) is None
    assert effects(HUGE).opaque
    assert [cell.id for cell in slice_of(notebook, "c").cells] == ["a", "b"]
    assert slice_of(notebook, "c").unsure
    assert [(each.kind, each.cell) for each in findings(notebook)] == [("too-large", "b")]
    assert [each.cell.id for each in cautions(notebook, notebook.code, {}, 1e9, contained=False)] == ["b"]
    assert len(script_cells(HUGE)) == 1


def test_in_a_chain_of_cells_no_name_keeps_a_token_for_each_cell_above() -> None:
    passing = _Pass()
    for place in range(300):
        passing.take(place, f"x{place + 1} = x{place} + 1")
    assert max(map(len, passing.held.values())) <= MOST_TOKENS + 2
    assert passing._alike(frozenset({"x300"})) >= {"x1", "x150"}  # and nothing that was known is forgotten


def test_a_notebook_of_more_cells_than_are_analysed_says_so() -> None:
    notebook = Notebook("n", tuple(Cell(f"c{i}", "x = 1") for i in range(limits.CELLS + 1)))
    assert [each.kind for each in findings(notebook)] == ["too-large"]
    assert len(slice_of(notebook, "c7").cells) == 7


def test_the_documented_limits_are_those_in_force() -> None:
    text = (Path(__file__).parents[2] / "docs/limits.md").read_text(encoding="utf-8")
    said = {name: int(number.replace(",", "")) for name, number in re.findall(r"\| `([A-Z_]+)` \| ([\d,]+) \|", text)}
    assert said == {name: value for name, value in vars(limits).items() if name.isupper()}
