"""Deprecated and removed names of Python, numpy and pandas, in the whole notebook."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe
from ai_notebook_ls.providers.builtin.moved import NAMES_MOVED, NUMPY
from ai_notebook_ls.providers.builtin.recipes.splice import Splice, spliced
from ai_notebook_ls.providers.builtin.ruff import fixed

RULES = "NPY,PD,UP004,UP005,UP006,UP007,UP008,UP019,UP021,UP022,UP023,UP024,UP026,UP029,UP035,UP041,UP045"
"""Deprecated and replaced names alone, and no other style. Never F401: another cell may use the import."""

RENAMED = frozenset({*NUMPY, *(name.rpartition(".")[2] for name in NAMES_MOVED)})
"""Names that are worth a closer look."""
TYPING = frozenset({"List", "Dict", "Tuple", "Set", "FrozenSet", "Type", "Optional", "Union", "Text"})


def _fits(notebook: Notebook, cell: Cell) -> bool:
    return any(_deprecated(modules_of(notebook), cell)) or bool(flow(cell.source).parsed and _typing(cell))


async def _change(request: ImproveRequest) -> Mapping[str, str]:
    notebook = request.notebook
    modules = modules_of(notebook)
    ours = {
        cell.id: source
        for cell in notebook.code
        if (source := spliced(cell.source, _deprecated(modules, cell))) != cell.source
    }
    notebook = notebook.with_sources(ours)
    return {**ours, **await fixed(notebook.code, RULES)}


def _deprecated(modules: Mapping[str, str], cell: Cell) -> Iterator[Splice]:
    """Members of modules that are known to have another name in the same module now."""
    tree = magics.parse(cell.source)
    for node in ast.walk(tree) if tree else ():
        if not (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in RENAMED):
            continue
        module = modules.get(node.value.id) if isinstance(node.value, ast.Name) else None
        new = _new_name(module, node.attr)
        if module and new and isinstance(node.value, ast.Name):
            yield Splice.of(node, new.format(module=node.value.id))


def _new_name(module: str | None, name: str) -> str | None:
    if module == "numpy":
        return NUMPY.get(name)
    target = NAMES_MOVED.get(f"{module}.{name}", "")
    place, _, new = target.rpartition(".")
    return f"{{module}}.{new}" if place == module else None


def modules_of(notebook: Notebook) -> Mapping[str, str]:
    """Return what the notebook's names are imported as, the same in every cell; empty for all other names."""
    found: dict[str, set[str]] = {}
    for cell in notebook.code:
        for made in flow(cell.source).definitions:
            found.setdefault(made.name, set()).add(made.imported if made.kind == "import" else "")
    return {name: imported.pop() if len(imported) == 1 else "" for name, imported in found.items()}


def _typing(cell: Cell) -> bool:
    tree = magics.parse(cell.source)
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "typing" and any(each.name in TYPING for each in node.names)
        for node in (ast.walk(tree) if tree else ())
    )


MODERNISE = Recipe("modernise", "Replace deprecated names in the whole notebook", _fits, _change)
