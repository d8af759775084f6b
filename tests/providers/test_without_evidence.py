"""The rules where no kernel can be asked: the notebook's text and the error's message only."""

from __future__ import annotations

import pytest

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.outcomes import Failure, Frame
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin import BuiltinProvider


async def proposed(
    sources: list[str], cell: int, ename: str, evalue: str, *inner: Frame, line: int = 0
) -> list[Candidate]:
    book = Notebook("file:///n.ipynb", tuple(Cell(f"c{i}", source) for i, source in enumerate(sources, 1)))
    failure = Failure(ename, evalue, (), f"c{cell}", line, (Frame(f"c{cell}", line), *inner))
    return [each async for each in BuiltinProvider().candidates(FixRequest(book, book.cell(f"c{cell}"), failure))]


NAME = "name '{}' is not defined"
FIXED = [
    (["total = 1", "print(totl)"], 2, "NameError", NAME.format("totl"), "print(total)"),
    (["x = 'totl'  # totl\ny = totl + totl", "total = 1"], 1, "NameError", NAME.format("nope"), None),
    (
        ["total = 1", "s = 'totl'  # totl\ny = totl + totl"],
        2,
        "NameError",
        NAME.format("totl"),
        "s = 'totl'  # totl\ny = total + total",
    ),
    (["df = pd.DataFrame()"], 1, "NameError", NAME.format("pd"), "import pandas as pd\ndf = pd.DataFrame()"),
    (["%%time\nnp.zeros(2)"], 1, "NameError", NAME.format("np"), "%%time\nimport numpy as np\nnp.zeros(2)"),
    (["d = {'price': 1}", "d['Price']"], 2, "KeyError", "'Price'", "d['price']"),
    (["n = 3", "'a' + n"], 2, "TypeError", 'can only concatenate str (not "int") to str', "'a' + str(n)"),
    (
        ["é = '😀'; print('😀' + n)"],
        1,
        "TypeError",
        'can only concatenate str (not "int") to str',
        "é = '😀'; print('😀' + str(n))",
    ),
    (
        ["import numpy as np", "np.product([1])"],
        2,
        "AttributeError",
        "module 'numpy' has no attribute 'product'",
        "np.prod([1])",
    ),
    (
        ["class A:\n    def go(self): pass", "A().og()"],
        2,
        "AttributeError",
        "'A' object has no attribute 'og'",
        "A().go()",
    ),
    (
        ["from collections import Mapping"],
        1,
        "ImportError",
        "cannot import name 'Mapping' from 'collections' (x)",
        "from collections.abc import Mapping",
    ),
]


@pytest.mark.parametrize(("sources", "cell", "ename", "evalue", "source"), FIXED)
async def test_the_text_alone_tells(sources: list[str], cell: int, ename: str, evalue: str, source: str | None) -> None:
    found = await proposed(sources, cell, ename, evalue)
    assert [edit.source for each in found[:1] for edit in each.edits] == ([] if source is None else [source])


async def test_the_cell_that_defines_the_failing_function_is_edited() -> None:
    sources = ["limit = 2", "def f(x):\n    y = x\n    return y < limt", "f(1)"]
    found = await proposed(sources, 3, "NameError", NAME.format("limt"), Frame("c2", 2))
    assert [(edit.cell, edit.source) for edit in found[0].edits] == [
        ("c2", "def f(x):\n    y = x\n    return y < limit")
    ]


async def test_a_key_is_mended_in_the_cell_that_spells_it() -> None:
    sources = ["d = {'price': 1}", "def f(k):\n    return d[k]", "f('Price')"]
    found = await proposed(sources, 3, "KeyError", "'Price'", Frame("c2", 1))
    assert [(edit.cell, edit.source) for edit in found[0].edits] == [("c3", "f('price')")]


async def test_a_name_of_a_later_cell_is_a_matter_of_order() -> None:
    sources = ["print(total)", "base = 1", "unrelated = 0", "total = base + 1"]
    found = await proposed(sources, 1, "NameError", NAME.format("total"))
    order = next(each for each in found if each.confidence == "action")
    assert (order.edits, order.run_first) == ((), ("c2", "c4"))
    assert order.title == "Run cells 2, 4, which define `total`, first"


async def test_other_data_is_a_guess() -> None:
    found = await proposed(["d = {'sales_2024': 1}", "d['sales_2023']"], 2, "KeyError", "'sales_2023'")
    assert [each.confidence for each in found] == ["guess"]


@pytest.mark.parametrize(
    ("source", "ename", "evalue"),
    [
        ("frobnicate()", "NameError", NAME.format("frobnicate")),
        ("1 / 0", "ZeroDivisionError", "division by zero"),
        ("x.y", "AttributeError", "'X' object has no attribute 'y'"),
        ("d['zzz']", "KeyError", "'zzz'"),
        ("raise RuntimeError('no')", "RuntimeError", "no"),
        ("f(1)", "TypeError", ""),
        ("\0", "SyntaxError", "odd"),
    ],
)
async def test_what_no_rule_knows_gets_no_candidate(source: str, ename: str, evalue: str) -> None:
    assert await proposed([source], 1, ename, evalue) == []
