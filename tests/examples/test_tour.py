"""The examples keep their word: what they say fails, fails so, and nothing else does."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from ai_notebook_ls.core.cells import Cell, script_cells

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def tour() -> Any:
    """The script that makes the notebook."""
    spec = importlib.util.spec_from_file_location("make_tour", EXAMPLES / "make_tour.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def left(notebook: Any) -> dict[str, tuple[int, list[str]]]:
    """Return what running left in each code cell: the execution count, and its texts and errors.

    The rest is made of versions: how pandas spells HTML, matplotlib paints, and IPython words a traceback.
    """
    return {
        cell["id"]: (cell["execution_count"], [says(output) for output in cell["outputs"]]) for cell in code(notebook)
    }


def says(output: Any) -> str:
    if output["output_type"] == "error":
        return str(output["ename"])
    return "".join(output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"])


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def failing(notebook: Any) -> dict[str, str]:
    """Return cell id -> error name."""
    return {
        cell["id"]: output["ename"]
        for cell in code(notebook)
        for output in cell["outputs"]
        if output["output_type"] == "error"
    }


def test_the_committed_notebook_is_what_the_script_tells(tour: Any) -> None:
    text = (EXAMPLES / "tour.ipynb").read_text()
    notebook = json.loads(text)
    assert [(cell["id"], cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]] == tour.STORY
    assert failing(notebook) == tour.FAILING
    assert not [folder for folder in ("/home/", "/root/", "/tmp/", "/usr/") if folder in text]


@pytest.mark.filterwarnings("default")  # nbclient's kernel speaks TCP and says so
def test_run_again_it_leaves_the_same_behind(tour: Any) -> None:
    made = tour.make()
    assert failing(made) == tour.FAILING
    assert left(made) == left(json.loads((EXAMPLES / "tour.ipynb").read_text()))


def test_the_script_fails_in_the_cells_that_say_so() -> None:
    names: dict[str, Any] = {}
    failed = [
        type(error).__name__ for cell in script_cells((EXAMPLES / "tour.py").read_text()) if (error := run(cell, names))
    ]
    assert failed == ["NameError", "TypeError", "NameError", "KeyError"]


def run(cell: Cell, names: dict[str, Any]) -> Exception | None:
    if cell.kind == "code":
        try:
            exec(cell.source, names)
        except Exception as error:
            return error
    return None
