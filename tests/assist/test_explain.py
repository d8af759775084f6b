"""Explanations with what the sidecar kernel holds: real kernels, real failures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.app import build
from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.explain import explain
from ai_notebook_ls.assist.hover import hover
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.settings import IsolationSettings, Settings
from tests.assist.surfaces import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVIL = """
class Meta(type):
    def __getattribute__(cls, name):
        ran.append(name)
        return type.__getattribute__(cls, name)
class Evil(metaclass=Meta):
    def __getattr__(self, name):
        ran.append(name)
    __repr__ = __dir__ = __len__ = lambda self: ran.append("special")
    def go(self):
        "Go there."
ran, evil = [], Evil()
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def assistant() -> AsyncIterator[Assistant]:
    made = build(Settings(isolation=IsolationSettings(level="limited")))
    yield made
    await made.kernels.close()


def notebook(folder: Path, *sources: str) -> Notebook:
    cells = tuple(Cell(f"c{i}", source) for i, source in enumerate(sources, 1))
    path = folder / "n.ipynb"
    return Notebook(path.as_uri(), cells, path=str(path))


async def explained(assistant: Assistant, book: Notebook, number: int, said: Failure | None = None) -> str:
    cell = book.cell(f"c{number}")
    await run(assistant, book, cell, "needed", Person())
    return (await explain(assistant, book, cell, said, Person())).markdown


async def test_a_missing_column_is_told_with_those_there_are_and_where_the_table_comes_from(
    assistant: Assistant, tmp_path: Path
) -> None:
    (tmp_path / "sales.csv").write_text("region,price\nN,1\nS,2\n")
    book = notebook(
        tmp_path, "import pandas as pd\ndf = pd.read_csv('sales.csv')", "rest = df.dropna()", "rest['Price']"
    )
    text = await explained(assistant, book, 3)
    assert "`rest` has no column `Price`. It has `price`; also `region`." in text
    assert "`rest` was made in cell 2: `df.dropna()`. `df` was made in cell 1 from `sales.csv`." in text
    assert "`rest`: `DataFrame`, 2 x 2, with the columns `region` and `price`" in text


async def test_shapes_and_documentation_come_from_the_kernel(assistant: Assistant, tmp_path: Path) -> None:
    book = notebook(
        tmp_path,
        "import numpy as np\na = np.zeros((4, 3))",
        "def f(x, /, y=1, *, z, **more):\n    'Add them.'\n    return x\nb = f(a[1:], z=0)\nc = np.concatenate([a, b])",
    )
    text = await explained(assistant, book, 2)
    assert "`a`: `ndarray`, 4 x 3, `float64`\n  - `b`: `ndarray`, 3 x 3, `float64`\n  - `c`: `ndarray`, 7 x 3" in text
    assert "- `f(x, z, …)`: Add them." in text
    assert "`: Join a sequence of arrays along an existing axis." in text


