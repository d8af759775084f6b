"""Make examples/tour.ipynb: a small true story with real mistakes, run once as a person would have, errors and all.

python examples/make_tour.py
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HERE = Path(__file__).parent

STORY: list[tuple[str, str, str]] = [
    (
        "welcome",
        "markdown",
        """\
# A week at the bakery

Some cells of this notebook fail, each in its own way. Select one and press the lightbulb beside it, or `Ctrl .`
(`Cmd .`): *Explain* says what is wrong, *Fix* shows a change that **has already run** in a sidecar kernel, *Run in
sidecar* tries the cell beside your own kernel. Nothing here changes until you press *Apply*.""",
    ),
    ("imports", "code", "import matplotlib.pyplot as plt\nimport pandas as pd"),
    (
        "sales",
        "code",
        """\
sales = pd.DataFrame(
    {
        "day": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
        "loaves": [31, 28, 35, 30, 44, 61],
        "price": ["2.50", "2.50", "2.50", "2.80", "2.80", "2.80"],
    }
)
sales""",
    ),
    ("about-column", "markdown", "How many loaves were that? A slip of the finger in a column's name:"),
    ("column", "code", 'total = sales["loavs"].sum()\nprint("Loaves sold:", total)'),
    ("about-removed", "markdown", "Sunday is missing. This is how one added rows before pandas 2.0:"),
    (
        "removed",
        "code",
        """\
sunday = pd.DataFrame([{"day": "Sun", "loaves": 52, "price": "2.80"}])
week = sales.append(sunday, ignore_index=True)
week""",
    ),
    ("about-import", "markdown", "A guess at next week, with a name that nobody imported:"),
    (
        "import",
        "code",
        """\
growth = np.array([1.02, 1.02, 1.02, 1.05, 1.05, 1.10])
(sales["loaves"] * growth).round()""",
    ),
    ("about-sum", "markdown", "Text and numbers do not add up:"),
    ("sum", "code", 'best = int(sales["loaves"].max())\nprint("Most loaves in one day: " + best)'),
    ("about-colon", "markdown", "Something small is missing here:"),
    (
        "colon",
        "code",
        'for day, loaves in zip(sales["day"], sales["loaves"])\n    print(day, "#" * (loaves // 5))',
    ),
    (
        "about-upstream",
        "markdown",
        "The cell that fails is not always the one that is wrong. Which cell made the prices, and of what type are they?",
    ),
    (
        "upstream",
        "code",
        'revenue = (sales["loaves"] * sales["price"]).sum()\nprint("Revenue:", round(revenue, 2))',
    ),
    ("about-order", "markdown", "This cell needs a name that only the next one makes:"),
    ("order", "code", 'flour = sales["loaves"].sum() * flour_per_loaf\nprint(f"Flour needed: {flour:.1f} kg")'),
    ("flour", "code", "flour_per_loaf = 0.55  # kg"),
    ("about-fine", "markdown", "And two cells that work, to try in the sidecar: a plot and a table."),
    (
        "plot",
        "code",
        """\
axes = sales.plot.bar(x="day", y="loaves", legend=False, color="#c98b4a", rot=0)
axes.set_ylabel("loaves")
plt.show()""",
    ),
    ("table", "code", 'sales.sort_values("loaves", ascending=False).head(3)'),
]

FAILING = {
    "column": "KeyError",
    "removed": "AttributeError",
    "import": "NameError",
    "sum": "TypeError",
    "colon": "SyntaxError",
    "upstream": "TypeError",
    "order": "NameError",
}
"""Cell id -> the error it has; tests/examples holds the notebook to it."""


def make() -> Any:
    """Return the notebook, run from top to bottom in a fresh kernel."""
    notebook = new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for name, kind, text in STORY:
        cell = (new_markdown_cell if kind == "markdown" else new_code_cell)(text)
        cell["id"] = name
        notebook.cells.append(cell)
    NotebookClient(notebook, allow_errors=True, kernel_name="python3", resources={"metadata": {"path": HERE}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times, different with every run
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [without_places(line) for line in output.traceback]
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def without_places(text: str) -> str:
    """Return a traceback's text with the folders of installed files left out: they are this machine's."""
    return re.sub(r"[~/][^\s\x1b]*(?=site-packages/)", "", text)


if __name__ == "__main__":
    nbformat.write(make(), HERE / "tour.ipynb")
