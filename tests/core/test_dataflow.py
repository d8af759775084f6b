from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import definer, definer_below, definition, flow, missing, origin_of


def names(text: str) -> set[str]:
    return set(text.split())


def notebook(*sources: str) -> Notebook:
    return Notebook("file:///n.ipynb", tuple(Cell(f"c{i}", source) for i, source in enumerate(sources, 1)))


# source, defines, reads, changes
FLOWS = [
    ("x = y", "x", "y", ""),
    ("x = x + 1", "x", "x", ""),
    ("x += 1", "x", "x", "x"),
    ("x = 1\nx += 1\nprint(x)", "x", "", "x"),
    ("a, (b, *c) = d", "a b c", "d", ""),
    ("import numpy as np, os.path\nfrom a.b import c as d", "np os d", "", ""),
    ("for i, j in pairs:\n    t = i", "i j t", "pairs", ""),
    ("with open(p) as f, g as h:\n    pass", "f h", "p g", ""),
    ("try:\n    a\nexcept E as e:\n    print(e)\ne2 = 1", "e2", "a E", ""),
    ("if (n := len(xs)) > 1:\n    n", "n", "xs", ""),
    (
        "match v:\n    case {'a': a, **r}: pass\n    case [b, *c]: pass\n    case K(d) as e: pass",
        "a r b c d e",
        "v K",
        "",
    ),
    ("def f(x, y=d):\n    z = x + g\n    return z", "f", "d g", ""),
    ("def f():\n    return g()\ndef g():\n    return h", "f g", "h", ""),
    ("def f():\n    return f()", "f", "", ""),
    ("def f():\n    global k\n    k = m", "f k", "m", ""),
    ("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += q\n    return g", "f", "q", ""),
    ("def f(x):\n    x.append(1)\n    ys.append(x)", "f", "ys", "ys"),
    ("@deco\ndef f(a: T) -> R:\n    pass", "f", "deco T R", ""),
    ("lambda a, b=c: a + d", "", "c d", ""),
    ("[i + k for i in xs if i > m for j in i]", "", "xs k m", ""),
    ("{a: b for a, b in zs}\n(q for q in w)", "", "zs w", ""),
    ("[last := v for v in vs]", "last", "vs", ""),
    ("class A(B):\n    n = 1\n    m = n + k\n    def f(self):\n        return n2 + self.m", "A", "B k n2", ""),
    ("class A:\n    n = 1\n    def f(self):\n        return n", "A", "n", ""),
    ("df['a'] = df.b * 2", "", "df", "df"),
    ("df.loc[0, 'a'].x = 1", "", "df", "df"),
    ("del d['a']", "", "d", "d"),
    ("df.drop(columns=c, inplace=True)", "", "df c", "df"),
    ("df.drop(columns=c, inplace=False)", "", "df c", ""),
    ("model.fit(X, y)", "", "model X y", "model"),
    ("x: int = 3\ny: T", "x", "T", ""),
    ("print(f'{a:{w}} {b!r}')", "", "a w b", ""),
    ("async def q():\n    return await r()\nz = await q()", "q z", "r", ""),
    ("%time x = f(y)\n!ls {folder}", "x", "f y folder", ""),
    ("%%bash\nls $x", "", "x", ""),
    ("display(x); len(x); __name__; get_ipython()", "", "x", ""),
]


@pytest.mark.parametrize(("source", "defines", "reads", "changes"), FLOWS)
def test_names_of_a_cell(source: str, defines: str, reads: str, changes: str) -> None:
    found = flow(source)
    assert (set(found.defines), set(found.reads), set(found.changes)) == (names(defines), names(reads), names(changes))


def test_definitions_say_what_they_are_and_where() -> None:
    found = flow("import os.path\nfrom numpy import array as arr\ndef f(): pass\nclass C: pass\nx = 1")
    shown = [(each.name, each.kind, each.line, each.imported) for each in found.definitions]
    assert shown == [
        ("os", "import", 0, "os.path"),
        ("arr", "import", 1, "numpy.array"),
        ("f", "function", 2, ""),
        ("C", "class", 3, ""),
        ("x", "variable", 4, ""),
    ]


def test_a_read_knows_its_line() -> None:
    assert flow("x = 1\ny = z").reads == {"z": 1}


def test_a_deleted_name_is_read_and_gone() -> None:
    found = flow("del x\nx")
    assert found.removes == {"x"}
    assert set(found.reads) == {"x"}


@pytest.mark.parametrize("source", ["for x in", "\0", "(" * 300])
def test_text_that_is_not_python_has_no_flow(source: str) -> None:
    assert not flow(source).parsed


def test_a_sum_of_a_thousand_terms_is_read_without_scopes() -> None:
    found = flow("x = a" + " + b" * 1500)
    assert not found.parsed or (found.defines == {"x"} and {"a", "b"} <= set(found.reads))


@given(
    st.lists(
        st.sampled_from(
            ["x", " = ", "\n", "    ", "def f(y):\n", "for z in w:\n", "[k for k in x]", "(", ")", "class A:\n"]
        )
    )
)
def test_flow_never_raises(pieces: list[str]) -> None:
    flow("".join(pieces))


BOOK = notebook(
    "import pandas as pd", "df = pd.DataFrame()", "df = df.dropna()", "df.head(); tot + nope", "tot = 1", "tot = 2"
)


def test_the_nearest_cell_above_defines() -> None:
    found = definer(BOOK, "c4", "df")
    assert found is not None
    assert found.id == "c3"
    assert definer(BOOK, "c1", "df") is None
    below = definer_below(BOOK, "c4", "tot")
    assert below is not None
    assert below.id == "c5"


def test_what_is_missing_is_below_or_nowhere() -> None:
    found = missing(BOOK, "c4")
    assert {name: cell.id for name, cell in found.below.items()} == {"tot": "c5"}
    assert found.nowhere == {"nope"}


@pytest.mark.parametrize("above", ["from math import *", "for x in"])
def test_nothing_is_nowhere_after_what_cannot_be_read(above: str) -> None:
    assert missing(notebook(above, "sqrt(2)"), "c2").nowhere == frozenset()


def test_the_last_definition_counts() -> None:
    found = definition(Cell("a", "x = 1\nx = 2"), "x")
    assert found is not None
    assert found.line == 1


def test_origin_in_words() -> None:
    assert origin_of(BOOK, BOOK.cell("c2"), "pd") == "`pd`, `pandas`, is imported in cell 1."
    assert origin_of(BOOK, BOOK.cell("c4"), "df") == "`df` is defined in cell 3:\n\n```python\ndf = df.dropna()\n```"
    assert origin_of(BOOK, BOOK.cell("c4"), "tot") == "`tot` is defined only in cell 5, below this one."
    assert origin_of(BOOK, BOOK.cell("c6"), "tot") == "`tot` is defined in this cell:\n\n```python\ntot = 2\n```"
    assert origin_of(BOOK, BOOK.cell("c4"), "nope") is None