CAUSES = [
    (["def load(path):\n    print(path)", "data = load('x')\ndata.split()"],
     "`data` is `None`, and `None` has no `split`. `load` (cell 1) has no `return`, so it gives `None`."),
    (["xs = [2, 1]", "ys = xs.sort()", "for y in ys: pass"], "`sort` changes `xs` in place and returns `None`."),
    (["def twice(x):\n    print(x)", "twice(1) + twice(2)"], "One side of `+` is `None`. `twice` (cell 1) has no `return`"),
    (["import re", "re.match('a', 'b').group()"], "`re.match` gives `None` where it finds nothing."),
    (["def strip(text):\n    return text.strip()", "strip(None)"], "`text` is what `strip` was called with."),
    (["def draw(width, *, colour=1): pass", "draw(1, color=2)"], "`draw` has no parameter `color`. It has `colour` and `width`."),
    (["def check(n):\n    if n > 3:\n        raise ValueError('no')", "check(4)"], "raises the error itself, when `n > 3`."),
    (["import numpy as np\na = np.zeros((4, 3))", "a @ np.zeros(4)"], "`a` has the shape `4 x 3`"),
    (["import pandas as pd\ndf = pd.DataFrame({'a': [1]}, index=['x'])", "df.loc['y', 'a']"],
     "`df` has no row label `y`. It has `x`."),
    (["import pandas as pd\ndf = pd.DataFrame({'a': [1]}, index=['x'])", "df.loc['x', 'b']"],
     "`df` has no column `b`. It has `a`."),
    (["import pandas as pd, numpy as np\ndf = pd.DataFrame(np.zeros((1, 50_000))).add_prefix('c')", "df['key']"],
     "and 49,992 more."),
    (["import pandas as pd\ndf = pd.DataFrame({'a': ['x']})", "df['a'].dt.year"],
     "`dt` is only for columns of `datetimelike` values"),
    (["d = {'total': 1}", "d['totl']"], "`d` has no key `totl`. It has `total`."),
    (["async def f(): pass", "f() + 1"], "Write `await` before its call."),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "phrase"), CAUSES, ids=[sources[-1] for sources, _ in CAUSES])
async def test_a_failure_is_traced_to_its_cause(
    assistant: Assistant, tmp_path: Path, sources: list[str], phrase: str
) -> None:
    text = await explained(assistant, notebook(tmp_path, *sources), len(sources))
    assert phrase in text, text


async def test_what_the_kernel_saw_is_not_told_of_another_failure(assistant: Assistant, tmp_path: Path) -> None:
    book = notebook(tmp_path, "d = {'total': 1}\nd['totl']")
    text = await explained(assistant, book, 1, Failure("KeyError", "'sum'", (), "c1", 1))
    assert "`'sum'`" in text
    assert "It has" not in text


async def test_a_cell_above_that_failed_is_told(assistant: Assistant, tmp_path: Path) -> None:
    book = notebook(tmp_path, "xs = []\nx = xs[0]", "x")
    cell = book.cell("c2")
    outcome = await run(assistant, book, cell, "needed", Person())
    text = (await explain(assistant, book, cell, outcome.failure, Person())).markdown
    assert text.startswith("**IndexError in cell 1, line 2**")
    assert "`xs` has 0 items" in text


async def test_a_look_runs_nothing_of_the_users(assistant: Assistant, tmp_path: Path) -> None:
    book = notebook(tmp_path, EVIL, "evil.go()\nEvil.go(evil)\nEvil\nran")
    text = await explained(assistant, book, 2)
    outcome = await run(assistant, book, book.cell("c2"), "cell", Person())
    assert outcome.outputs[-1]["data"]["text/plain"] == "['go', 'go']", "once by each run of the cell itself"
    assert "Go there." in text


async def test_a_kernel_that_died_is_told(assistant: Assistant, tmp_path: Path) -> None:
    text = await explained(assistant, notebook(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"), 1)
    assert text.endswith("The last run in the sidecar ended when the kernel died.")


async def test_without_a_kernel_the_text_is_explained(assistant: Assistant, tmp_path: Path) -> None:
    book = notebook(tmp_path, "total = df.dropna()")
    text = (await explain(assistant, book, book.cell("c1"), None, Person())).markdown
    assert "Makes `total` from `df`: drops missing values." in text
    assert "In the sidecar now" not in text


async def test_a_hover_tells_a_failure_once_and_forgets_what_was_said_of_another_end(
    assistant: Assistant, tmp_path: Path
) -> None:
    book = notebook(tmp_path, "from pathlib import Path\nPath('there').read_text()")
    cell = book.cell("c1")
    await explained(assistant, book, 1)
    assert (hover(assistant, book, cell, None) or "").count("FileNotFoundError") == 1
    (tmp_path / "there").write_text("")
    await run(assistant, book, cell, "cell", Person())
    assert "FileNotFoundError" not in (hover(assistant, book, cell, None) or "")
