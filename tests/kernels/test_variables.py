"""What a kernel tells about its variables, and that none of the user's code runs for it."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

from ai_notebook_ls.core.variables import Variables
from ai_notebook_ls.kernels import asking, inventory, library_looks, sidecar
from ai_notebook_ls.ports import KernelState

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def look(shared, run):
    """Run a source in an empty namespace and look at the names it leaves."""

    async def look(source):
        outcome = await run(shared, "%reset -f\n" + source)
        assert outcome.status == "ok", outcome.failure
        found = await shared.variables()
        assert found.left_out == 0
        return {each.name: each for each in found.variables}

    return look


async def value(run, kernel, expression):
    """Evaluate an expression of literals in a kernel."""
    return ast.literal_eval((await run(kernel, expression)).outputs[0]["data"]["text/plain"])


# -- what is told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "type", "kind", "preview", "shape"),
    [
        ("7", "int", "scalar", "7", None),
        ("True", "bool", "scalar", "True", None),
        ("2.5", "float", "scalar", "2.5", None),
        ("None", "NoneType", "scalar", "None", None),
        ("'a\\nb'", "str", "scalar", r"'a\nb'", (3,)),
        ("b'x'", "bytes", "scalar", "b'x'", (1,)),
        ("[1, (2,), {3: {'k': ()}}]", "list", "sequence", "[1, (2,), {3: {'k': ()}}]", (3,)),
        ("range(10**30)", "range", "sequence", f"range(0, {10**30}, 1)", None),
        ("slice(1, None)", "slice", "other", "slice(1, None, None)", None),
        ("{4}", "set", "sequence", "{4}", (1,)),
        ("__import__('collections').deque([1])", "deque", "sequence", "deque([1])", (1,)),
        ("__import__('collections').Counter('aa')", "Counter", "mapping", "Counter({'a': 2})", (1,)),
        ("__import__('collections').namedtuple('Pair', 'x y')(1, 2)", "Pair", "sequence", "<__main__.Pair>", (2,)),
        ("__import__('datetime').datetime(2026, 1, 2)", "datetime", "scalar", "2026-01-02 00:00:00", None),
        ("__import__('decimal').Decimal('1.10')", "Decimal", "scalar", "Decimal('1.10')", None),
        ("__import__('pathlib').PurePosixPath('/a/b')", "PurePosixPath", "scalar", "PurePosixPath('/a/b')", None),
        ("object()", "object", "other", "<object>", None),
        ("len", "builtin_function_or_method", "function", "len(…)", None),
        ("__import__('json').dumps", "function", "function", None, None),
        ("[].append", "builtin_function_or_method", "function", "append(…)", None),
        ("3 .__class__", "type", "class", "int", None),
    ],
)
async def test_builtin_values(look, source, type, kind, preview, shape):
    found = (await look(f"x = {source}"))["x"]
    assert (found.type, found.kind, found.shape) == (type, kind, shape)
    assert found.preview == preview or (preview is None and found.preview.startswith("dumps(obj, *, skipkeys=False"))


async def test_functions_and_classes_by_their_signature(look):
    found = await look(
        "def area(width, /, height=2, *rest, unit: 1/0 if False else str = 'cm', **more) -> 'Nowhere': pass\n"
        "class Circle:\n"
        "    def __init__(self, radius, sides=[1]): pass\n"
        "    def turn(self, by=None): pass\n"
        "class Plain: pass\n"
        "circle = Circle(1)\n"
        "turn = circle.turn\n"
    )
    assert found["area"].preview == "area(width, /, height=2, *rest, unit='cm', **more)"
    assert (found["Circle"].preview, found["Circle"].kind) == ("Circle(radius, sides=[1])", "class")
    assert (found["turn"].preview, found["turn"].kind) == ("turn(by=None)", "function")
    assert (found["Plain"].preview, found["circle"].preview) == ("Plain", "<__main__.Circle>")
    assert found["circle"].module == "__main__"


async def test_arrays(look):
    found = await look(
        "import numpy as np\n"
        "grid = np.arange(4.0).reshape(2, 2)\n"
        "large = np.zeros((1000, 1000))[::2]\n"
        "nothing = np.zeros((10**9, 0))\n"
        "single = np.array(5)\n"
        "mixed = np.array([1, 'a', object()], dtype=object)\n"
        "days = np.array(['2026-01-01'], dtype='M8[ns]')\n"
        "rows = np.array([(1, 'x')], dtype=[('a', 'i4'), ('b', 'U5')])\n"
        "masked = np.ma.array([1, 2], mask=[True, False])\n"
        "half = np.float32(0.5)\n"
        "day = np.datetime64('2026-01-01', 'ns')\n"
    )
    grid = found["grid"]
    assert (grid.kind, grid.shape, grid.dtype, grid.bytes) == ("array", (2, 2), "float64", 32)
    assert (grid.preview, grid.truncated) == ("[[0.0, 1.0], [2.0, 3.0]]", False)
    assert (found["large"].bytes, found["large"].truncated) == (4_000_000, True)
    assert found["nothing"].shape == (10**9, 0)
    assert (found["single"].shape, found["single"].preview) == ((), "5")
    assert (found["mixed"].dtype, found["mixed"].preview) == ("object", "[1, 'a', <object>]")
    assert found["days"].preview == "[2026-01-01T00:00:00.000000000]"
    assert found["rows"].preview == "[(1, 'x')]"
    assert (found["masked"].shape, found["masked"].preview[:10]) == ((2,), "<numpy.ma.")
    assert (found["half"].kind, found["half"].preview) == ("scalar", "0.5")
    assert found["day"].preview == "2026-01-01T00:00:00.000000000"


async def test_frames(look):
    found = await look(
        "import pandas as pd\n"
        "df = pd.DataFrame({\n"
        "    'region': ['north', 'south'], 'price': [1.5, None], 'day': pd.to_datetime(['2026-01-01', None], utc=True),\n"
        "    'size': pd.Categorical(['s', 'm']), 'range': pd.cut([1, 2], 2), 3: [object(), [1]],\n"
        "}, index=['a', 'b'])\n"
        "price = df['price']\n"
        "index = df.index\n"
        "pairs = pd.MultiIndex.from_product([[1], ['a', 'b']])\n"
        "long = pd.DataFrame({'n': range(1000)})\n"
        "stamp = pd.Timestamp('2026-01-01')\n"
    )
    df = found["df"]
    assert (df.type, df.kind, df.shape) == ("DataFrame", "frame", (2, 6))
    assert [(each.name, each.dtype) for each in df.columns[1:4]] == [
        ("price", "float64"),
        ("day", df.columns[2].dtype),
        ("size", "category"),
    ]
    assert df.columns[2].dtype.startswith("datetime64[")
    assert df.columns[2].dtype.endswith("UTC]")
    assert df.table.index == ("a", "b")
    assert df.table.rows[0] == ("north", "1.5", "2026-01-01 00:00:00+00:00", "s", "(0.999, 1.5]", "<object>")
    assert df.table.rows[1] == ("south", "nan", "NaT", "m", "(1.5, 2.0]", "[1]")
    price = found["price"]
    assert (price.kind, price.shape, price.bytes) == ("frame", (2,), 16)
    assert (price.columns[0].name, price.table.rows) == ("price", (("1.5",), ("nan",)))
    assert (found["index"].kind, found["index"].preview) == ("array", "Index(['a', 'b'])")
    assert found["pairs"].preview == "MultiIndex([(1, 'a'), (1, 'b')])"
    assert (found["long"].bytes, len(found["long"].table.rows)) == (8000, 5)
    assert found["stamp"].preview == "2026-01-01 00:00:00"


@pytest.mark.parametrize(
    ("library", "source", "kind", "shape", "columns"),
    [
        ("polars", "polars.DataFrame({'a': [1, 2]})", "frame", (2, 1), [("a", "Int64")]),
        ("polars", "polars.Series('a', [1, 2])", "frame", (2,), [("a", "Int64")]),
        ("pyarrow", "pyarrow.table({'a': [1, 2]})", "frame", (2, 1), [("a", "int64")]),
        ("scipy.sparse", "scipy.sparse.csr_array([[1, 0], [0, 2]])", "array", (2, 2), []),
        ("scipy.sparse", "scipy.sparse.coo_matrix([[1, 0], [0, 2]])", "array", (2, 2), []),
        ("torch", "torch.ones(2, 2)", "array", (2, 2), []),
    ],
)
async def test_other_libraries(look, library, source, kind, shape, columns):
    pytest.importorskip(library)
    found = (await look(f"import {library}\nx = {source}"))["x"]
    assert (found.kind, found.shape) == (kind, shape)
    assert [(each.name, each.dtype) for each in found.columns] == columns
    assert found.bytes >= 4


async def test_only_the_users_own_names_in_the_order_of_their_definition(look):
    found = await look("import math\nzebra = 1\napple = 2\n_hidden = 3\nexit = 'mine'\nzebra = 4\nprint\n")
    assert list(found) == ["exit", "zebra", "apple"], "exit has been there from the start"
    assert found["exit"].preview == "'mine'"


# -- nobody's code runs ----------------------------------------------------------------------------------------------

TRAPS = """
import collections, datetime, decimal
calls = []
def trap(name):
    def sprung(*_, **__):
        calls.append(name)
        raise SystemExit(name)
    return sprung
