"""Imports and plain values that no cell reads."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe
from ai_notebook_ls.providers.builtin.recipes.splice import Splice, has_lines_alone, spliced, without_lines

BY_NAME = frozenset({"globals", "locals", "vars", "eval", "exec", "dir", "get_ipython", "__import__"})
"""Who uses these may read any name."""

EFFECTS = frozenset({"antigravity", "this", "readline", "rlcompleter", "faulthandler", "site"})
"""Modules of the standard library that are imported for what the import does."""

QUIET = frozenset({
    "numpy", "pandas", "scipy", "matplotlib", "sklearn", "requests", "tqdm", "PIL", "bs4", "statsmodels", "sympy",
    "networkx", "yaml", "polars", "pyarrow", "torch", "tensorflow", "keras", "xgboost", "lightgbm", "plotly",
})  # fmt: skip
"""Libraries whose import changes nothing for others, save for the exceptions below."""

WORD = re.compile(r"[^\W\d]\w*")


def _fits(notebook: Notebook, cell: Cell) -> bool:
    return _without(cell, _read(notebook)) != cell.source


async def _change(request: ImproveRequest) -> Mapping[str, str]:
    read = _read(request.notebook)
    changed = ((cell, _without(cell, read)) for cell in request.notebook.code)
    return {cell.id: source for cell, source in changed if source != cell.source}


def _read(notebook: Notebook) -> frozenset[str] | None:
    """All names that some cell may read, also in a text or a magic; None where that cannot be known."""
    found = [_words(cell.source) for cell in notebook.code]
    read = frozenset().union(*(each for each in found if each is not None))
    return None if None in found or read & BY_NAME else read


@lru_cache(maxsize=8192)
def _words(source: str) -> frozenset[str] | None:
    tree = magics.parse(source)
    if tree is None:
        return None
    read = {word for line in magics.escaped_lines(source) for word in WORD.findall(line)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            read.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            read.update(WORD.findall(node.value))  # `df.query("x > @limit")`
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            read.update(node.names)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            read.add(node.target.id)
    return frozenset(read)


def _without(cell: Cell, read: frozenset[str] | None) -> str:
    tree = magics.parse(cell.source)
    if tree is None or read is None or flow(cell.source).stars:
        return cell.source
    rows, splices = [], []
    for node in tree.body:
        if not has_lines_alone(cell.source, node) or "noqa" in _text(cell, node):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            kept = [alias for alias in node.names if not _is_idle(node, alias, read)]
            if kept and len(kept) < len(node.names) and "#" not in _text(cell, node):
                splices.append(Splice.of(node, _import(node, kept)))
            if kept:
                continue
        elif not all(name not in read for name in _assigned(node)) or not list(_assigned(node)):
            continue
        rows.append(range(node.lineno - 1, node.end_lineno or node.lineno))
    return without_lines(spliced(cell.source, splices), rows) if not splices or not rows else _both(cell, splices, rows)


def _both(cell: Cell, splices: list[Splice], rows: list[range]) -> str:
    """Lines first marked, then gone: a splice may join lines, and so move the ones below."""
    gone = [Splice((each.start + 1, 0), (each.stop, len(cell.lines[each.stop - 1].encode())), GONE) for each in rows]
    text = spliced(cell.source, [*splices, *gone])
    lines = text.split("\n")
    return without_lines(text, [range(row, row + 1) for row, line in enumerate(lines) if line == GONE])


GONE = "\x00"


def _is_idle(node: ast.Import | ast.ImportFrom, alias: ast.alias, read: frozenset[str]) -> bool:
    """Whether nothing is lost with an import: nobody reads its name, and it is not there for what it does."""
    name = alias.asname or alias.name.partition(".")[0]
    module = alias.name if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
    top = module.partition(".")[0]
    if name in read or alias.name == "*" or top in EFFECTS or top == "__future__":
        return False
    if top in sys.stdlib_module_names:
        return True
    # `enable_…` turns something on; `import a.b` makes `b` a member of `a`, whoever has that by another name.
    by_itself = "." in module and isinstance(node, ast.Import)
    return top in QUIET and not by_itself and not name.startswith("enable_") and "experimental" not in module


def _import(node: ast.Import | ast.ImportFrom, kept: list[ast.alias]) -> str:
    return ast.unparse(
        ast.Import(kept) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, kept, node.level)
    )


def _assigned(node: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a value, if it does nothing else."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    value = getattr(node, "value", None)
    if targets and value is not None and _is_plain(value) and all(isinstance(each, ast.Name) for each in targets):
        yield from (each.id for each in targets if isinstance(each, ast.Name))


def _is_plain(value: ast.expr) -> bool:
    """Literals: to make them has no effect, and cannot fail."""
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return all(map(_is_plain, value.elts))
    if isinstance(value, ast.Dict):
        return all(each is not None and _is_plain(each) for each in (*value.keys, *value.values))
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, (ast.USub, ast.UAdd)) and _is_plain(value.operand)
    return isinstance(value, ast.Constant)


def _text(cell: Cell, node: ast.stmt) -> str:
    return "\n".join(cell.lines[node.lineno - 1 : node.end_lineno])


UNUSED = Recipe("unused", "Remove the imports and values that no cell reads", _fits, _change)
