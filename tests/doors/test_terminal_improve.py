"""`ai-notebook-ls improve`, as a person uses it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from ai_notebook_ls.__main__ import RECIPES as IN_HELP
from ai_notebook_ls.providers.builtin.recipes import RECIPES

CELLS = ["import json\nx = 3", "import os\nprint('{} eggs'.format(x), os.sep)", "print('%s' % (x,))"]


def improve(*arguments: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "ai_notebook_ls", "improve", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_markdown_cell("# Eggs"), *map(nbformat.v4.new_code_cell, CELLS)]
    for number, cell in enumerate(made.cells):
        cell["id"] = f"id-{number}"
    path = tmp_path / "eggs.ipynb"
    nbformat.write(made, path)
    return path


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_each_recipe_that_fits_is_shown_and_nothing_is_written(notebook: Path) -> None:
    before = notebook.read_bytes()
    done = improve(notebook)
    assert done.returncode == 0, done.stderr
    for title in ("Sort the imports", "Remove the imports and values", "Use f-strings"):
        assert f"✓ {title}" in done.stdout
    assert "Ran cells 2, 3 and 4 before and after the change: all outputs are equal." in done.stdout
    assert re.search(r"Add --recipe [\w-]+ --write to put", done.stdout)
    assert notebook.read_bytes() == before
    refused = improve(notebook, "--write")
    assert (refused.returncode, notebook.read_bytes()) == (2, before)


def test_write_puts_a_verified_recipe_into_the_whole_notebook(notebook: Path) -> None:
    done = improve(notebook, "--recipe", "f-strings", "--write", "--json")
    assert done.returncode == 0, done.stderr
    [candidate] = json.loads(done.stdout)["candidates"]
    assert candidate["receipt"]["verdict"] == "verified"
    assert [edit["cell"] for edit in candidate["edits"]] == ["id-2", "id-3"]
    assert sources(notebook) == [CELLS[0], "import os\nprint(f'{x} eggs', os.sep)", "print(f'{x}')"]


def test_one_cell_alone(notebook: Path) -> None:
    assert improve(notebook, "--recipe", "f-strings", "--cell", "4", "--write").returncode == 0
    assert sources(notebook) == [*CELLS[:2], "print(f'{x}')"]


def test_what_is_not_verified_is_not_written(notebook: Path) -> None:
    made = nbformat.read(notebook, 4)
    made.cells[2].source += "\n1 / 0"
    nbformat.write(made, notebook)
    before = notebook.read_bytes()
    done = improve(notebook, "--recipe", "f-strings", "--write")
    assert done.returncode == 1
    assert "Cell 3 already fails as it is" in done.stdout
    assert notebook.read_bytes() == before


def test_a_script_too(tmp_path: Path) -> None:
    path = tmp_path / "eggs.py"
    path.write_text("# %%\nimport json\nx = 3\n\n# %%\nimport os\nprint(os.sep, json, x)\n")
    done = improve(path, "--recipe", "imports", "--write")
    assert done.returncode == 0, done.stdout + done.stderr
    assert path.read_text() == "# %%\nimport json\nimport os\n\nx = 3\n\n# %%\nprint(os.sep, json, x)\n"
    assert "nothing to change" in improve(path, "--recipe", "imports").stdout


def test_bad_wishes_name_the_recipes(notebook: Path) -> None:
    for arguments in (("--cell", "2", "--instruction", "make it faster"), ("--recipe", "fstrings")):
        done = improve(notebook, *arguments)
        assert done.returncode == 2
        assert all(recipe.name in done.stderr for recipe in RECIPES)


def test_help_lists_the_recipes() -> None:
    assert ", ".join(recipe.name for recipe in RECIPES) == IN_HELP
