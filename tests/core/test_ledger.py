from __future__ import annotations

from dataclasses import replace

import pytest

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import CellUnknown
from ai_notebook_ls.core.ledger import Entry, fresh_cells, names_of, out_of_turn, plan, refresh, used_by
from ai_notebook_ls.core.outcomes import Status

A, B, C, D = (Cell(name, f"{name} = 1") for name in "abcd")
M = Cell("m", "# text", "markdown")
BOOK = Notebook("file:///n.ipynb", (A, M, B, C, D))


def ran(*cells: Cell, status: Status = "ok") -> list[Entry]:
    return [Entry(cell.id, cell.digest, count, status, 1.0) for count, cell in enumerate(cells, 1)]


CHAIN = Notebook(
    "file:///chain.ipynb",
    (Cell("a", "x = []"), Cell("b", "x.append(1)"), Cell("c", "y = len(x)"), Cell("t", "print(y)")),
)
A1, B1, C1, T1 = CHAIN.cells

LEDGERS = [
    ([], "abc"),
    (ran(A1), "bc"),
    (ran(A1, B1, C1), ""),
    (ran(B1), "abc"),
    (ran(A1, C1), "bc"),
    (ran(B1, A1, C1), "bc"),
    (ran(A1, B1, A1), "bc"),
    (ran(A1, B1, B1), "abc"),
    (ran(A1, B1, B1, C1), "abc"),
    (ran(A1, B1, C1, C1), ""),
    (ran(A1) + ran(B1, status="error"), "abc"),
    (ran(A1, status="interrupted"), "abc"),
    (ran(A1, status="error") + ran(A1, B1), "c"),
    (ran(Cell("a", "x = [2]"), B1), "abc"),
    (ran(A1, B1, Cell("c", "y = 2")), "c"),
    (ran(Cell("z", "gone"), A1, B1), "c"),
]


@pytest.mark.parametrize(("ledger", "replay"), LEDGERS)
def test_what_is_stale_runs_again(ledger: list[Entry], replay: str) -> None:
    chosen = plan(CHAIN, "t", "needed", ledger)
    assert "".join(cell.id for cell in chosen.replay) == replay
    assert "".join(cell.id for cell in chosen.fresh) == "".join(each for each in "abc" if each not in replay)
    assert "".join(cell.id for cell in refresh(CHAIN, "t", ledger).replay) == replay


X = Cell("x", "x = 1")
Y = Cell("y", "y = x")
F = Cell("f", "scale = 2\ndef f():\n    return scale")
LOOP = Cell("i", "for i in range(3): pass")


def changed(cell: Cell, *names: str) -> Entry:
    return Entry(cell.id, cell.digest, 1, "ok", 1.0, names)


@pytest.mark.parametrize(
    ("ledger", "target", "replay"),
    [
        ([changed(X, "x"), changed(Y, "y"), changed(D, "x")], Cell("t", "x += 1"), "x"),
        ([changed(X, "x"), changed(Y, "y"), changed(D, "x")], Cell("t", "y + 1"), ""),
        ([changed(X, "x"), changed(Y, "y"), changed(D, "x")], Cell("t", "x = 5"), ""),
        ([changed(X, "x"), changed(Y, "y"), changed(D, "y")], Cell("t", "y + 1"), "y"),
        ([changed(X, "x"), changed(D, "x"), changed(Y, "y")], Cell("t", "y + 1"), "xy"),
        ([changed(D, "x"), changed(X, "x"), changed(Y, "y")], Cell("t", "x + 1"), ""),
        ([changed(X, "x"), changed(Y, "y", "x")], Cell("t", "x + 1"), ""),
        ([changed(X, "x"), changed(D, "x")], Cell("t", "1"), ""),
        ([changed(X, "x"), changed(Y, "y"), changed(D, "z")], Cell("t", "x + y + z"), ""),
    ],
    ids=[
        "what the target reads was changed since",
        "what was changed since is not read",
        "nor is it when the target sets it",
        "only what was changed is stale",
        "what a cell above read had been changed",
        "it was changed before",
        "a cell above changed it in its turn, unseen in its text",
        "nobody reads it",
        "a name of nobody's",
    ],
)
def test_a_cell_is_stale_when_something_else_changed_its_names(ledger: list[Entry], target: Cell, replay: str) -> None:
    chosen = plan(Notebook("file:///n.ipynb", (X, Y, target)), target.id, "needed", ledger)
    assert "".join(cell.id for cell in chosen.replay) == replay


