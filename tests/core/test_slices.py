from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.effects import effects
from ai_notebook_ls.core.slices import node_of, slice_of
from tests.core.notebooks import Writer

NOTEBOOKS = 10_000
PARTS = [0, *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 4))]


def run(cells: Iterable[Cell]) -> tuple[dict[str, Any], list[Cell]]:
    """Run cells in a namespace of their own; return it, and those that ran to their end."""
    names: dict[str, Any] = {}
    ran = []
    for cell in cells:
        try:
            exec(cell.source, names)
        except Exception:
            continue
        ran.append(cell)
    return names, ran


def plain(value: Any, depth: int = 4) -> Any:
    """What can be compared of a value; a list may hold itself."""
    if isinstance(value, (int, str)):
        return value
    if isinstance(value, list) and depth:
        return [plain(each, depth - 1) for each in value]
    return type(value).__name__


@pytest.mark.parametrize("part", PARTS)
def test_running_the_slice_gives_what_running_all_gives(part: int) -> None:
    wrong = []
    left_out = 0
    for seed in range(part, NOTEBOOKS, len(PARTS)):
        good = list(Writer(seed).notebook(random.Random(seed).randint(3, 14)).cells)
        while len(ran := run(good)[1]) < len(good):
            good = ran  # what a failing cell had done before it failed is no longer there
        if not good:
            continue
        notebook = Notebook("file:///n.ipynb", tuple(good))
        target = good[-1]
        found = slice_of(notebook, target.id)
        left_out += len(good) - 1 - len(found.cells)
        (every, _), (some, ran) = run(good), run([*found.cells, target])
        own = flow(target.source)
        names = sorted(effects(target.source).always | own.reads.keys() | own.changes)
        if target not in ran or [plain(every.get(n)) for n in names] != [plain(some.get(n)) for n in names]:
            wrong.append(seed)
    assert wrong == []
    assert left_out > NOTEBOOKS / len(PARTS)  # a slice that is everything above would be right, and no help


def test_a_name_bound_and_used_in_one_cell_is_no_leftover() -> None:
    notebook = Notebook("untitled:x", (Cell("a", "out = open('x.txt', 'a')\nout.write('x')\nout.close()"),))
    assert node_of(notebook, "a").leftovers == frozenset()


def test_a_builtin_that_a_cell_above_has_taken_is_needed() -> None:
    sources = ("list = [1]", "x = 0", "list((1, 2))", "def f():\n    return list((1, 2))", "f()")
    notebook = Notebook("untitled:x", tuple(Cell(f"c{n}", text) for n, text in enumerate(sources)))
    assert [each.id for each in slice_of(notebook, "c2").cells] == ["c0"]
    assert [each.id for each in slice_of(notebook, "c4").cells] == ["c0", "c3"]