def traps(*left_out):
    names = {name for kind in (object, type, int, dict, list, str, set) for name in vars(kind)} | {
        '__getattr__', '__array__', '__array_finalize__', '__fspath__', '__deepcopy__', '__copy__', '__bool__',
        '__instancecheck__', '__subclasscheck__', '__prepare__', '_repr_html_', '_repr_mimebundle_', '_ipython_display_',
        '_repr_pretty_', 'utcoffset', 'tzname', 'dst', '__missing__', '__index__', '__float__', '__call__', '__next__'}
    found = {name: trap(name) for name in names if name.startswith('_') or name == 'utcoffset'}
    properties = ('__class__', '__dict__', 'shape', 'dtype', 'nbytes', 'index', 'columns', 'dtypes', '_mgr', 'axes', 'values')
    found.update((name, property(trap(name))) for name in properties)
    for name in ('__new__', '__init__', '__init_subclass__', '__doc__', '__module__', '__qualname__', '__name__', '__mro__',
                 '__bases__', '__base__', '__basicsize__', '__itemsize__', '__flags__', '__weakrefoffset__', '__dictoffset__',
                 '__text_signature__', '__annotations__', '__type_params__', '__abstractmethods__', '__del__', *left_out):
        found.pop(name, None)
    return found
Meta = type('Meta', (type,), {**traps('mro', '__prepare__'), '__module__': property(trap('meta module')),
                              '__name__': property(trap('meta name'))})
