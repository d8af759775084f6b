"""The fix rules on cells that were not looked at while the rules were written, in a real kernel.

Each case runs its setup and the broken cell in one sidecar kernel, asks it for evidence, and takes the first proposal: it
must hold the expected text, and run. (assist/fix.py does the same in branches; here one kernel keeps the suite fast.)
"""

import asyncio

import pytest

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.guard import escape_reason
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.kernels.sidecar import SidecarKernel
from ai_notebook_ls.providers.builtin import BuiltinProvider

from .conftest import fixes, runs

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASES: list[tuple[str, list[str], str, str]] = [
    ("name typo", ["total_price = 10"], "tax = total_prcie * 0.2\nprint(tax)", "total_price * 0.2"),
    ("builtin typo", [], "pritn('a')", "print('a')"),
    ("attr str", ["s='Abc'"], "s.uper()", "s.upper()"),
    ("attr list", ["xs=[1]"], "xs.apend(2)", "xs.append(2)"),
    ("attr module", ["import math"], "math.sqr(4)", "math.sqrt"),
    ("df attr", ["import pandas as pd\ndf=pd.DataFrame({'a':[1]})"], "df.haed()", "df.head()"),
    ("column", ["import pandas as pd\ndf=pd.DataFrame({'price':[1],'qty':[2]})"], "df['Price'].sum()", "df['price']"),
    (
        "columns list",
        ["import pandas as pd\ndf=pd.DataFrame({'price':[1],'qty':[2]})"],
        "df[['price','qtty']].sum()",
        "'qty'",
    ),
    (
        "groupby col",
        ["import pandas as pd\ndf=pd.DataFrame({'city':['a'],'qty':[2]})"],
        "df.groupby('cty')['qty'].sum()",
        "groupby('city')",
    ),
    ("dict key", ["conf={'learning_rate':0.1}"], "conf['learning_rat']", "learning_rate'"),
    ("nested dict", ["c={'model':{'depth':3}}"], "c['model']['dept']", "'depth'"),
    ("missing np", [], "np.arange(3).sum()", "import numpy as np"),
    ("missing json", [], "json.dumps({})", "import json"),
    ("missing from", [], "d = defaultdict(list)\nd[1].append(2)", "from collections import defaultdict"),
    ("missing Path", [], "Path('.').exists()", "from pathlib import Path"),
    ("colon", [], "for i in range(3)\n    print(i)", "range(3):"),
    ("colon if", ["x=1"], "if x == 1\n    print('y')\nelse:\n    print('n')", "== 1:"),
    ("paren", [], "print(sum([1,2,3])\nprint('done')", "print(sum([1,2,3]))"),
    ("bracket", [], "xs = [1, 2, 3\nprint(xs)", "[1, 2, 3]"),
    ("print stmt", [], "x = 3\nprint 'x is', x", "print('x is', x)"),
    ("indent", [], "def f():\nreturn 1\nf()", "    return 1"),
    ("unexpected indent", [], "x = 1\n  y = 2\nprint(x+y)", "\ny = 2"),
    ("str+int", ["age=3"], "print('age: ' + age)", "str(age)"),
    ("int+str", ["n=3"], "msg = n + ' items'\nmsg", "str(n)"),
    ("np.float", ["import numpy as np"], "np.array([1,2], dtype=np.float)", "float"),
    ("np.product", ["import numpy as np"], "np.product([1,2,3])", "np.prod("),
    ("np.in1d trapz", ["import numpy as np"], "np.Inf", "np.inf"),
    (
        "df.append",
        ["import pandas as pd\ndf=pd.DataFrame({'a':[1]})\nother=pd.DataFrame({'a':[2]})"],
        "df = df.append(other, ignore_index=True)\ndf",
        "pd.concat([df, other]",
    ),
    (
        "iteritems",
        ["import pandas as pd\ndf=pd.DataFrame({'a':[1]})"],
        "for c, v in df.iteritems():\n    print(c)",
        "df.items()",
    ),
    ("ix", ["import pandas as pd\ndf=pd.DataFrame({'a':[1]})"], "df.ix[0]", "loc[0]"),
    ("collections.Mapping", [], "from collections import Mapping\nisinstance({}, Mapping)", "collections.abc"),
    (
        "pd.util.testing",
        ["import pandas as pd"],
        "from pandas.util.testing import assert_frame_equal",
        "pandas.testing",
    ),
    ("unhashable", [], "d = {[1,2]: 'a'}\nd", "(1, 2)"),
    ("xrange", [], "sum(xrange(4))", "range(4)"),
    ("true", [], "flag = true\nflag", "True"),
    ("string quote", [], "name = 'Ann\nprint(name)", "'Ann'"),
    ("smart quotes", [], "print(“hi”)", 'print("hi")'),
    ("func typo", ["def compute_mean(x):\n    return sum(x)/len(x)"], "compute_maen([1,2])", "compute_mean("),
    ("kwarg", ["xs=[3,1]"], "sorted(xs, revers=True)", "reverse=True"),
    (
        "kwarg pandas",
        ["import pandas as pd\ndf=pd.DataFrame({'a':[1]})"],
        "df.sort_values(by='a', asending=False)",
        "ascending=False",
    ),
    ("= in if", ["x=1"], "if x = 1:\n    print('y')", "== 1"),
    ("range float", [], "for i in range(10/2):\n    print(i)", "//"),
    ("dict keys sub", ["d={'a':1}"], "d.keys()[0]", "list(d.keys())[0]"),
    ("call list", ["xs=[1,2]"], "xs(0)", "xs[0]"),
    ("join ints", [], "','.join([1,2,3])", "map(str"),
    ("await", ["async def f():\n    return [1]"], "r = f()\nr[0]", "await"),
    ("missing comma", [], "xs = [1 2, 3]\nxs", "1, 2"),
    ("datetime", ["import datetime"], "datetime.now()", "datetime.datetime.now()"),
    ("else if", ["x=1"], "if x > 2:\n    print(1)\nelse if x > 0:\n    print(2)", "elif"),
    ("unbound", ["count = 0"], "def inc():\n    count += 1\n    return count\ninc()", "global count"),
    ("series attr", ["import pandas as pd\ns=pd.Series([1,2])"], "s.vlaue_counts()", "value_counts"),
    ("sklearn-ish module typo", [], "import numpyy as np", "import numpy as np"),
    ("loc col typo", ["import pandas as pd\ndf=pd.DataFrame({'price':[1]})"], "df.loc[:, 'pric']", "'price'"),
    ("set_index typo", ["import pandas as pd\ndf=pd.DataFrame({'date':[1],'v':[2]})"], "df.set_index('dat')", "'date'"),
    ("fstring bracket", ["x=2"], "print(f'{x')", "{x}"),
    (
        "prefix, twice",
        ["import numpy as np"],
        "m = zeros((2, 2))\nprint(m + eye(2))",
        "np.zeros((2, 2))\nprint(m + np.eye(2))",
    ),
    ("imports, two", [], "def f(n: Optional[int] = None) -> List[int]:\n    return [n]\nf()", "import Optional, List"),
    ("imported module", ["import random"], "deck = [1]\nshuffle(deck)", "random.shuffle(deck)"),
    ("constant typo", ["x = 5"], "if x > 3 and flase:\n    print('a')", "and False:"),
    ("other idiom, misspelt", ["words = ['a']"], "words.lenght()", "len(words)"),
    ("two lists in a set", [], "print({['a', 'b'], ['c']})", "{('a', 'b'), ('c',)}"),
    ("one past the end", ["xs = [5, 6]"], "last = xs[len(xs)]\nlast", "xs[len(xs) - 1]"),
    ("become a builtin", [], "from itertools import izip\nlist(izip([1], [2]))", "izip = zip"),
    ("frequency", ["import pandas as pd"], "pd.date_range('2024-01-01', periods=3, freq='2M')", "freq='2ME'"),
    ("two slips", [], "def g(x)\n    return x * 2\nprint(g(2)", "def g(x):\n    return x * 2\nprint(g(2))"),
]


