"""What a kernel tells about a failure, and that asking leaves no trace."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ai_notebook_ls.kernels import launcher, probe, probe_values
from ai_notebook_ls.ports import KernelState

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETUP = """
import math
import pandas as pd
df = pd.DataFrame({'region': ['n'], 'price': [2]}, index=['first'])
class Thing:
    def __init__(self):
        self.colour = 'red'
        self.frame = df
        self.table = {'alpha': {'beta': 1}}
thing = Thing()
prices = {'apple': 1, 2: 3}
def look(table):
    # a comment
    return table['alhpa']
"""


@pytest.fixture
def ask(shared, run):
    """Run a failing source and ask about it."""

    async def ask(source):
        if "thing" not in (await run(shared, "dir()")).outputs[0]["data"]["text/plain"]:
            assert (await run(shared, SETUP, cell="setup")).status == "ok"
        outcome = await run(shared, source)
        assert outcome.status == "error"
        return await shared.evidence(outcome)

    return ask


def offered(evidence):
    """The offers without their names."""
    return [(offer.expression, offer.kind, offer.type.rpartition(".")[2]) for offer in evidence.offers]


def names(evidence):
    """All names offered."""
    return {name for offer in evidence.offers for name in offer.names}


async def test_name_error(ask):
    evidence = await ask("x = 1\ny = (pritn(x))")
    assert evidence.ename == "NameError"
    assert evidence.bases == ("NameError", "Exception", "BaseException")
    assert (evidence.missing, evidence.node) == ("pritn", (1, 5, 1, 10))
    assert evidence.suggestion == "Did you mean: 'print'?"
    assert evidence.namespace["thing"] == "__main__.Thing"
    assert (evidence.namespace["math"], evidence.namespace["prices"]) == ("module", "dict")
    assert not {"In", "Out", "get_ipython", "exit"} & set(evidence.namespace)
    assert "pandas" in evidence.versions


@pytest.mark.parametrize(
    ("source", "missing", "offers", "there"),
    [
        ("math.sqtr(2)", "sqtr", [("math", "attributes", "math")], "sqrt"),
        ("thing.color", "color", [("thing", "attributes", "Thing")], "colour"),
        ("df.prise", "prise", [("df", "attributes", "DataFrame"), ("df", "columns", "DataFrame")], "price"),
        ("prices['aple']", "aple", [("prices", "keys", "dict")], "apple"),
        ("prices[3]", "3", [("prices", "keys", "dict")], "2"),
        ("df['pirce'].sum()", "pirce", [("df", "columns", "DataFrame")], "price"),
        ("df[['price', 'regoin']]", "regoin", [("df", "columns", "DataFrame")], "region"),
        ("df.groupby('regoin')", "regoin", [("df", "columns", "DataFrame")], "region"),
        ("df.loc['frist']", "frist", [("df", "columns", "DataFrame"), ("df", "index", "DataFrame")], "first"),
        ("pd.concat([df])['pirce']", "pirce", [("pd.concat([df])", "columns", "DataFrame")], "price"),
        ("thing.frame['pirce']", "pirce", [("thing.frame", "columns", "DataFrame")], "price"),
        ("thing.table['alpha']['beat']", "beat", [("thing.table['alpha']", "keys", "dict")], "beta"),
        ("import pandsa", "pandsa", [("", "attributes", "")], "pandas"),
        ("import pandas.tsries", "pandas.tsries", [("pandas", "attributes", "pandas")], "tseries"),
        ("from math import sqtr", "sqtr", [("math", "attributes", "math")], "sqrt"),
    ],
)
async def test_what_is_missing_and_what_there_is(ask, source, missing, offers, there):
    evidence = await ask(source)
    assert evidence.missing == missing
    assert offered(evidence)[: len(offers)] == offers
    assert there in names(evidence)


async def test_failing_frame_in_another_cell(ask):
    evidence = await ask("look(thing.table)")
    assert (evidence.missing, offered(evidence)) == ("alhpa", [("table", "keys", "dict")])
    assert SETUP.splitlines()[evidence.node[0]][evidence.node[1] : evidence.node[3]] == "table['alhpa']"


@pytest.mark.parametrize(
    ("source", "operands"),
    [
        ("'é' + prices['apple']", (("'é'", "str"), ("prices['apple']", "int"))),
        ("n = 1; 'total: ' + n + '!'", (("'total: '", "str"), ("n", "int"))),
        ("sum(thing.colour)", (("thing.colour", "str"),)),
        ("m = 'a'\nm += 1", (("m", "str"), ("1", "int"))),
        ("[1]['a']", (("1", "int"), ("'a'", "str"))),
    ],
)
async def test_operands(ask, source, operands):
    assert (await ask(source)).operands == operands


async def test_columns_are_code_points(ask):
    evidence = await ask("x = '😀é' + str(1) + thing.table['nope']")
    assert evidence.node == (0, 20, 0, 39)


@pytest.mark.parametrize(("source", "place"), [("x = 1\nfor i in x\n    pass", (1, 10)), ("print 'é'", (0, 0))])
async def test_syntax_error(ask, source, place):
    evidence = await ask(source)
    assert evidence.ename == "SyntaxError"
    assert evidence.node[:2] == place


async def test_a_magic_has_no_columns_of_the_cell(ask):
    assert (await ask("%time 1/0")).node is None


async def test_of_an_earlier_failure_nothing_is_told(shared, run):
    failed = await run(shared, "1/0")
    await run(shared, "1")
    assert await shared.evidence(failed) is None


async def test_asking_leaves_no_trace(ask, shared, run):
    look = (
        "import sys; (sorted(n for n in globals() if not n.startswith('_')), len(In), sorted(Out), _, "
        "get_ipython().execution_count, repr(sys.last_value))"
    )
    await run(shared, "41")
    failed = await run(shared, "undefined_name")
    before = ast.literal_eval((await run(shared, look)).outputs[0]["data"]["text/plain"])
    await run(shared, "41")
    failed = await run(shared, "undefined_name")
    assert (await shared.evidence(failed)).missing == "undefined_name"
    after = ast.literal_eval((await run(shared, look)).outputs[0]["data"]["text/plain"])
    assert (after[0], after[3], after[5]) == (before[0], 41, before[5])
    assert (after[1], after[4]) == (before[1] + 3, before[4] + 3)


async def test_evil_objects(ask):
    evidence = await ask(
        "class Evil:\n"
        "    def __getattribute__(self, name): raise SystemExit(name)\n"
        "    def __repr__(self): raise KeyboardInterrupt\n"
        "    def __dir__(self): raise MemoryError\n"
        "    def __eq__(self, other): raise ValueError\n"
        "    __hash__ = None\n"
        "    __class__ = property(lambda self: 1 / 0)\n"
        "evil = Evil()\n"
        "prices['evil'] = evil\n"
        "prices['evli'] + evil\n"
    )
    assert (evidence.missing, evidence.namespace["evil"]) == ("evli", "__main__.Evil")
    assert "apple" in names(evidence)


async def test_an_object_that_takes_its_time(ask, shared, run):
    evidence = await ask(
        "import time\n"
        "class Slow(dict):\n"
        "    @property\n"
        "    def __dict__(self): time.sleep(60)\n"
        "slow = Slow()\n"
        "slow.nothing\n"
    )
    assert (evidence.ename, evidence.missing, evidence.offers) == ("AttributeError", "nothing", ())
    assert shared.state is KernelState.IDLE
    assert (await run(shared, "1")).status == "ok"


async def test_many_names_are_bounded_and_the_likely_ones_stay(ask):
    evidence = await ask("many = {f'key{n}': n for n in range(5000)}\nmany['key4999x']")
    assert len(evidence.offers[0].names) == probe.MOST
    assert "key4999" in evidence.offers[0].names


async def test_runs_on_old_pythons():
    for module in (probe, probe_values, launcher):
        ast.parse(Path(module.__file__).read_text("utf-8"), feature_version=(3, 8))


async def test_values_are_told_by_kind_and_size(ask):
    evidence = await ask("dear = pd.DataFrame({'p': ['1,200', '-'], 'd': ['13/02/2024', None]})\ndear['p'] - [1, 2.0]")
    known = {each.expression: each for each in evidence.values}
    assert (known["dear"].shape, known["dear"].labels) == ((2, 2), "RangeIndex int64")
    assert [(each.name, each.looks, each.gaps, each.day_first) for each in known["dear"].columns] == [
        ("p", "thousands", ("-",), None),
        ("d", "date", (), True),
    ]
    assert (known["dear['p']"].texts.looks, known["dear['p']"].length) == ("thousands", 2)


@pytest.mark.parametrize(
    ("source", "name", "parameters"),
    [
        ("look(tabel=1)", "look", [("table", "POSITIONAL_OR_KEYWORD", True)]),
        ("df.drop('a', 1)", "df.drop", [("labels", "POSITIONAL_OR_KEYWORD", False), ("axis", "KEYWORD_ONLY", False)]),
    ],
)
async def test_the_parameters_of_what_is_called(ask, source, name, parameters):
    callee = (await ask(source)).callee
    assert callee.expression == name
    assert [(each.name, each.kind, each.required) for each in callee.parameters][:2] == parameters


async def test_names_of_a_function_and_homes_of_a_missing_name(ask):
    evidence = await ask("def inner(a):\n    b = 'x'\n    return sqrt(a)\ninner(1)")
    assert evidence.local == {"a": "int", "b": "str"}
    assert [(offer.expression, offer.names) for offer in evidence.offers] == [("math", ("sqrt",))]


async def test_files_that_are_there(ask, shared, run):
    await run(shared, "import os, tempfile; os.chdir(tempfile.mkdtemp()); os.mkdir('data')")
    await run(shared, "open('data/sales.csv', 'w').write('a;b\\n1;2\\n'); open('l.txt', 'wb').write(b'caf\\xe9')")
    assert "data/sales.csv" in (await ask("open('sales.csv')")).files
    assert (await ask("open('l.txt', encoding='utf-8').read()")).encoding == "cp1252"
    assert (await ask("path = 'data/sales.csv'\nint(path)")).separator == ";"


async def test_a_file_that_hides_a_module(ask, shared, run):
    await run(shared, "import os, sys, tempfile; os.chdir(tempfile.mkdtemp()); sys.path.insert(0, '')")
    await run(shared, "open('colorsys.py', 'w').write('')")
    assert (await ask("import colorsys\ncolorsys.rgb_to_hsv(1, 2, 3)")).shadow == "colorsys.py"


async def test_a_frame_of_many_and_of_odd_columns(ask):
    evidence = await ask("wide = pd.DataFrame([range(50_000)])\nwide['nothing']")
    assert len(evidence.values[0].columns) == probe_values.COLUMNS
    evidence = await ask("odd = pd.DataFrame([[1, 2, 3]], columns=[1, None, ('a', 'b')])\nodd['nothing']")
    assert [each.name for each in evidence.values[0].columns] == ["1", "None"]
