"""Recipes: what each changes, and what it leaves alone. Running the result is tested in tests/assist/test_improve.py."""

from collections.abc import Mapping

import pytest

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe, Seen, SeenFunction
from ai_notebook_ls.providers.builtin.recipes import RECIPES

BY_NAME = {recipe.name: recipe for recipe in RECIPES}


def notebook(*sources: str) -> Notebook:
    return Notebook("untitled:recipes", tuple(Cell(f"c{place}", text) for place, text in enumerate(sources, 1)))


async def improved(name: str, *sources: str, cell: int = 1, seen: Seen | None = None) -> Mapping[str, str]:
    """What a recipe makes of a notebook; nothing where it does not even offer itself."""
    recipe: Recipe = BY_NAME[name]
    made = notebook(*sources)
    place = made.cells[cell - 1]
    if not recipe.fits(made, place):
        return {}
    return await recipe.change(ImproveRequest(made, (place,), seen or Seen()))


# -- imports -----------------------------------------------------------------------------------------------------------


async def test_imports_come_sorted_to_the_first_cell_that_has_any() -> None:
    changed = await improved(
        "imports",
        "# About prices",
        '"""Prices."""\n%matplotlib inline\nimport pandas as pd, os\nx = 1',
        "import os\nfrom json import loads  # small\n\nloads('1')",
        "import os",
        cell=3,
    )
    block = "import os\nfrom json import loads  # small\n\nimport pandas as pd"
    assert changed == {
        "c2": f'"""Prices."""\n%matplotlib inline\n{block}\n\nx = 1',
        "c3": "loads('1')",
        "c4": "",
    }


@pytest.mark.parametrize(
    "second",
    [
        "try:\n    import ujson as json\nexcept ImportError:\n    import json",
        "if fast:\n    import numba",
        "from math import *",
        "from .helpers import load",
        "def f():\n    import json",
        "x = 1; import json",
        "%time import json",
        "%%bash\nimport -window root shot.png",
        "from os import open",
        "import json\njson = None",
        "import sys\nimport",
    ],
)
async def test_an_import_whose_place_matters_stays(second: str) -> None:
    assert await improved("imports", "import os\nos", second) == {}


@pytest.mark.parametrize(
    "first",
    [
        "import sys\nsys.path.insert(0, 'src')",
        "import os\nos.environ['OMP_NUM_THREADS'] = '1'",
        "import os\nos.chdir('data')",
        "import matplotlib\nmatplotlib.use('Agg')",
        "from gevent import monkey\nmonkey.patch_all()",
        "import os\n%pip install plotly",
        "import os\n!pip install plotly",
        "import os\n%cd src",
        "import os\n%load_ext autoreload",
        "import os\nexec('x = 1')",
    ],
)
async def test_an_import_stays_below_what_it_may_depend_on(first: str) -> None:
    assert await improved("imports", first, "import plotly", cell=2) == {}


async def test_the_future_stays_first() -> None:
    changed = await improved("imports", "from __future__ import annotations\nimport os\nos", "import json", cell=2)
    assert changed["c1"] == "from __future__ import annotations\nimport json\nimport os\n\nos"


async def test_imports_that_are_in_order_are_left_alone() -> None:
    assert await improved("imports", "import os\n\nimport numpy as np\n\nx = 1", "np.zeros(1)") == {}


# -- unused ------------------------------------------------------------------------------------------------------------


async def test_what_no_cell_reads_goes() -> None:
    changed = await improved(
        "unused",
        "import os\nimport json\nfrom math import (\n    pi,\n    sin,\n)\nlimit = 3\nrows = []",
        "print(json.dumps(pi))",
        "import sys",
        "rows.append(1)",
    )
    assert changed == {"c1": "import json\nfrom math import pi\nrows = []", "c3": ""}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("import os", "eval('o' + 's')"),
        ("limit = 3", "df.query('price > @limit')"),
        ("folder = 'x'", "!ls {folder}"),
        ("folder = 'x'", "%cd $folder"),
        ("frame = [1]", "%%R -i frame\nsummary(frame)"),
        ("import os", "def f(:"),
        ("n = 1", "def f():\n    global n"),
        ("n = 1", "n += 1"),
        ("rows = load()", "1"),
        ("a, b = 1, 2", "a"),
        ("import this", "1"),
        ("import os  # noqa: F401", "1"),
        ("from sklearn.experimental import enable_iterative_imputer", "1"),
        ("import some_plugin", "1"),
        ("import scipy.stats", "1"),
        ("import os; x = f()", "x"),
        ("from __future__ import annotations", "1"),
    ],
)
async def test_what_may_be_read_or_have_an_effect_stays(first: str, second: str) -> None:
    assert await improved("unused", first, second) == {}


# -- f-strings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'{} of {}'.format(a, b)", "f'{a} of {b}'"),
        ("'%s: %5.2f' % (a, b)", "f'{a}: {b:5.2f}'"),
        ("'ä {0!r}'.format(a)", "f'ä {a!r}'"),
        ("%%time\n'{}'.format(a)", "%%time\nf'{a}'"),
    ],
)
async def test_texts_become_f_strings(old: str, new: str) -> None:
    assert await improved("f-strings", old) == {"c1": new}


@pytest.mark.parametrize("old", ["'%s' % a", "'%d' % (a,)", "text.format(a)", "7 % 2", "'{}'.format(*a)", "f'{a}'"])
async def test_what_might_come_out_differently_stays(old: str) -> None:
    assert await improved("f-strings", old) == {}


