"""What is told about a notebook before it runs, and above all what is not."""

import json
from pathlib import Path

import pytest

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.findings import Change, Deleted, Finding, Run, Spelling, findings
from ai_notebook_ls.core.ledger import Entry, names_of, used_by

ROOT = Path(__file__).parents[2]


def notebook(*sources: str, language: str = "python") -> Notebook:
    cells = tuple(Cell(f"c{number}", source) for number, source in enumerate(sources, 1))
    return Notebook("file:///n.ipynb", cells, language=language)


def told(*sources: str) -> list[tuple[str, str]]:
    return [(each.kind, each.cell) for each in findings(notebook(*sources))]


def the_one(*sources: str) -> Finding:
    (found,) = findings(notebook(*sources))
    return found


def ran(*cells: Cell) -> list[Entry]:
    return [
        Entry(each.id, each.digest, i, "ok", 1.0, names_of(each, None), used_by(each))
        for i, each in enumerate(cells, 1)
    ]


def test_a_name_that_only_a_cell_below_defines() -> None:
    found = the_one("import math", "area = math.pi * radius", "radius = 2")
    assert (found.kind, found.cell) == ("defined-below", "c2")
    assert found.message == "`radius` is defined only in cell 3, below this one. Run cell 3 first, or move it up."
    assert found.remedy == Run("Run cell 3 first, in the sidecar", "c3")


def test_the_place_is_counted_in_code_points() -> None:
    found = the_one("'ü𝒳'; radius", "radius = 1")
    assert (found.span.line, found.span.start, found.span.end) == (0, 6, 12)


def test_a_cell_that_reads_what_it_makes_anew() -> None:
    assert told("df = df.dropna()", "df = open('a')") == [("defined-below", "c1")]


def test_a_misspelt_name() -> None:
    found = the_one("total = 1", "print(1,\n  totl)")
    assert (found.kind, found.span.line, found.span.start) == ("misspelt", 1, 2)
    assert isinstance(found.remedy, Change) and found.remedy.edit.text == "total"
    assert found.message == "`totl` is defined nowhere in this notebook. Did you mean `total`?"


def test_a_misspelt_name_in_a_function_may_be_one_of_its_own() -> None:
    found = the_one("x = 1", "def f(threshold):\n    return treshold")
    assert isinstance(found.remedy, Change) and found.remedy.edit.text == "threshold"


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("pritn", {"print", "prime"}, "print"),
        ("Total", {"total"}, "total"),
        ("value", {"values"}, "values"),
        ("model2", {"model1"}, None),
        ("df2", {"df"}, None),
        ("test", {"best", "rest"}, None),  # either
        ("something", {"else_"}, None),
    ],
)
def test_what_is_near_enough(name: str, known: set[str], meant: str | None) -> None:
    assert Spelling(known).closest(name) == meant


def test_a_name_whose_cell_was_deleted_until_it_is_defined_again() -> None:
    before = notebook("rate = 0.2", "tax = 100 * rate")
    now = Notebook(before.uri, before.cells[1:])
    deleted = Deleted().after(before, now)
    (found,) = findings(now, (), deleted)
    assert (found.kind, found.cell) == ("deleted", "c2")
    assert isinstance(found.remedy, Change) and found.remedy.edit.text == "rate = 0.2\n\n"
    again = Notebook(before.uri, (Cell("new", "rate = 0.3"), *now.cells))
    assert deleted.after(now, again).sources == {}


def test_only_so_much_is_kept_of_deleted_cells() -> None:
    many = notebook("\n".join(f"a{i} = 1" for i in range(300)), "x = 1")
    assert len(Deleted().after(many, Notebook(many.uri, many.cells[1:])).sources) == 200


def test_a_cell_is_stale_after_an_edit_above_that_it_needs() -> None:
    old = notebook("rate = 0.2", "other = 1", "tax = 100 * rate")
    now = old.with_sources({"c1": "rate = 0.3"})
    (found,) = findings(now, ran(*old.cells))
    assert (found.kind, found.cell, found.remedy) == ("stale", "c3", Run("Run cell 3 again in the sidecar", "c3"))
    assert found.message == "Cell 1, which this one needs, was edited since this one ran in the sidecar."
    assert findings(old.with_sources({"c2": "other = 2"}), ran(*old.cells)) == ()


