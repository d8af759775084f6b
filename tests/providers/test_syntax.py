"""Repairs of cells that are no Python, by the server's own parser: the first proposal, without a kernel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.guard import escape_reason
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.rules.syntax import repairs


def proposed(source: str) -> list[Candidate]:
    cell = Cell("c", source)
    return list(repairs(FixRequest(Notebook("file:///n.ipynb", (cell,)), cell, Failure("SyntaxError", "", (), "c", 0))))


REPAIRED = [
    ("def f(a, b):\n    return a + b\n\nprint(f(1, 2)", "print(f(1, 2))"),
    ("data = {'a': 1, 'b': 2\nprint(data)", "'b': 2}"),
    ("xs = [1, 2 3]\nprint(xs)", "[1, 2, 3]"),
    ("x = 3\nif x = 3:\n    print('three')", "x == 3"),
    ("x = 4\nif x > 3:\n    print('a')\nelse if x > 1:\n    print('b')", "elif x > 1"),
    ("while True\n    break\nfor i in range(2)\n    print(i)", "range(2):"),
    ("def g(x)\n    return x * 2\nprint(g(2)", "print(g(2))"),
    ("msg = 'It's fine'\nprint(msg)", "It\\'s"),
    ("class A\n    def f(self):\n        return 1\nA().f()", "class A:"),
    ("x = 1\nif x == 1:\nprint('one')\nprint('done')", "    print('one')"),
    ("def f():\n    a = 1\n     b = 2\n    return a + b\nf()", "\n    b = 2"),
    ("for i in range(2):\n\tprint(i)\n        print(i)", "    print(i)"),
    ("print(\"hello)\nprint('b')", 'print("hello")'),
    ("total = (1 + 2))\nprint(total)", "(1 + 2)\n"),
    ("xs = [1, 2, 3)\nprint(xs)", "[1, 2, 3]"),
    ("i = 0\ni++\nprint(i)", "i += 1"),
    ("a = 1\nb = 2\nif a == 1 && b == 2:\n    print('y')", " and "),
    ("try:\n    int('x')\nexcept ValueError, e:\n    print(e)", "as e"),
    ("import numpy np\nnp.zeros(2)", "import numpy as np"),
    ("retrun_value = 3\ndef f():\n    retrun 3\nf()", "    return 3"),
    ("d = {'a': 1\n     'b': 2}\nprint(d)", "1,\n"),
    ("print 'a'\nprint 'b', 3\nprint('c')", "print('b', 3)"),
    ("x = [i for i in range(3) if i % 2 = 0]\nprint(x)", "== 0"),
    ("lamda_ = 2\ng = lamda x: x + 1\nprint(g(1))", "lambda x"),
    ("print(“hi”)", 'print("hi")'),
    (">>> x = 1\n>>> x + 1\n2", "x = 1\nx + 1"),
    ("```python\nx = 1\n```", "x = 1"),
    ("def f(x) {\n    return x\n", "def f(x):"),
    ("function f(x):\n    return x", "def f(x):"),
    ("x = 5;\nif (x > 3) {\n    print(x)\n", "if (x > 3):"),
    ("for i in range(3): \n    print(i\n    print('b')", "print(i)"),
    ("class = 3\nprint(class)", "class_ = 3"),
    ("fro i in range(3):\n    print(i)", "for i in"),
    ("form math import sqrt", "from math"),
    ("If x > 2:\n    pass", "if x > 2"),
    ("x = 3\nif x => 2:\n    print(x)", ">="),
    ("path = 'C:\\Users\\x'", "r'C:"),
    ("df = pd.DataFrame({'a': [1, 2],\n 'b': [3, 4]\nprint(df)", "'b': [3, 4]}"),
    ("result = (1 + 2) * (3 + 4\nprint(result)", "(3 + 4)"),
    ("print(f'{x')", "f'{x}'"),
    ("raise ValueError, 'bad'", "ValueError('bad')"),
    ("%matplotlib inline\nfor i in range(3)\n    print(i)", "range(3):"),
    ("x = 09", "x = 9"),
    ("def f(a, b:\n    return a", "f(a, b):"),
    ("with open('f') as f\n    x = f.read()", "as f:"),
    ("foo(1, 2\n    3)", "foo(1, 2,"),
    ("if True:\n    x = 1\n  else:\n    x = 2", "\nelse:"),
    ("try:\n    x = 1\nexcpet:\n    x = 2", "except:"),
    ("y = 2x + 1", "2 * x"),
    ("x = [1, 2, 3]]", "[1, 2, 3]"),
    ("def f(x):\n    retunr x", "return x"),
    ("while x < 3\n    x += 1", "x < 3:"),
    ("a = 'x\nb = \"y\nprint(a)", "'x'"),
    ('print "a" % 3', 'print("a" % 3)'),
    ("lst = [1, 2, 3\n\nfor x in lst:\n    print(x)", "[1, 2, 3]\n"),
]


@pytest.mark.parametrize(("source", "repaired"), REPAIRED)
def test_the_first_repair_is_the_one_that_was_meant(source: str, repaired: str) -> None:
    first = proposed(source)[0].edits[0].source
    assert repaired in first
    assert magics.parse(first) is not None
    assert escape_reason(source, first) is None


@pytest.mark.parametrize(
    "source", ["f = lambda x: x +", "d = {a: 1, 'b' 2}", 's = "He said "hi" to me"', "else:\n    x = 1", "x = ?", ""]
)
def test_what_cannot_be_known_is_not_guessed(source: str) -> None:
    assert proposed(source) == []


def test_a_cell_that_parses_is_left_alone() -> None:
    assert proposed("%time x = 1\n!ls") == []


def test_every_way_of_one_slip_is_proposed_and_says_where() -> None:
    found = proposed("for i in range(3):\nprint(i)\nprint('done')")
    assert [candidate.title for candidate in found][:2] == ["Indent line 2", "Indent lines 2 to 3"]
    assert found[0].confidence == "likely"


def test_slips_in_turn_are_one_candidate() -> None:
    (candidate,) = proposed("def g(x)\n    return x * 2\nprint(g(2)")
    assert candidate.title == "Add the missing colon on line 1, add the missing `)` on line 3"
    assert candidate.confidence == "certain"


PIECES = ["x", " = ", "\n", "    ", "if ", ":", "(", ")", "[", "'", '"', "print ", "1", "\t", "{", "f'"]


@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_any_text_is_looked_at(pieces: list[str]) -> None:
    for candidate in proposed("".join(pieces)):
        assert magics.parse(candidate.edits[0].source) is not None
