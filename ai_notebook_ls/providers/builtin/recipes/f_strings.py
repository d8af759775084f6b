"""Texts put together by `%` and `.format`, as f-strings."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe
from ai_notebook_ls.providers.builtin.ruff import fixed

FORMATS = "UP030,UP032"
PERCENT = "UP031"
"""ruff calls it unsafe: a bare name on the right may be a tuple of all the values. Where none stands there, it is not."""


def _fits(notebook: Notebook, cell: Cell) -> bool:
    tree = magics.parse(cell.source)
    return any(_formats(node) or _percent(node) for node in ast.walk(tree)) if tree else False


async def _change(request: ImproveRequest) -> Mapping[str, str]:
    clear = [cell for cell in request.cells if _is_clear(cell)]
    others = [cell for cell in request.cells if cell not in clear]
    changed = await fixed(clear, f"{FORMATS},{PERCENT}", "--unsafe-fixes") if clear else {}
    return {**changed, **await fixed(others, FORMATS)} if others else changed


def _is_clear(cell: Cell) -> bool:
    tree = magics.parse(cell.source)
    percents = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and _percent(node)] if tree else []
    return bool(percents) and all(_is_one_or_all(node.right) for node in percents)


def _formats(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "format"
        and isinstance(node.func.value, ast.Constant)
        and isinstance(node.func.value.value, str)
    )


def _percent(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mod)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.left.value, str)
    )


def _is_one_or_all(values: ast.expr) -> bool:
    """Whether it shows that these are all the values, or that this is one value and no tuple."""
    if isinstance(values, ast.Call):
        return isinstance(values.func, ast.Name) and values.func.id in ("len", "str", "repr", "int", "float", "round")
    return isinstance(values, (ast.Tuple, ast.Constant, ast.JoinedStr, ast.Compare, ast.List, ast.ListComp))


F_STRINGS = Recipe("f-strings", "Use f-strings", _fits, _change)
