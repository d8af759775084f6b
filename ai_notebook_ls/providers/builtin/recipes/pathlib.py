"""Questions of `os.path`, as methods of `Path`: those whose answer is the same value of the same type."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import definer, definition, flow
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe
from ai_notebook_ls.providers.builtin.recipes.imports import with_import
from ai_notebook_ls.providers.builtin.recipes.modernise import modules_of
from ai_notebook_ls.providers.builtin.recipes.splice import Splice, spliced, text_of

Modules = Mapping[str, str]
"""See `modules_of`."""

METHODS = {
    "path.exists": "exists()",
    "path.isfile": "is_file()",
    "path.isdir": "is_dir()",
    "path.islink": "is_symlink()",
    "path.getsize": "stat().st_size",
    "path.getmtime": "stat().st_mtime",
    "remove": "unlink()",
    "unlink": "unlink()",
    "mkdir": "mkdir()",
    "rmdir": "rmdir()",
}
"""What `os` is asked about one path, and how a Path is asked. `basename`, `dirname` and `listdir` answer differently."""

OPENS = frozenset({"open", "read_csv", "read_json", "read_excel", "read_parquet", "read_pickle", "load", "loadtxt"})
"""Functions that take a path of either kind as their first argument."""


def _fits(notebook: Notebook, cell: Cell) -> bool:
    return _path_is_free(notebook) and any(_splices(modules_of(notebook), cell))


async def _change(request: ImproveRequest) -> Mapping[str, str]:
    notebook, modules = request.notebook, modules_of(request.notebook)
    sources: dict[str, str] = {}
    imported = False
    for cell in request.cells if _path_is_free(notebook) else ():
        if splices := tuple(_splices(modules, cell)):
            source = spliced(cell.source, splices)
            there = imported or _path_is_there(notebook, cell)
            sources[cell.id] = source if there else with_import(source, "from pathlib import Path")
            imported = True  # by this cell, for those below
    return sources


def _splices(modules: Modules, cell: Cell) -> Iterator[Splice]:
    tree = magics.parse(cell.source)
    if tree is None:
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        first, asked = node.args[0], _of_os(modules, node.func)
        if asked in METHODS and len(node.args) == 1 and not node.keywords and _is_path(first):
            path = _path(modules, cell, first)
            yield Splice.of(node, f"({path}).{METHODS[asked]}" if " / " in path else f"{path}.{METHODS[asked]}")
        elif _opens(modules, node.func) and _is_join(modules, first):
            yield Splice.of(first, _path(modules, cell, first))


def _path(modules: Modules, cell: Cell, node: ast.expr) -> str:
    """`Path(x) / y` for `os.path.join(x, y)`, `Path(x)` for any other x."""
    if not (isinstance(node, ast.Call) and _is_join(modules, node)):
        return f"Path({text_of(cell.source, node)})"
    first, *rest = node.args
    texts = (text_of(cell.source, each) for each in rest)
    parts = (f"({text})" if _binds_less(each) else text for each, text in zip(rest, texts, strict=True))
    return " / ".join([_path(modules, cell, first), *parts])


def _is_join(modules: Modules, node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and _of_os(modules, node.func) == "path.join"
        and not node.keywords
        and bool(node.args)
        and all(map(_is_path, node.args))
    )


def _binds_less(node: ast.expr) -> bool:
    """Whether `/` would tear it apart."""
    return not isinstance(node, (ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.Subscript, ast.JoinedStr))


def _is_path(node: ast.expr) -> bool:
    """Not `*parts`, and no file's number."""
    return not isinstance(node, (ast.Starred, ast.NamedExpr)) and not (
        isinstance(node, ast.Constant) and not isinstance(node.value, str)
    )


def _of_os(modules: Modules, node: ast.expr) -> str | None:
    """`path.join` for `os.path.join`, or for what the notebook imports as that; `remove` for `os.remove`."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    module = modules.get(node.id) if isinstance(node, ast.Name) else None
    if module == "os.path" and isinstance(node, ast.Name) and node.id == "os":
        module = "os"  # `import os.path` binds `os`
    full = ".".join([module or "", *names])
    return full.removeprefix("os.") if full.startswith("os.") else None


def _opens(modules: Modules, node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "open" and "open" not in modules
    return (
        isinstance(node, ast.Attribute)
        and node.attr in OPENS - {"open"}
        and isinstance(node.value, ast.Name)
        and modules.get(node.value.id) in ("pandas", "numpy")
    )


def _path_is_free(notebook: Notebook) -> bool:
    """Whether `Path` means pathlib's wherever it means anything."""
    return all(
        (made := definition(cell, "Path")) is not None and made.imported == "pathlib.Path"
        for cell in notebook.code
        if "Path" in flow(cell.source).defines
    )


def _path_is_there(notebook: Notebook, cell: Cell) -> bool:
    return definer(notebook, cell.id, "Path") is not None or "Path" in flow(cell.source).defines


PATHLIB = Recipe("pathlib", "Use pathlib for paths", _fits, _change)
