from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.core.cells import LINE_END
from ai_notebook_ls.core.magics import escaped_lines, expanded_names, mask, parse

MASKED = [
    ("x = 1\n", "x = 1\n"),
    ("x = (10\n%3)", "x = (10\n%3)"),
    ("%matplotlib inline\nx = 1", "pass\nx = 1"),
    ("!pip install a\nx", "pass\nx"),
    ("if a:\n    !ls\nx", "if a:\n    pass\nx"),
    ("df?\nx", "pass\nx"),
    ("?df\nx", "pass\nx"),
    ("df.head??", "pass"),
    ("files = !ls *.csv\nx", "files = None\nx"),
    ("a, b = %magic it\nx", "a, b = None\nx"),
    ("r = %timeit -o f(1)", "r = None"),
    ("%time x = f()\ny", "if 1: x = f()\ny"),
    ("%timeit -n 10 f(x)", "if         1: f(x)"),
    ("%time for", "pass"),
    ("%%time\nx = 1", "\nx = 1"),
    ("%%capture out\nx = 1", "if     1: out = None\nx = 1"),
    ("%%capture --no-stderr\nx = 1", "\nx = 1"),
    ("%%time\n%%capture\n!ls\nx = 1", "\n\npass\nx = 1"),
    ("%%bash\nls | wc", "\n"),
    ("\n%%writefile a.py\ndef f(:", "\n\n"),
    ("!echo it's \\\n  more\nx = 'a'", "pass\n\nx = 'a'"),
    ("s = '''\n%no\n!no\n'''\n%yes", "s = '''\n%no\n!no\n'''\npass"),
    ("f(a\n  # it's ) here\n  %b)\n!ls", "f(a\n  # it's ) here\n  %b)\npass"),
    ("x = 10 \\\n  % 3\n%who", "x = 10 \\\n  % 3\npass"),
    ("a != b\n!ls", "a != b\npass"),
    ("x = 'what?'\n%who", "x = 'what?'\npass"),
    ("x[0] = !ls", "x[0] = None"),
]


@pytest.mark.parametrize(("source", "masked"), MASKED)
def test_ipython_syntax_is_masked_in_place(source: str, masked: str) -> None:
    assert mask(source) == masked
    assert parse(source) is not None


def test_a_time_magic_keeps_the_columns_of_its_statement() -> None:
    source = "%time total = work(3)"
    tree = parse(source)
    assert tree is not None
    call = next(node for node in ast.walk(tree) if isinstance(node, ast.Call))
    assert source[call.col_offset :] == "work(3)"


def test_broken_python_stays_broken() -> None:
    assert parse("%who\nfor x in y\n    pass") is None


@pytest.mark.parametrize(
    "source",
    [
        "\0",
        "x = '\ud800'",
        "(" * 200 + ")" * 200,
        "[" * 5000,
        "-" * 5000 + "1",
        "x" + "+x" * 20_000,
        "%%",
        "!",
        "?",
        "%%?",
    ],
    ids=lambda text: ascii(text[:8]),
)
def test_odd_text_never_raises(source: str) -> None:
    parse(source)
    mask(source)


@given(st.text(alphabet=st.sampled_from("%!?abc =()[]'\"\\\n\r\t#{}:,.1"), max_size=60))
def test_masking_keeps_the_number_of_lines(source: str) -> None:
    masked = mask(source)
    assert len(LINE_END.split(masked)) == len(LINE_END.split(source))
    escaped_lines(source)


def test_shell_lines_and_what_they_read() -> None:
    source = "x = 1\n!ls {folder} $home\n%run {script}\nprint(f'{x}')"
    assert escaped_lines(source) == ("!ls {folder} $home", "%run {script}")
    assert expanded_names(source) == {"folder", "home", "script"}