def evil(base):
    return type.__new__(Meta, 'Evil', (base,), {**traps(), '__module__': '__main__'})
"""


async def test_evil_objects_of_every_kind(look, run, shared):
    bases = ["object", "dict", "list", "tuple", "str", "bytes", "int", "float", "complex", "set", "frozenset"]
    bases += [
        "bytearray",
        "Exception",
        "collections.deque",
        "collections.OrderedDict",
        "collections.defaultdict",
        "decimal.Decimal",
    ]
    names = [f"evil_{base.rpartition('.')[2]}" for base in bases]
    making = "\n".join(
        f"{name} = {base}.__new__(evil({base}))" for name, base in zip(names, bases, strict=True) if base != "object"
    )
    found = await look(
        f"{TRAPS}\n{making}\n"
        "evil_object = object.__new__(evil(object))\n"
        "evil_class = evil(object)\n"
        "dict.__setitem__(evil_dict, 'k', evil_object)\n"
        "nested = [evil_object, {'k': evil_object}, (evil_list,)]\n"
        "def function(first=evil_object, *, second=evil_object): pass\n"
        "calls.clear()\n"
    )
    assert await value(run, shared, "calls") == []
    for name in names:
        assert (found[name].type, found[name].module, found[name].preview) == ("Evil", "__main__", "<__main__.Evil>")
    assert (found["evil_object"].kind, found["evil_object"].bytes) == ("other", None)
    assert (found["evil_dict"].kind, found["evil_dict"].shape) == ("mapping", (1,))
    assert (found["evil_list"].kind, found["evil_list"].shape) == ("sequence", (0,))
    assert (found["evil_class"].kind, found["evil_class"].preview) == ("class", "Evil")
    assert found["nested"].preview == "[<__main__.Evil>, {'k': <__main__.Evil>}, (<__main__.Evil>,)]"
    assert found["function"].preview == "function(first=<__main__.Evil>, *, second=<__main__.Evil>)"


async def test_evil_arrays_and_frames(look, run, shared):
    found = await look(
        f"{TRAPS}\n"
        "import numpy as np, pandas as pd\n"
        "class Zone(datetime.tzinfo):\n"
        "    utcoffset = tzname = dst = lambda self, moment: calls.append('zone') or datetime.timedelta(0)\n"
        "class Thing: pass\n"
        "class Array(np.ndarray):\n"
        "    __class__ = property(lambda self: calls.append('class') or list)\n"
        "class Frame(pd.DataFrame): pass\n"
        "class Row(pd.Series): pass\n"
        "thing = Thing()\n"
        "array = np.arange(6).reshape(2, 3).view(Array)\n"
        "objects = np.array([thing, None], dtype=object)\n"
        "frame = Frame({'a': [1, 2]})\n"
        "row = Row([1.5], name=thing)\n"
        "plain = pd.DataFrame({'a': [1, 2], thing: [thing, 'x'], ('t', 1): 1, 3: 2}, index=['i', thing])\n"
        "plain.attrs['thing'] = thing  # a slice deep-copies it\n"
        "index = plain.index\n"
        "moment = datetime.datetime(2026, 1, 1, tzinfo=Zone())\n"
        "zoned = pd.DataFrame({'t': pd.Series([moment], dtype=object)})\n"
        "zoned_index = pd.DatetimeIndex([moment])\n"
        "for kind in (Thing, Array, Frame, Row):\n"
        "    for name, way in traps('__class__', '__dict__').items(): setattr(kind, name, way)\n"
        "calls.clear()\n"
    )
    assert await value(run, shared, "calls") == []
    array, frame, row, plain = (found[name] for name in ("array", "frame", "row", "plain"))
    assert (array.kind, array.shape, array.bytes, array.preview) == ("array", (2, 3), 48, "<__main__.Array>")
    assert found["objects"].preview == "[<__main__.Thing>, None]"
    assert (frame.kind, frame.shape, frame.table.rows) == ("frame", (2, 1), (("1",), ("2",)))
    assert (row.shape, row.columns[0].name, row.table.rows) == ((1,), "<__main__.Thing>", (("1.5",),))
    assert [each.name for each in plain.columns] == ["a", "<__main__.Thing>", "('t', 1)", "3"]
    assert plain.table.index == ("i", "<__main__.Thing>")
    assert plain.table.rows[0] == ("1", "<__main__.Thing>", "1", "2")
    assert found["index"].preview == "Index(['i', <__main__.Thing>])"
    assert found["moment"].preview == "<datetime.datetime>"
    assert found["zoned"].table.rows == (("<datetime.datetime>",),)
    assert found["zoned_index"].shape == (1,)


async def test_impostors(look, run, shared):
    """A class that calls itself pandas.DataFrame, and a module that stands in for numpy, are the user's code."""
    found = await look(
        f"{TRAPS}\n"
        "import sys, types\n"
        "import pandas\n"
        "DataFrame = type('DataFrame', (), {**traps(), '__module__': 'pandas'})\n"
        "fake = object.__new__(DataFrame)\n"
        "evil_object = object.__new__(evil(object))\n"
        "sys.modules['polars'] = evil_object\n"
        "Series = type('Series', (), {**traps(), '__module__': 'polars'})\n"
        "other = object.__new__(Series)\n"
        "calls.clear()\n"
    )
    assert await value(run, shared, "(sys.modules.pop('polars'), calls)[1]") == []
    assert (found["fake"].kind, found["fake"].preview) == ("other", "<pandas.DataFrame>")
    assert (found["other"].kind, found["other"].preview) == ("other", "<polars.Series>")


