"""The calls in a cell, by the names they are called by."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ai_notebook_ls.core import magics


def called_names(source: str) -> tuple[str, ...]:
    """Return the dotted names that a cell calls, `pd.read_csv` say, in about their order; none of unreadable text."""
    tree = magics.parse(source)
    names = (dotted(call.func) for call in calls(tree)) if tree is not None else ()
    return tuple(dict.fromkeys(name for name in names if name is not None))


def calls(tree: ast.AST, inside_functions: bool = True) -> Iterator[ast.Call]:
    """Yield the calls in a tree, in about their order."""
    work: list[ast.AST] = [tree]
    while work:
        node = work.pop()
        if isinstance(node, ast.Call):
            yield node
        if inside_functions or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            work += reversed(list(ast.iter_child_nodes(node)))


def tail(node: ast.AST) -> str:
    """Return what `dotted` does, or `.b.c` for the end of any other expression: `f(x)[0].b.c`."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "", *reversed(names)])


def dotted(node: ast.AST) -> str | None:
    """Return `a.b.c` for an expression of names and dots, None for any other."""
    name = tail(node)
    return name if name and not name.startswith(".") else None
