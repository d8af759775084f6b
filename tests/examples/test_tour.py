"""The example notebook keeps its word: what it says fails, fails so, and nothing else does."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def tour() -> Any:
    """The script that makes the notebook."""
    spec = importlib.util.spec_from_file_location("make_tour", EXAMPLES / "make_tour.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_tour"] = module
    spec.loader.exec_module(module)
    return module


def errors(notebook: Any) -> dict[str, str]:
    """Return cell id -> error name, of the cells that hold an error."""
    return {
        cell["id"]: output["ename"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    }


def test_the_committed_notebook_is_what_the_script_tells(tour: Any) -> None:
    notebook = json.loads((EXAMPLES / "tour.ipynb").read_text())
    assert [(cell["id"], cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]] == tour.STORY
    assert errors(notebook) == tour.FAILING
    assert not [line for line in json.dumps(notebook).split("\\n") if "/home/" in line or "/root/" in line]


@pytest.mark.filterwarnings("default")  # nbclient's kernel speaks TCP and says so
def test_run_again_it_fails_in_the_same_places(tour: Any) -> None:
    assert errors(tour.make()) == tour.FAILING