async def test_what_is_lazy_stays_so(look, run, shared, tmp_path):
    (tmp_path / "lazy_one.py").write_text("loaded = True\n")
    found = await look(
        f"import importlib.util, sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "spec = importlib.util.find_spec('lazy_one')\n"
        "loader = spec.loader = importlib.util.LazyLoader(spec.loader)\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "loader.exec_module(module)\n"
        "sys.modules['lazy_one'] = module\n"
        "Thing = type('Thing', (), {'__module__': 'lazy_one'})\n"
        "thing = Thing()\n"
        "numbers = (n for n in range(3))\n"
        "pairs = map(str, [1])\n"
        "class Proxy:\n"
        "    __slots__ = ('made',)\n"
        "    def __getattribute__(self, name):\n"
        "        object.__setattr__(self, 'made', name)\n"
        "proxy = Proxy()\n"
    )
    assert found["thing"].preview == "<lazy_one.Thing>"
    assert found["numbers"].preview == "<generator>"
    assert "module" not in found
    assert await value(run, shared, "type(module).__name__") == "_LazyModule"
    assert await value(run, shared, "list(numbers), list(pairs)") == ([0, 1, 2], ["1"])
    assert await value(run, shared, "try:\n    Proxy.made.__get__(proxy)\nexcept AttributeError:\n    ok = True\nok")


