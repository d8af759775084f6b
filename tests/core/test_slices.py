from __future__ import annotations

import random
from typing import Any

import pytest

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.slices import slice_of
from tests.core.notebooks import Writer

NOTEBOOKS = 10_000


def namespace_after(cells: list[Cell]) -> tuple[dict[str, Any], bool]:
    """Run cells in a namespace of their own, and say whether the last one ran."""
    random.seed(0)
    names: dict[str, Any] = {}
    ran = True
    for cell in cells:
        try:
            exec(cell.source, names)
            ran = True
        except Exception:
            ran = False
    return names, ran


def plain(value: Any, depth: int = 4) -> Any:
    """What can be compared of a value; a list may hold itself."""
    if isinstance(value, (int, str)):
        return value
    if isinstance(value, list) and depth:
        return [plain(each, depth - 1) for each in value]
    return type(value).__name__


@pytest.mark.parametrize("part", range(4))
def test_running_the_slice_gives_what_running_all_gives(part: int) -> None:
    wrong = []
    left_out = 0
    for seed in range(part, NOTEBOOKS, 4):
        notebook = Writer(seed).notebook(random.Random(seed).randint(3, 14))
        target = notebook.cells[-1]
        found = slice_of(notebook, target.id)
        left_out += len(notebook.cells) - 1 - len(found.cells)
        every, ran = namespace_after(list(notebook.cells))
        some, also = namespace_after([*found.cells, target])
        own = flow(target.source)
        names = sorted(own.defines | own.reads.keys() | own.changes)
        if ran and (not also or [plain(every.get(n)) for n in names] != [plain(some.get(n)) for n in names]):
            wrong.append(seed)
    assert wrong == []
    assert left_out > NOTEBOOKS / 4  # a slice that is everything above would be right, and no help