@pytest.mark.parametrize(("setup", "broken", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_the_first_proposal_is_right_and_runs(
    kernel: SidecarKernel, setup: list[str], broken: str, expected: str
) -> None:
    cells = [*(Cell(f"setup-{number}", text) for number, text in enumerate(setup)), Cell("broken", broken)]
    outcome, found = await fixes(kernel, cells, cells[-1])
    assert found, "something is proposed"
    runs = [candidate for candidate in found if await works(kernel, cells, candidate)]
    assert runs, f"one of {[each.title for each in found]} runs"
    fixed = {edit.cell: edit.source for edit in runs[0].edits}
    assert expected in fixed["broken"]
    assert outcome.failure is not None
    assert escape_reason(broken, fixed["broken"], outcome.failure.line) is None, "the guard knows an honest repair"


async def works(kernel: SidecarKernel, cells: list[Cell], candidate: Candidate) -> bool:
    """Whether the cells run with a candidate's edits, and none of them is an escape."""
    fixed = {edit.cell: edit.source for edit in candidate.edits}
    escapes = [escape_reason(cell.source, fixed[cell.id]) for cell in cells if cell.id in fixed]
    return await runs(kernel, cells, candidate) and not any(escapes)


async def test_a_name_of_a_later_cell_is_a_matter_of_order(kernel: SidecarKernel) -> None:
    cells = [Cell("a", "y = late + 1"), Cell("b", "early = 1"), Cell("c", "late = early * 2")]
    _, found = await fixes(kernel, cells, cells[0])
    assert [(each.confidence, each.edits, each.run_first) for each in found[:1]] == [("action", (), ("b", "c"))]


async def test_a_misspelling_in_a_function_above_is_mended_there(kernel: SidecarKernel) -> None:
    cells = [Cell("a", "def area(radius):\n    return 3.14 * radus**2"), Cell("b", "area(2)")]
    _, found = await fixes(kernel, cells, cells[1])
    assert [edit.cell for edit in found[0].edits] == ["a"]
    assert "3.14 * radius**2" in found[0].edits[0].source


@pytest.mark.parametrize(
    "broken",
    [
        "1 / 0",
        "raise RuntimeError('on purpose')",
        "assert 1 == 2",
        "xyzzy_quux",
        "{}['nothing like it']",
        "int('three')",
    ],
)
async def test_no_wild_guesses(kernel: SidecarKernel, broken: str) -> None:
    cell = Cell("broken", broken)
    _, found = await fixes(kernel, [cell], cell)
    assert [each.title for each in found if each.confidence != "guess"] == []


async def test_a_rule_can_be_stopped(kernel: SidecarKernel) -> None:
    cell = Cell("broken", "import numpy as np\nnp.nothing_like_it")
    outcome, _ = await fixes(kernel, [cell], cell)
    assert outcome.failure is not None
    request = FixRequest(Notebook("file:///rules.py", (cell,)), cell, outcome.failure)
    task = asyncio.ensure_future(anext(aiter(BuiltinProvider().candidates(request)), None))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