async def test_no_library_is_imported_for_it(kernels, run, notebook):
    kernel = kernels.kernel(notebook)
    await run(kernel, "import sys\nbefore = set(sys.modules)")
    await kernel.variables()
    assert await value(run, kernel, "set(sys.modules) - before") == {inventory.NAME}


async def test_looking_leaves_no_trace(kernels, run, notebook):
    kernel = kernels.kernel(notebook)
    await run(kernel, "import gc\nx = 41")
    await run(kernel, "x + 1")
    trace = (
        "sorted(n for n in globals() if not n.startswith('_')), len(In), sorted(Out), _, gc.isenabled(), "
        "get_ipython().execution_count"
    )
    before = await value(run, kernel, trace)
    await run(kernel, "42")
    assert [each.name for each in (await kernel.variables()).variables] == ["x"]
    after = await value(run, kernel, trace)
    assert (after[0], after[3], after[4]) == (before[0], 42, True)
    assert (after[1], after[5]) == (before[1] + 2, before[5] + 2)


# -- bounds ----------------------------------------------------------------------------------------------------------


async def test_what_is_huge_is_cut(look):
    found = await look(
        "import pandas as pd, decimal, sys\n"
        "text = 'x' * 50_000_000\n"
        "number = 10 ** 1_000_000\n"
        "precise = decimal.Decimal('1' * 100_000)\n"
        "wide = pd.DataFrame([range(50_000)])\n"
        "wide.insert(0, 'y' * 1000, 'z' * 1000)\n"
        "loop = []\n"
        "loop.append(loop)\n"
        "deep = []\n"
        "for _ in range(100_000): deep = [deep]\n"
        "items = list(range(1_000_000))\n"
        "lone = '\\ud800'\n"
        "globals()['na\\ud800me'] = '\\udfff'\n"
        "spoken = pd.DataFrame([['a\\udfff']], columns=pd.Index(['\\ud800'], dtype=object), dtype=object)\n"
        "class Endless:\n"
        "    def __len__(self): return sys.maxsize\n"
        "    def __getitem__(self, place): return place\n"
        "endless = Endless()\n"
    )
    assert (found["text"].shape, len(found["text"].preview), found["text"].truncated) == ((50_000_000,), 200, True)
    assert found["text"].bytes > 50_000_000
    assert found["number"].preview == "<int of about 1000001 digits>"
    assert found["precise"].preview == "<decimal.Decimal>"
    wide = found["wide"]
    assert (wide.shape, len(wide.columns), len(wide.table.rows[0])) == ((1, 50_001), 50, 8)
    assert len(wide.columns[0].name) <= inventory.CELL
    assert len(wide.table.rows[0][0]) <= inventory.CELL
    assert found["loop"].preview == "[[[[…]]]]"
    assert found["deep"].preview == "[[[[…]]]]"
    assert found["items"].truncated
    assert found["lone"].preview == r"'\ud800'"
    assert found[r"na\ud800me"].preview == r"'\udfff'"
    assert (found["spoken"].columns[0].name, found["spoken"].table.rows) == (r"\ud800", ((r"a\udfff",),))
    assert found["endless"].preview == "<__main__.Endless>"


