from __future__ import annotations

import pytest

from ai_notebook_ls.core.caution import cautions
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.reach import names_in, reaches_out


def reach(source: str, above: str = "import requests, os, shutil, pandas as pd, subprocess as sp") -> str | None:
    notebook = Notebook("file:///n.ipynb", (Cell("a", above), Cell("b", source)))
    return reaches_out(source, names_in(notebook))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("df.to_csv('out/sales.csv')", "writes sales.csv"),
        ("df.to_csv(path)", "writes files"),
        ("open('a.txt', 'w').write('x')", "writes a.txt"),
        ("plt.savefig('plot.png')", "writes plot.png"),
        ("!pip install x", "starts programs"),
        ("%pip install x", "starts programs"),
        ("%%bash\nrm x", "starts programs"),
        ("sp.run(['ls'])", "starts or stops programs"),
        ("os.system('ls')", "starts or stops programs"),
        ("requests.get(url)", "uses the network"),
        ("os.remove('x')", "deletes or moves files"),
        ("shutil.rmtree(folder)", "deletes or moves files"),
        ("%%writefile a.py\nx = 1", "writes a.py"),
        ("df = pd.read_csv('a.csv')", None),
        ("open('a.txt').read()", None),
        ("%%time\nx = 1", None),
        ("%matplotlib inline", None),
        ("text.replace('a', 'b')", None),
        ("items.remove(3)", None),
        ("x = 1", None),
        ("def broken(:", None),
    ],
)
def test_what_reaches_out_of_the_notebook(source: str, why: str | None) -> None:
    assert reach(source) == why


def test_reasons_are_joined_and_a_contained_kernel_has_only_slowness() -> None:
    cell = Cell("a", "df.to_csv('a.csv')")
    notebook = Notebook("file:///n.ipynb", (cell,))
    (both,) = cautions(notebook, (cell,), {"a": 42_000.0}, 10_000.0, contained=False)
    assert both.why == "took 42 s last time and writes a.csv"
    (slow,) = cautions(notebook, (cell,), {"a": 300_000.0}, 10_000.0, contained=True)
    assert slow.why == "took 5 minutes last time"
    assert cautions(notebook, (cell,), {"a": 9_000.0}, 10_000.0, contained=True) == ()
