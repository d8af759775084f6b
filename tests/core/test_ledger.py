from __future__ import annotations

import pytest

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import CellUnknown
from ai_notebook_ls.core.ledger import Entry, RunMode, fresh_cells, plan
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