def test_what_a_function_reads_when_it_is_called_counts() -> None:
    book = Notebook("file:///n.ipynb", (F, Cell("t", "f()")))
    assert plan(book, "t", "needed", [changed(F, "scale", "f"), changed(D, "scale")]).replay == (F,)
    assert plan(book, "t", "needed", [changed(F, "scale", "f"), changed(D, "other")]).replay == ()


def test_names_are_those_seen_and_those_changed_in_place() -> None:
    cell = Cell("c", "a = 1\nb.append(a)\ndel d")
    assert names_of(cell, ("a", "from_exec")) == ("a", "from_exec", "b")
    assert names_of(cell, None) == ("a", "d", "b")
    assert names_of(Cell("r", "x <- function(y) {"), None) == ()


def test_what_is_needed_is_left_out_of_no_other_mode() -> None:
    for mode, replay in (("cell", ""), ("needed", "c"), ("above", "abc"), ("all", "abc")):
        assert "".join(cell.id for cell in plan(CHAIN, "t", mode, ran(A1, B1)).replay) == replay  # type: ignore[arg-type]


def test_a_name_that_nobody_above_makes_is_out_of_turn() -> None:
    book = Notebook("file:///n.ipynb", (Cell("t", "print(total)"), Cell("u", "total = 1")))
    assert not out_of_turn(book, "t", ())
    assert out_of_turn(book, "t", [changed(book.cells[1], "total")])
    assert not out_of_turn(CHAIN, "t", ran(A1, B1, C1))


def test_running_an_import_or_a_function_again_makes_nothing_stale() -> None:
    cells = (Cell("i", "import math\ndef f(x):\n    return math.pi * x"), Cell("v", "v = f(2)"), Cell("t", "v"))
    book = Notebook("file:///n.ipynb", cells)
    entries = [changed(cells[0], "math", "f"), changed(cells[1], "v"), changed(cells[0], "math", "f")]
    assert plan(book, "t", "needed", entries).replay == ()
    assert fresh_cells(book, entries) == {"i", "v"}


def test_a_run_holds_whatever_has_not_run_and_until_something_else_changes_what_it_made() -> None:
    cells = (Cell("v", "v = [1]"), Cell("m", "w = v.append(2)"), Cell("b", "for x in v\n    pass"), Cell("t", "len(v)"))
    book = Notebook("file:///n.ipynb", cells)
    assert fresh_cells(book, [changed(cells[0], "v")]) == {"v"}, "two cells below may change it, and have not run"
    assert fresh_cells(book, [changed(cells[0], "v"), changed(cells[1], "v", "w")]) == {"v", "m"}
    assert fresh_cells(book, [changed(cells[0], "v"), changed(cells[3])]) == {"v"}, "it should have come after another"
    scratch = Cell("s", "v = None")
    assert fresh_cells(book, [changed(cells[0], "v"), changed(scratch, "v")]) == frozenset()


def test_in_another_language_each_cell_needs_all_above() -> None:
    book = Notebook("file:///n.ipynb", (A, B, C), language="R")
    assert plan(book, "c", "needed", ran(A, B)).replay == ()
    assert plan(book, "c", "needed", ran(B, A)).replay == (B,)


def test_an_unknown_cell_has_no_plan() -> None:
    with pytest.raises(CellUnknown):
        plan(BOOK, "z", "needed", ())


def test_what_an_older_text_of_a_function_made_is_stale() -> None:
    book = Notebook("file:///f.ipynb", (Cell("f", "def f():\n    return 2"), Cell("y", "y = f()"), Cell("t", "y")))
    old, made = Cell("f", "def f():\n    return 1"), book.cell("y")
    ledger = [changed(old, "f"), changed(made, "y"), changed(book.cell("f"), "f")]
    assert [cell.id for cell in plan(book, "t", "needed", ledger).replay] == ["y"]


def test_what_an_older_text_used_up_is_made_again() -> None:
    book = Notebook("file:///u.ipynb", (Cell("it", "it = iter([1, 2])"), Cell("t", "x = list(it)")))
    old = Cell("t", "x = sum(it)")
    ledger = [changed(book.cell("it"), "it"), replace(changed(old, "x"), used=used_by(old))]
    assert [cell.id for cell in plan(book, "t", "needed", ledger).replay] == ["it"]
    data = book.with_sources({"it": "it = [1, 2]"})
    ledger[0] = changed(data.cell("it"), "it")
    assert plan(data, "t", "needed", ledger).replay == ()
