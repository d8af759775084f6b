from __future__ import annotations

import re
import subprocess
import sys
import warnings

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.outcomes import Failure, Frame, Outcome
from ai_notebook_ls.core.requests import ExplainRequest
from ai_notebook_ls.providers.builtin.explain import explain
from ai_notebook_ls.providers.builtin.plain_words import MEANINGS, code, fence


def notebook(*sources: str, language: str = "python") -> Notebook:
    return Notebook(
        "file:///n.ipynb", tuple(Cell(f"c{i}", source) for i, source in enumerate(sources, 1)), language=language
    )


def explained(book: Notebook, number: int, failure: Failure | None = None, outcome: Outcome | None = None) -> str:
    return "".join(explain(ExplainRequest(book, book.cell(f"c{number}"), failure, outcome)))


def failed(ename: str, evalue: str, cell: int, line: int, *inner: Frame) -> Failure:
    return Failure(ename, evalue, (), f"c{cell}", line, (Frame(f"c{cell}", line), *inner))


def run_to_failure(source: str) -> Failure:
    """What Python itself says of a cell that fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(BaseException) as caught:
            exec(compile(source, "<cell>", "exec"), {})
    line = next((e.lineno for e in reversed(caught.traceback) if str(e.path) == "<cell>"), None)
    lines = source.count("\n")
    return failed(type(caught.value).__name__, str(caught.value), 1, lines if line is None else line)


CELLS = [
    ("import pandas as pd, math\nfrom os import path as p",
     ["Imports `pandas` as `pd`, `math` and `os.path` as `p`"], ["Reads"]),
    ("from math import *", ["everything in `math`"], []),
    ("x = 1\nx += y", ["Sets `x` to `1`.", "Adds `y` to `x`.", "Makes `x`."], ["Reads", "Shows"]),
    ("def f(a, *b, c=1):\n    return a\nclass C(B): pass",
     ["the function `f(a, c=1, *b)`:\n  - Returns `a`.", "the class `C`, a kind of `B`."], []),
    ("def f(a):\n    'Do it. Now.'", ["`f(a)`: Do it."], ["Now", "Does nothing"]),
    ("print(1)", ["Prints `1`."], ["Reads", "Its names", "What it calls", "Shows"]),
    ("df = 1\ndf.head()", ["Calls `df.head()`."], ["rows"]),
    ("df.dropna().head()", ["From `df`: drops missing values, takes the first rows, and shows the result."], []),
    ("df.dropna();", ["the result is kept nowhere"], ["shows"]),
    ("df.dropna(inplace=True)", ["Changes `df` in place: drops missing values."], ["kept nowhere"]),
    ("t = df.groupby('a')['b'].size().sort_values(ascending=False).unknown(1)",
     ["Makes `t` from `df`: groups by `'a'`, takes `'b'`, counts rows, sorts (descending), calls `unknown` with `1`."], []),
    ("import numpy as np\nm = np.mean(x)", ["Sets `m` to `np.mean(x)`."], ["averages"]),
    ("s = q.query(User)", ["Sets `s` to `q.query(User)`."], ["rows"]),
    ("b = df[(df.a > 1) & (df.b < 2)]", ["Makes `b` from `df`: keeps where `(df.a > 1) & (df.b < 2)`."], []),
    ("model.fit(X, y)\np = model.predict(Z)", ["Fits `model` on `X` and `y`.", "Makes `p`: what `model` predicts for `Z`."], []),
    ("xs = {k: v for k, v in d.items() if v}", ["a dictionary of `k` → `v` for each `k, v` in `d.items()` where `v`"], []),
    ("while x:\n    x -= 1\nelse:\n    pass",
     ["As long as `x`:\n  - Subtracts `1` from `x`.", "When no `break`", "Does nothing."], []),
    ("try:\n    a = f()\nexcept KeyError:\n    raise\nfinally:\n    g()",
     ["fails with `KeyError`", "the error again", "In any case"], []),
    ("match a:\n    case 1:\n        b = 2", ["If `a` matches `1`:\n  - Sets `b` to `2`."], []),
    ("plt.title('x')\nplt.legend()\nplt.plot(x)",
     ["Sets up the plot: `plt.title('x')` and `plt.legend()`.", "Draws a plot: `plt.plot(x)`."], []),
    ("with open('a.txt', 'w') as f:\n    f.write('x')", ["With `open('a.txt', 'w')` as `f`:\n  - Calls `f.write('x')`."], []),
    ("df = pd.read_csv('a.csv', sep=';')", ["Reads `'a.csv'` into `df`."], ["Writes"]),
    ("r = requests.get(url, timeout=3)", ["Fetches `url` from the network into `r`."], []),
    ("df['a'].plot.bar()", ["Draws a plot"], []),
    ("!pip install x\n%matplotlib inline\nlen?\nfiles = !ls\nx = 1",
     ["Runs `pip install x` in the system's shell.\n- Runs the magic `%matplotlib inline`.\n- Shows help on `len`.\n"
      "- Runs `ls` in the system's shell and keeps what it prints in `files`.\n- Sets `x` to `1`."], ["None", "Does nothing"]),
    ("%timeit f(x)", ["Runs the magic `%timeit f(x)`."], ["If"]),
    ("%%time\nx = 1\nx", ["Runs under the magic `%%time`.", "Shows `x`."], ["Evaluates"]),
    ("%%bash\nls", ["Hands all of its text to the magic `%%bash`"], ["shell"]),
    ("import math\nmath.floor(2.5)", ["`math.floor(x)`: Return the floor of x as an Integral."], []),
    ("from math import floor as down\ndown(2.5)", ["`down(x)`: Return the floor of x"], []),
    ("def f(max):\n    return max(1)\nsorted([])", ["`sorted(iterable, …)`"], ["`max(iter"]),
    ("import pandas\npandas.concat([])", [], ["What it calls"]),
    ("", ["This cell is empty."], ["-"]),
    ("# a\n\n  # b", ["This cell holds only comments."], ["`"]),
    ("for i in range(3)\n    print(i)", ["cannot be read as Python: line 1", "A `:` is missing"], ["What this cell does"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "present", "absent"), CELLS)
def test_says_what_a_cell_does(source: str, present: list[str], absent: list[str]) -> None:
    text = explained(notebook(source), 1)
    assert all(phrase in text for phrase in present), text
    assert not any(phrase in text for phrase in absent), text


def test_says_where_names_come_from() -> None:
    book = notebook("import math", "def f(): pass", "x = 1", "f(x, math, late, never)", "late = 1")
    text = explained(book, 4)
    assert "Uses `f` (function from cell 2), `x` (cell 3), `late` (cell 5, below this one)." in text
    assert "Uses `never`, which no cell makes." in text
    assert "`math`" not in text.partition("Its names")[2]


def test_says_who_uses_what_the_cell_makes() -> None:
    book = notebook("x = 1\ny = 2", "x", "y\nx = 3", "x")
    assert "Makes `x` (used by cell 2) and `y` (used by cell 3)." in explained(book, 1)


def test_a_name_that_shadows_a_builtin_is_not_explained_as_the_builtin() -> None:
    assert "What it calls" not in explained(notebook("def sorted(x): pass", "sorted([])"), 2)
    assert "What it calls" not in explained(notebook("from numpy import *", "sum([])"), 2)


NAMES = [
    (["sales = 1", "salse"], 2, 0, "No cell makes it; cell 2 makes", False),
    (["sales = 1", "salse"], 2, 0, "No cell makes it; cell 1 makes `sales`.", True),
    (["salse", "salse = 1"], 1, 0, "Only cell 2, below this one, makes it: run that one first.", True),
    (["salse = 1", "salse"], 2, 0, "Cell 1 makes it: run that one first.", True),
    (["print(salse)\nsalse = 1"], 1, 0, "only on line 2, below its use", True),
    (["from x import *", "salse"], 2, 0, "No cell of this notebook", False),
    (["salse"], 1, 0, "No cell of this notebook makes it.", True),
]


@pytest.mark.parametrize(("sources", "number", "line", "phrase", "there"), NAMES)
def test_says_where_a_missing_name_may_be(sources: list[str], number: int, line: int, phrase: str, there: bool) -> None:
    text = explained(notebook(*sources), number, failed("NameError", "name 'salse' is not defined", number, line))
    assert (phrase in text) is there, text


def test_the_usual_import_of_an_alias() -> None:
    text = explained(notebook("pd.x"), 1, failed("NameError", "name 'pd' is not defined", 1, 0))
    assert "`import pandas as pd`" in text


def test_the_failure_comes_first_and_is_followed_into_the_cell_where_it_came_up() -> None:
    book = notebook("def mean(xs):\n    return sum(xs) / len(xs)", "m = mean([])")
    text = explained(book, 2, failed("ZeroDivisionError", "division by zero", 2, 0, Frame("c1", 1)))
    assert text.startswith("**ZeroDivisionError on line 1**: `division by zero`\n\n```python\nm = mean([])\n```")
    assert "in cell 1, line 2" in text
    assert "Look at `len(xs)`" in text


def test_a_failure_of_a_cell_that_this_one_needs() -> None:
    failure = failed("KeyError", "'b'", 1, 1)
    text = explained(notebook("d = {}\nd['b']", "d"), 2, failure, Outcome("error", "c1", failure=failure))
    assert text.startswith("**KeyError in cell 1, line 2**: `'b'`")
    assert text.endswith(
        "The last run in the sidecar failed with `KeyError` on line 2 in cell 1, which this one needs."
    )


def test_a_close_key_is_named() -> None:
    book = notebook("d = {'total': 1}", "d['totl']")
    text = explained(book, 2, failed("KeyError", "'totl'", 2, 0))
    assert "`d` has no key `'totl'`" in text
    assert "Cell 1 puts `total` into `d`." in text


# A cell that fails, and what is said of it: the messages are this Python's own.
FAILING = [
    ("x = None\nx.foo", "`x` is `None`, and `None` has no `foo`"),
    ("import math\nmath.foo", "module `math` has nothing called `foo`"),
    ("x = 3\nx.foo", "`x` is of type `int`, which has no attribute or method `foo`"),
    ("def f():\n    y\n    y = 1\nf()", "the function's own variable"),
    ("xs = []\nxs[3]", "`xs` has no item at that place"),
    ("[].pop()", "the `list` is empty"),
    ("'a' + 1", "`+` joins a `str` only to another `str`"),
    ("1 + 'a'", "between a value of type `int` and one of type `str`"),
    ("1 + None", "One side of `+` is `None`"),
    ("1 < 'a'", "cannot be compared"),
    ("x = 3\nx()", "a value of type `int`, which is not a function"),
    ("import math\nmath()", "A module is called"),
    ("x = None\nx[0]", "The value is `None`"),
    ("x = 3\nx[0]", "ask a value of type `int` for an item"),
    ("for i in 3: pass", "A value of type `int` holds no items"),
    ("def f(): pass\nf(a=1)", "`f` has no parameter called `a`"),
    ("def f(a): pass\nf()", "without what it needs: `'a'`"),
    ("def f(a): pass\nf(1, 2)", "`f` takes 1 positional"),
    ("{[]: 1}", "Values of type `list` cannot be dictionary keys"),
    ("[1]['a']", "by position"),
    ("'abc'[0] = 'x'", "cannot be changed in place"),
    ("import json\njson.dumps({1, 2})", "JSON has no form for values of type `set`"),
    ("float('a')", "The text `'a'` cannot be read as a number"),
    ("int('1.5')", "is not a whole number"),
    ("a, b = [1]", "only 1 value(s)"),
    ("a, b = [1, 2, 3]", "only 2 name(s)"),
    ("import numpy as np\nbool(np.zeros(2))", "`.any()` or `.all()`"),
    ("import numpy as np\nnp.zeros(2) + np.zeros(3)", "do not fit together: `(2,) (3,)`"),
    ("import numpy as np\nnp.zeros((2, 3)) @ np.zeros((2, 3))", "as many columns as"),
    ("import numpy as np\nnp.zeros(6).reshape(4, 2)", "6 elements"),
    ("import numpy as np\nnp.zeros(3)[5]", "axis 0 has 3 entries"),
    ("import nowhere_to_be_found", "`%pip install nowhere_to_be_found`"),
    ("from math import foo", "has nothing called `foo`"),
    ("open('no/such/file')", "no file or folder `'no/such/file'`"),
    ("def f(): f()\nf()", "called itself"),
    ("next(iter([]))", "`next(…)` was asked for one more"),
    ("assert False", "after `assert` is false"),
    ("import json\njson.loads('')", "not JSON from its first character"),
    ("import json\njson.loads('{\"a\": 1 \"b\"}')", "stopped at its line 1"),
    ("b'\\xff'.decode('utf-8')", "encoding `utf-8`"),
    ("(_ for _ in ()).throw(KeyboardInterrupt)", "was interrupted"),
    ("(_ for _ in ()).throw(MemoryError)", "not enough memory"),
    ("(_ for _ in ()).throw(PermissionError(13, 'Permission denied', 'a.txt'))", "change the file `'a.txt'`"),
    ("(_ for _ in ()).throw(TimeoutError)", "longer than it was allowed"),
    ("class Odd(Exception): pass\nif True:\n    raise Odd('x')", "raises the error itself, when `True`"),
    ("if True:\nx = 1", "must be indented"),
    ("x = 1\n  y = 2", "nothing above it opens a block"),
    ("print 'x'", "needs parentheses"),
    ("x = (1,", "never closed"),
    ("x = 1)", "closes nothing"),
    ("if x = 1: pass", "write `==`"),
    ("return 1", "outside the function"),
    ("x = 'abc", "never closed"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "phrase"), FAILING)
def test_says_what_an_error_means(source: str, phrase: str) -> None:
    failure = run_to_failure(source)
    text = explained(notebook(source), 1, failure)
    assert phrase in text, f"{failure.ename}: {failure.evalue}\n{text}"


def test_every_meaning_can_be_filled_in() -> None:
    for names, pattern, words in MEANINGS:
        fields = set(re.findall(r"\{(\w+)\}", words))
        assert fields <= {*re.compile(pattern).groupindex, "owner", "label", "install", "divisor"}, names


@pytest.mark.parametrize("status", ["ok", "error", "timeout", "interrupted", "died", "cancelled"])
def test_the_last_outcome_is_told_in_one_line(status: str) -> None:
    last = explained(notebook("x = 1"), 1, outcome=Outcome(status, "c1")).rpartition("\n\n")[2]  # type: ignore[arg-type]
    assert re.fullmatch(r"The last run in the sidecar (ended|failed|was) ?[\w ]*\.", last)


def test_another_language_is_not_read_as_python() -> None:
    book = notebook("// adds two\nlet x = 1;", language="javascript")
    text = explained(book, 1, failed("RangeError", "bad", 1, 1))
    assert "only its text is known. Its first comment says: `adds two`." in text
    assert "What this cell does" not in text


def test_text_of_the_notebook_cannot_break_out_of_its_quotes() -> None:
    evil = "x = '```' # ``` <script>"
    text = explained(notebook(evil), 1, failed("E`<b>*", "a ``b`` <img src=x>\n# head", 1, 0))
    assert "````python\n" + evil + "\n````" in text
    assert "``` a ``b`` <img src=x> ```" in text or "```a ``b`` <img src=x>```" in text
    assert "# head" not in text.replace(evil, "")


@example("```\x1b```")
@given(st.text(alphabet="`a \n\x1b\ud800", max_size=40))
def test_quotes_hold_whatever_they_quote(text: str) -> None:
    span, block = code(text), fence(text)
    ticks = re.match(r"`+", span)
    assert ticks and span.endswith(ticks[0]) and "\n" not in span
    assert ticks[0] not in span[len(ticks[0]) : -len(ticks[0])]
    border = block.split("\n")[-1]
    assert border not in block.partition("\n")[2].rpartition("\n")[0]
    (span + block).encode()


ENAMES = sorted({name for names, _, _ in MEANINGS for name in names.split()} | {"", "`", "Odd"})
LINES = ["x = 1", "import math", "math.floor(x)", "d['a']", "%time x", "!ls {y}", "def f(", "%%bash", "(", "'", "`"]
ANY = st.one_of(
    st.text(st.characters(), max_size=60),
    st.text(st.characters(categories=["Cs", "Cc", "L", "P"]), max_size=30),
    st.lists(st.sampled_from(LINES)).map("\n".join),
)


@given(ANY, ANY, st.sampled_from(ENAMES), ANY, st.integers(-2, 5), st.sampled_from(["python", "R"]))
def test_any_text_is_explained(above: str, source: str, ename: str, evalue: str, line: int, language: str) -> None:
    failure = failed(ename, evalue, 2, line, Frame("c1", line), Frame("gone", 0))
    for found in (None, failure, failed(ename, evalue, 2, line)):
        text = explained(notebook(above, source, language=language), 2, found, Outcome("error", "c2", failure=found))
        assert text.strip()
        text.encode()


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n" * 10_000,
        "x = " + " + ".join(["a"] * 3_000),
        "(" * 500 + ")" * 500,
        "f" + "(f" * 80 + ")" * 80,
        "a" + ".b" * 2_000 + "()",
        "\ud800",
        "x = '\x00'",
    ],
    ids=["long", "sum", "brackets", "calls", "attributes", "surrogate", "nul"],
)
def test_huge_and_odd_cells(source: str) -> None:
    text = explained(notebook(source), 1, failed("ValueError", source, 1, 0))
    text.encode()
    assert len(text) < 5_000


def test_a_module_beside_us_that_is_named_like_one_of_the_standard_library_is_not_imported(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "colorsys.py").write_text("raise SystemExit('imported')")
    script = (
        "from ai_notebook_ls.providers.builtin.calls import _documentation as d\n"
        "print(d('colorsys.rgb_to_hsv'), d('this.s'), d('math.floor'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{script}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "None None ('x', 'Return the floor of x as an Integral.')\n"
