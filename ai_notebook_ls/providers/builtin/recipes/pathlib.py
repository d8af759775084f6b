"""Questions of `os.path`, as methods of `Path`: those whose answer is the same value of the same type."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import definer, definition, flow
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe
from ai_notebook_ls.providers.builtin.recipes.imports import with_import
from ai_notebook_ls.providers.builtin.recipes.modernise import module_of
from ai_notebook_ls.providers.builtin.recipes.splice import Splice, spliced, text_of

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
    return any(_splices(notebook, cell))


async def _change(request: ImproveRequest) -> Mapping[str, str]:
    notebook = request.notebook
    for cell in request.cells:
        if splices := tuple(_splices(notebook, cell)):
            there, source = _path_is_there(notebook, cell), spliced(cell.source, splices)
            source = source if there else with_import(source, "from pathlib import Path")
            notebook = notebook.with_sources({cell.id: source})  # the cells below have the import then
    return {cell.id: notebook.cell(cell.id).source for cell in request.cells if notebook.cell(cell.id) != cell}


def _splices(notebook: Notebook, cell: Cell) -> Iterator[Splice]:
    tree = magics.parse(cell.source)
    if tree is None or not _path_is_free(notebook):
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        first, asked = node.args[0], _of_os(notebook, node.func)
        if asked in METHODS and len(node.args) == 1 and not node.keywords and _is_path(first):
            path = _path(notebook, cell, first)
            yield Splice.of(node, f"({path}).{METHODS[asked]}" if " / " in path else f"{path}.{METHODS[asked]}")
        elif _opens(notebook, node.func) and _is_join(notebook, first):
            yield Splice.of(first, _path(notebook, cell, first))


def _path(notebook: Notebook, cell: Cell, node: ast.expr) -> str:
    """`Path(x) / y` for `os.path.join(x, y)`, `Path(x)` for any other x."""
    if not (isinstance(node, ast.Call) and _is_join(notebook, node)):
        return f"Path({text_of(cell.source, node)})"
    first, *rest = node.args
    texts = (text_of(cell.source, each) for each in rest)
    parts = (f"({text})" if _binds_less(each) else text for each, text in zip(rest, texts, strict=True))
    return " / ".join([_path(notebook, cell, first), *parts])


def _is_join(notebook: Notebook, node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and _of_os(notebook, node.func) == "path.join"
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


def _of_os(notebook: Notebook, node: ast.expr) -> str | None:
    """`path.join` for `os.path.join`, or for what the notebook imports as that; `remove` for `os.remove`."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    module = module_of(notebook, node)
    if module == "os.path" and isinstance(node, ast.Name) and node.id == "os":
        module = "os"  # `import os.path` binds `os`
    full = ".".join([module or "", *names])
    return full.removeprefix("os.") if full.startswith("os.") else None


def _opens(notebook: Notebook, node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "open" and not any("open" in flow(cell.source).defines for cell in notebook.code)
    return (
        isinstance(node, ast.Attribute)
        and node.attr in OPENS - {"open"}
        and module_of(notebook, node.value) in ("pandas", "numpy")
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