# -- pathlib -----------------------------------------------------------------------------------------------------------


async def test_questions_about_paths_are_asked_of_paths() -> None:
    changed = await improved(
        "pathlib",
        "import os\nname = 'ä'",
        "if os.path.exists(os.path.join('dä', name + '.csv')):\n    os.remove(name)\nopen(os.path.join('a', name))",
        cell=2,
    )
    assert changed == {
        "c2": "from pathlib import Path\n\n"
        "if (Path('dä') / (name + '.csv')).exists():\n    Path(name).unlink()\nopen(Path('a') / name)"
    }


async def test_path_is_imported_once_and_the_way_os_is_imported_does_not_matter() -> None:
    sources = "from os import path\nimport os.path\nfrom pathlib import Path", "path.isfile('a'), os.path.isdir('b')"
    assert await improved("pathlib", *sources, cell=2) == {"c2": "Path('a').is_file(), Path('b').is_dir()"}


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.path.join('a', 'b')",
        "import os\nos.path.basename(name)",
        "import os\nos.listdir('a')",
        "import os\nos.path.exists(3)",
        "import os\nos.path.exists(*names)",
        "import os\nPath = str\nos.path.exists('a')",
        "import os\nos = Fake()\nos.path.exists('a')",
        "os.path.exists('a')",
        "import os\nos.mkdir('a', 0o700)",
        "import os\nopen = print\nopen(os.path.join('a', 'b'))",
    ],
)
async def test_a_path_that_must_stay_text_stays(text: str) -> None:
    assert await improved("pathlib", text) == {}


# -- modernise ---------------------------------------------------------------------------------------------------------


async def test_deprecated_names_are_replaced_in_all_cells() -> None:
    changed = await improved(
        "modernise", "import numpy as np", "np.product([np.float_(1)])", "%%time\nnp.in1d([1], [1])", cell=2
    )
    assert changed == {"c2": "np.prod([np.float64(1)])", "c3": "%%time\nnp.isin([1], [1])"}


@pytest.mark.parametrize(
    "text", ["np = Fake()\nnp.product([1])", "thing.product([1])", "import numpy as np\nnp.sum(1)"]
)
async def test_other_names_are_left_alone(text: str) -> None:
    assert await improved("modernise", text) == {}


# -- types and docstring -----------------------------------------------------------------------------------------------

FUNCTION = "import pandas as pd\n@timed\ndef total(frame, *, ä=1, by=None, **more):\n    return 1"
SEEN = Seen(
    {
        ("total", 2): SeenFunction(
            {"frame": ("pandas.core.frame.DataFrame",), "ä": ("int",), "by": ("list[str]",)}, ("float", "int")
        )
    },
    (3, 12),
)


async def test_types_that_were_seen_are_spelt_as_the_notebook_can() -> None:
    changed = await improved("types", FUNCTION, seen=SEEN)
    head = "def total(frame: pd.DataFrame, *, ä: int = 1, by: list[str] | None = None, **more) -> float:"
    assert changed["c1"].split("\n")[2] == head


async def test_an_old_python_gets_no_new_syntax() -> None:
    changed = await improved("types", FUNCTION, seen=Seen(SEEN.functions, (3, 8)))
    assert changed["c1"].split("\n")[2] == "def total(frame: pd.DataFrame, *, ä: int = 1, by=None, **more):"


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("def f(a): ...", ("a.b.Hidden",)),
        ("def f(a): ...", ("__main__.Later",)),
        ("def f(a): ...", ("int", "str", "list", "dict")),
        ("def f(a): ...", ()),
        ("def f(a: object): ...", ("int",)),
        ("f = lambda a: a", ("int",)),
    ],
)
async def test_a_type_without_a_name_is_not_written(text: str, types: tuple[str, ...]) -> None:
    seen = Seen({("f", 1): SeenFunction({"a": types})}, (3, 12))
    assert await improved("types", text, seen=seen) == {}


async def test_a_docstring_lists_the_real_parameters_and_nothing_that_was_not_seen() -> None:
    changed = await improved("docstring", FUNCTION, seen=SEEN)
    lines = changed["c1"].split("\n")
    assert lines[3] == '    """Total.'
    assert "        frame (pd.DataFrame):" in lines
    assert "        by (list[str]):" in lines
    assert lines[-1] == "    return 1"
    assert all(line == line.rstrip() for line in lines)
    changed = await improved("docstring", "def unseen(a: int, b):\n    x = a\n    return b")
    assert changed["c1"].split("\n")[1:6] == ['    """Unseen.', "", "    Args:", "        a (int):", "        b:"]


@pytest.mark.parametrize(
    "text", ['def f():\n    "Do."', "def f(): pass", "class A:\n    def __init__(self):\n        self.a = 1"]
)
async def test_no_docstring_where_there_is_one_or_no_room(text: str) -> None:
    assert await improved("docstring", text) == {}


# -- all ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda each: each.name)
@pytest.mark.parametrize("text", ["", "def f(:", "%%bash\nls {", "\ud800 = 1", "x = " + "(" * 300 + ")" * 300, "\x00"])
async def test_odd_cells_are_left_alone(recipe: Recipe, text: str) -> None:
    assert await improved(recipe.name, text) == {}