async def test_of_many_names_the_latest_are_told(kernels, run, notebook):
    kernel = kernels.kernel(notebook)
    await run(kernel, "for n in range(10_000): globals()[f'name{n}'] = n")
    found = await kernel.variables()
    assert len(found.variables) == inventory.MOST
    assert found.variables[-1].name == "name9999"
    assert found.left_out == 10_001 - inventory.MOST


async def test_the_report_is_bounded(kernels, run, notebook):
    kernel = kernels.kernel(notebook)
    source = "import pandas as pd\nfor n in range(400): globals()[f'df{n}'] = pd.DataFrame([['x' * 60] * 60] * 5)"
    await run(kernel, source)
    found = await kernel.variables()
    assert found.variables[-1].name == "df399"
    assert 0 < len(found.variables) < 400
    assert found.left_out == 401 - len(found.variables)


async def test_when_its_time_is_up_the_rest_is_left_out(kernels, run, notebook):
    kernel = kernels.kernel(notebook)
    await run(kernel, "x = y = 1")
    assert len((await kernel.variables()).variables) == 2
    await run(kernel, f"__import__('sys').modules[{inventory.NAME!r}].report.__globals__['SECONDS'] = -1")
    assert await kernel.variables() == Variables((), 2)


# -- when ------------------------------------------------------------------------------------------------------------


async def test_without_a_kernel_there_is_nothing_and_none_is_started(kernels, notebook):
    kernel = kernels.kernel(notebook)
    assert await kernel.variables() == Variables()
    assert kernel.state is KernelState.NONE


async def test_a_look_does_not_wait_for_a_run(kernels, run, notebook, tmp_path, monkeypatch):
    kernel = kernels.kernel(notebook)
    monkeypatch.setattr(sidecar, "GLANCE", 0.01)
    go = tmp_path / "go"
    running = asyncio.create_task(
        run(kernel, f"import pathlib\nwhile not pathlib.Path({str(go)!r}).exists(): pass\nx = 1")
    )
    async with asyncio.timeout(30):
        while kernel.state is not KernelState.BUSY:
            await asyncio.sleep(0)
    assert await kernel.variables() is None
    go.touch()
    assert (await running).status == "ok"
    looks = await asyncio.gather(*(kernel.variables() for _ in range(3)))
    assert [each.name for each in looks[0].variables] == ["x"]


async def test_a_kernel_that_does_not_answer_is_left_alive(kernels, run, notebook, monkeypatch, tmp_path):
    kernel = kernels.kernel(notebook)
    monkeypatch.setattr(asking, "PATIENCE", 0.2)
    monkeypatch.setattr(asking, "GRACE", 0.2)
    hang = tmp_path / "hang"
    await run(
        kernel,
        "x = 1\n"
        f"def hook(_hang=__import__('pathlib').Path({str(hang)!r})):\n"
        "    while _hang.exists():\n"
        "        try: __import__('time').sleep(0.01)\n"
        "        except KeyboardInterrupt: pass\n"
        "get_ipython().events.register('post_execute', hook)",
    )
    hang.touch()
    assert await kernel.variables() is None
    assert kernel.state is KernelState.IDLE
    looking = asyncio.create_task(kernel.variables())
    await asyncio.sleep(0)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    hang.unlink()
    outcome = await run(kernel, "x")
    assert (outcome.status, outcome.outputs[0]["data"]["text/plain"]) == ("ok", "1"), "nothing was lost or interrupted"
    assert [each.name for each in (await kernel.variables()).variables] == ["x", "hook"]


async def test_looking_does_not_keep_a_kernel_alive(open_kernels, run, notebook):
    kernel = open_kernels(idle_minutes=0.01).kernel(notebook)
    await run(kernel, "x = 1")
    async with asyncio.timeout(30):
        while kernel.state is KernelState.IDLE:
            await kernel.variables()
    assert kernel.state is KernelState.NONE


async def test_runs_on_old_pythons():
    for module in (inventory, library_looks):
        ast.parse(Path(module.__file__).read_text("utf-8"), feature_version=(3, 8))
