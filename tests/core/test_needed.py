"""What `run needed` replays, against what running everything gives."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.effects import effects
from ai_notebook_ls.core.ledger import Entry, fresh_cells, names_of, plan, used_by
from tests.core.notebooks import Writer
from tests.core.test_slices import PARTS, plain, run

HISTORIES = 3_000


class Namespace:
    """A kernel without a process: runs cells, and keeps a ledger as a sidecar kernel does."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.ledger: list[Entry] = []
        self.random = random.getstate()

    def run(self, cell: Cell) -> bool:
        before = dict(self.names)
        random.setstate(self.random)  # what others draw meanwhile is not this kernel's
        try:
            exec(cell.source, self.names)
            ok = True
        except Exception:
            ok = False
        self.random = random.getstate()
        keys = {*before, *self.names} - {"__builtins__"}
        seen = [name for name in keys if before.get(name, self) is not self.names.get(name, self)]
        count = len(self.ledger) + 1
        self.ledger.append(
            Entry(cell.id, cell.digest, count, "ok" if ok else "error", 1.0, names_of(cell, seen), used_by(cell))
        )
        return ok


def good_notebook(seed: int, length: int) -> tuple[Cell, ...]:
    cells = list(Writer(seed).notebook(length).cells)
    while len(ran := run(cells)[1]) < len(cells):
        cells = ran
    return tuple(cells)


@pytest.mark.parametrize("part", PARTS)
def test_after_any_history_the_needed_cells_give_what_running_all_gives(part: int) -> None:
    wrong = []
    replayed = needed = 0
    for seed in range(part, HISTORIES, len(PARTS)):
        dice = random.Random(seed)
        cells = good_notebook(seed, dice.randint(4, 12))
        if len(cells) < 2:
            continue
        kernel = Namespace()
        for cell in cells[: dice.randint(0, len(cells))]:
            kernel.run(cell)
        for _ in range(dice.randint(0, 4)):  # the user goes back and forth, and edits
            at = dice.randrange(len(cells))
            if dice.random() < 0.4:
                other = Writer(dice.randrange(10**6)).notebook(1).cells[0].source
                edited = (*cells[:at], replace(cells[at], source=other), *cells[at + 1 :])
                cells = edited if len(run(edited)[1]) == len(edited) else cells
            else:
                kernel.run(cells[at])
        target = dice.choice(cells)
        notebook = Notebook("file:///n.ipynb", cells)
        chosen = plan(notebook, target.id, "needed", kernel.ledger)
        ran = all(kernel.run(cell) for cell in (*chosen.replay, target))
        every, _ = run((*notebook.above(target.id), target))
        own = flow(target.source)
        # What no cell makes any more, and a kernel may still hold, is not compared.
        names = sorted((effects(target.source).always | own.reads.keys() | own.changes) & every.keys())
        replayed += len(chosen.replay)
        needed += len(chosen.replay) + len(chosen.fresh)
        if not ran or [plain(every.get(n)) for n in names] != [plain(kernel.names.get(n)) for n in names]:
            wrong.append(seed)
    assert wrong == []
    assert replayed < needed  # to replay everything would be right, and no help


def big() -> Notebook:
    """Twenty pipelines of ten cells each, on one import and one helper."""
    cells = ["import math", "def scaled(x):\n    return x * math.pi"]
    for each in range(20):
        cells += [f"raw{each} = [{each}, 2, 3]", f"a{each}_0 = scaled(raw{each}[0])"]
        cells += [f"a{each}_{i} = a{each}_{i - 1} + {i}" for i in range(1, 8)]
        cells += [f"print(a{each}_7)"]
    return Notebook("file:///big.ipynb", tuple(Cell(f"c{i}", source) for i, source in enumerate(cells[:200])))


def test_nothing_is_rerun_when_nothing_is_stale_and_exactly_the_stale_slice_after_an_edit() -> None:
    notebook = big()
    kernel = Namespace()
    assert all(kernel.run(cell) for cell in notebook.code)
    for cell in notebook.code:
        assert plan(notebook, cell.id, "needed", kernel.ledger).replay == ()
    assert fresh_cells(notebook, kernel.ledger) == {cell.id for cell in notebook.code}
    place = next(i for i, cell in enumerate(notebook.code) if cell.source.startswith("a5_3"))
    edited = notebook.with_sources({notebook.code[place].id: "a5_3 = a5_2 + 100"})
    target = edited.code[place + 5]
    assert target.source == "print(a5_7)"
    stale = tuple(edited.code[place : place + 5])
    assert plan(edited, target.id, "needed", kernel.ledger).replay == stale
    assert {cell.id for cell in edited.code} - fresh_cells(edited, kernel.ledger) == {
        each.id for each in (*stale, target)
    }
    other = edited.code[place + 15]
    assert plan(edited, other.id, "needed", kernel.ledger).replay == ()
    for cell in (*stale, target):
        assert kernel.run(cell)
    assert plan(edited, target.id, "needed", kernel.ledger).replay == ()
