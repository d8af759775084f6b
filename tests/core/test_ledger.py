from __future__ import annotations

import pytest

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import CellUnknown
from ai_notebook_ls.core.ledger import Entry, RunMode, fresh_cells, leads_up_to, names_of, plan
from ai_notebook_ls.core.outcomes import Status

A, B, C, D = (Cell(name, f"{name} = 1") for name in "abcd")
M = Cell("m", "# text", "markdown")
BOOK = Notebook("file:///n.ipynb", (A, M, B, C, D))


def ran(*cells: Cell, status: Status = "ok") -> list[Entry]:
    return [Entry(cell.id, cell.digest, count, status, 1.0) for count, cell in enumerate(cells, 1)]


LEDGERS = [
    ([], ""),
    (ran(A), "a"),
    (ran(A, B, C), "abc"),
    (ran(B), ""),
    (ran(A, C), "a"),
    (ran(B, A, C), "a"),
    (ran(B, A, B), "ab"),
    (ran(A, B, A), "a"),
    (ran(A) + ran(B, status="error"), "a"),
    (ran(A, status="interrupted"), ""),
    (ran(A, status="error") + ran(A, B), "ab"),
    (ran(A, B) + ran(B, status="timeout"), "a"),
    (ran(Cell("a", "a = 2"), B), ""),
    (ran(Cell("z", "gone"), A, B), "ab"),
]


@pytest.mark.parametrize(("ledger", "fresh"), LEDGERS)
def test_leading_cells_that_ran_in_order_are_fresh(ledger: list[Entry], fresh: str) -> None:
    assert "".join(cell.id for cell in fresh_cells(ledger, (A, B, C))) == fresh


X = Cell("x", "x = 1")
Y = Cell("y", "y = x")
F = Cell("f", "scale = 2\ndef f():\n    return scale")
LOOP = Cell("i", "for i in range(3): pass")


def changed(cell: Cell, *names: str) -> Entry:
    return Entry(cell.id, cell.digest, 1, "ok", 1.0, names)


@pytest.mark.parametrize(
    ("ledger", "target", "fresh"),
    [
        ([changed(X, "x"), changed(Y, "y"), changed(D, "x")], Cell("t", "x += 1"), ""),
        ([changed(X, "x"), changed(Y, "y"), changed(D, "x")], Cell("t", "y + 1"), "xy"),
        ([changed(X, "x"), changed(Y, "y"), changed(D, "x")], Cell("t", "x = 5"), "xy"),
        ([changed(X, "x"), changed(Y, "y"), changed(D, "y")], Cell("t", "y + 1"), "x"),
        ([changed(D, "x"), changed(X, "x"), changed(Y, "y")], Cell("t", "x + 1"), "xy"),
        ([changed(X, "x"), changed(Y, "y", "x"), changed(Y, "y", "x")], Cell("t", "x + 1"), ""),
        ([changed(X, "x"), changed(Y, "y", "x")], Cell("t", "x + 1"), "xy"),
        ([changed(X, "x"), changed(D, "x")], Cell("t", "1"), ""),
        ([changed(X, "x"), changed(Y, "y"), changed(D, "z")], Cell("t", "x + y + z"), "xy"),
    ],
    ids=[
        "what the target reads was changed since",
        "what was changed is not read",
        "nor is it when the target sets it",
        "only what was changed is stale",
        "it was changed before",
        "a cell above changed it twice",
        "a cell above changed it in its turn",
        "a cell that is to run again reads it",
        "a name of nobody's",
    ],
)
def test_a_cell_is_stale_when_something_else_changed_its_names(ledger: list[Entry], target: Cell, fresh: str) -> None:
    assert "".join(cell.id for cell in fresh_cells(ledger, (X, Y), target)) == fresh


def test_what_a_function_reads_when_it_is_called_counts() -> None:
    ledger = [changed(F, "scale", "f"), changed(D, "scale")]
    assert fresh_cells(ledger, (F,), Cell("t", "f()")) == ()
    assert fresh_cells([changed(LOOP, "i"), changed(D, "i")], (LOOP,), Cell("t", "for i in range(2): pass")) == (LOOP,)


def test_names_are_those_seen_and_those_changed_in_place() -> None:
    cell = Cell("c", "a = 1\nb.append(a)\ndel d")
    assert names_of(cell, ("a", "from_exec")) == ("a", "from_exec", "b")
    assert names_of(cell, None) == ("a", "d", "b")
    assert names_of(Cell("r", "x <- function(y) {"), None) == ()


def test_a_kernel_leads_up_to_cells_if_only_they_ran() -> None:
    assert leads_up_to(ran(A, B), (A, B))
    assert not leads_up_to(ran(A, B, A), (A, B))
    assert not leads_up_to(ran(A), (A, B))
    assert not leads_up_to(ran(A, B, status="error"), (A, B))
    assert not leads_up_to(ran(Cell("a", "a = 2"), B), (A, B))
    assert leads_up_to([], ())


@pytest.mark.parametrize(
    ("mode", "replay", "fresh"), [("cell", "", ""), ("needed", "c", "ab"), ("above", "abc", ""), ("all", "abc", "")]
)
def test_a_mode_chooses_what_runs_before(mode: RunMode, replay: str, fresh: str) -> None:
    found = plan(BOOK, "d", mode, ran(A, B))
    assert "".join(cell.id for cell in found.replay) == replay
    assert "".join(cell.id for cell in found.fresh) == fresh


def test_an_unknown_cell_has_no_plan() -> None:
    with pytest.raises(CellUnknown):
        plan(BOOK, "z", "needed", ())