def test_a_cell_is_stale_when_only_the_one_above_ran_again() -> None:
    old = notebook("rate = 0.2", "tax = 100 * rate")
    now = old.with_sources({"c1": "rate = 0.3"})
    (found,) = findings(now, ran(*old.cells, now.cells[0]))
    assert "Cell 1, which this one needs, ran again since" in found.message
    assert findings(now, ran(*old.cells, *now.cells)) == ()


def test_a_cell_that_is_being_edited_is_not_called_stale() -> None:
    old = notebook("rate = 0.2", "tax = 100 * rate")
    assert findings(old.with_sources({"c1": "rate = 1", "c2": "tax = rate"}), ran(*old.cells)) == ()


@pytest.mark.parametrize(
    ("sources", "why"),
    [
        (("list = [1, 2]", "print(list('ab'))"), "a value (list), which cannot be called"),
        (("import time", "time = 5", "time.sleep(1)"), "a value (int), which has no `sleep`"),
        (("import datetime", "from datetime import datetime", "datetime.datetime.now()"), "not the module"),
        (("from glob import glob", "import glob", "glob('*')"), "a module, which cannot be called"),
        (("def area(): ...", "area = 3", "area()"), "a value (int), which cannot be called"),
    ],
)
def test_a_name_that_no_longer_means_what_a_cell_takes_it_for(sources: tuple[str, ...], why: str) -> None:
    found = the_one(*sources)
    assert (found.kind, found.cell) == ("redefined", f"c{len(sources)}")
    assert why in found.message
    assert found.origin == (f"c{len(sources) - 1}", 0)


@pytest.mark.parametrize(
    "sources",
    [
        ("df = 1", "df = 2", "df.head()"),
        ("list = [1]", "del list", "list('ab')"),
        ("list = [1]\nprint(list)", "list[0]"),
        ("import time", "time = 5", "time = __import__('time')", "time.sleep(1)"),
        ("import numpy as np", "import jax.numpy as np", "np.array([1])"),
        ("print = logger_print = lambda *a: None", "print(1)"),
        ("for max in range(3): ...", "max(1, 2)"),
        ("import a", "if x_ray := 1:\n    a = 5", "a.b()"),
        ("def f(): ...", "def f(x): ...", "f(1)"),
        ("import time", "time = 5", "def later():\n    time.sleep(1)"),
        ("import time", "time = 'x'", "time.upper()"),
    ],
)
def test_redefinitions_that_break_nothing(sources: tuple[str, ...]) -> None:
    assert told(*sources) == []


@pytest.mark.parametrize(
    "sources",
    [
        ("from math import *", "print(sqtr(2))", "sqtr = 1"),
        ("%%capture out\nprint(1)", "out.show()"),
        ("%store -r table", "print(table, tabel)", "table = 1"),
        ("%run setup.py", "print(config)", "config = 1"),
        ("%load_ext sql", "%sql result << select 1", "print(result)", "result = 1"),
        ("%%bigquery frame\nselect 1", "frame.head()", "frame = 1"),
        ("%%bash --out listing\nls", "print(listing)", "listing = 1"),
        ("rows = %sql select 1", "print(rows)"),
        ("files = !ls", "print(files)"),
        ("%pylab inline", "print(arange(3))", "arange = 1"),
        ("exec('x = 1')", "print(x)", "x = 2"),
        ("globals()['x'] = 1", "print(x)", "x = 2"),
        ("value = 1\ndel value", "print(value)", "value = 1"),
        ("squares = [n for n in range(3)]", "print(squares)", "n = 1"),
        ("try:\n    counter\nexcept NameError:\n    counter = 0", "counter += 1"),
        ("try:\n    seen\nexcept NameError:\n    print('no')", "seen = 1"),
        ("try:\n    print(seen)\nexcept:\n    print('no')", "seen = 1"),
        ("if 'seen' not in globals():\n    seen = 1", "seen += 1"),
        ("if 'seen' in dir():\n    print(seen)", "seen = 1"),
        ("import contextlib\nwith contextlib.suppress(NameError):\n    seen", "seen = 1"),
        ("print(__file__, __name__, _, __, _1, _i2, In, Out, _ih)", "x = 1"),
        ("display(get_ipython())", "dsiplay_ = 1"),
        ("class A:\n    size = 1\n    twice = size * 2\n    def f(self):\n        return self.size", "size = 1"),
        ("def deco(f):\n    return f\n@deco\ndef g(): ...", "g()"),
        ("def f(x: 'Later') -> 'Later': ...", "class Later: ..."),
        ("def f(x: Later): ...", "class Later: ..."),
        ("x: Later", "class Later: ..."),
        ("if (n := 10) > 5:\n    print(n)", "print(n)"),
        ("print([y := 1, y**2])", "y"),
        ("match [1, 2]:\n    case [first, *rest]:\n        print(first, rest)", "first = rest = 1"),
        ("match {'a': 1}:\n    case {'a': one, **other}:\n        print(one, other)", "one = other = 1"),
        ("def set_up():\n    global state\n    state = 1", "set_up()", "print(state)"),
        ("def area():\n    return radius ** 2", "radius = 2", "area()"),
        ("key = lambda row: row[column]", "column = 0"),
        ("%%javascript\nconsole.log(total)", "total = 1"),
        ("%%html\n<b>total</b>", "total = 1"),
        ("%%bash\necho $total", "totals = 1"),
        ("for i in range(3):\n    if i:\n        print(prev)\n    prev = i", "prev = 1"),
        ("FIRST = True", "if not FIRST:\n    print(model)", "model = 1"),
        ("from sympy import var\nvar('x y')", "print(x)", "x = 1"),
        ("import pandas as pd\ndf = pd.DataFrame()", "df.quer", "quer_ = 1"),
        ("print(totl", "total = 1"),
        ("try:\n    1/0\nexcept Exception as error:\n    print(error)", "errors = 1"),
        ("def outer():\n    inner = 1\n    def f():\n        nonlocal inner\n        inner += 1\n    f()", "inner = 1"),
        ("with open('a') as handle, open('b') as other:\n    handle.read()", "handles = 1"),
        ("model1 = 1", "print(model2)"),
        ("async def f():\n    async with a_thing() as it:\n        return it", "await f()"),
        ("print(f'{x!r}' if False else 1)", "x = 1"),
        ("%time big = 1", "big"),
        ("%matplotlib inline\n!pip install x", "x = 1"),
    ],
)
def test_quiet(sources: tuple[str, ...]) -> None:
    assert told(*sources) == []


def test_other_languages_and_plain_modules_are_left_alone() -> None:
    assert findings(notebook("print(total)", "total <- 1", language="R")) == ()
    module = "print(total)\nvalues = 1\nvalue"
    assert findings(Notebook("file:///a.py", (Cell("cell-0", module),), text=module)) == ()


def test_a_name_that_the_kernel_holds_is_not_misspelt() -> None:
    misspelt = notebook("total = 1", "print(totl)")
    assert findings(misspelt, [Entry("gone", "0", 1, "ok", 1.0, ("totl",))]) == ()


def test_nesting_that_no_parser_takes_is_left_alone() -> None:
    assert told("+".join(["a"] * 3000), "(" * 300 + "b" + ")" * 300, "a = b = 1") in ([], [("defined-below", "c1")])


def saved(path: Path) -> Notebook:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = (Cell(f"c{i}", "".join(each["source"]), each["cell_type"]) for i, each in enumerate(cells))
    return Notebook("file:///n.ipynb", tuple(found))


def test_quiet_on_the_example() -> None:
    assert findings(saved(ROOT / "examples" / "tour.ipynb")) == ()
