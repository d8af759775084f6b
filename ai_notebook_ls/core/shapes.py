"""Shapes of code whose purpose may be that a failure does not show, and values that come from nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import lru_cache

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.dataflow import ALWAYS_THERE

MAKERS = re.compile(
    r"[A-Z]\w*|array|asarray|zeros|ones|full|empty|eye|arange|linspace|date_range|rand\w*|normal|uniform|default_rng"
    r"|nan"
)
"""Calls of a library that give a new value."""

FROM_OUTSIDE = frozenset({"open", "input"})
"""Builtins whose value is no invention."""


@lru_cache(maxsize=64)
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Return all nodes of a cell, parents first; none for text that is not Python."""
    tree = magics.parse(source)
    return tuple(ast.walk(tree)) if tree is not None else ()


def count(source: str, shape: Callable[[ast.AST], bool]) -> int:
    """Return how many nodes of a cell have a shape."""
    return sum(map(shape, nodes(source)))


def called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    return str(getattr(call.func, "attr", "") or getattr(call.func, "id", ""))


def is_made_up(value: ast.AST) -> bool:
    """Return whether a value comes from nowhere: literals, or a new object over literals."""
    own: set[str] = set()
    fine: set[int] = set()
    for node in ast.walk(value):
        if isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.comprehension):
            own.update(each.id for each in ast.walk(node.target) if isinstance(each, ast.Name))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            fine.update(
                [id(node.func)] if node.func.id in ALWAYS_THERE - FROM_OUTSIDE or MAKERS.fullmatch(node.func.id) else []
            )
        elif isinstance(node, ast.Call) and MAKERS.fullmatch(called(node)):
            fine.update(id(each) for each in ast.walk(node.func) if isinstance(each, ast.Name))
    names = (node for node in ast.walk(value) if isinstance(node, ast.Name))
    return all(id(name) in fine or name.id in own for name in names)


def _never(test: ast.AST) -> bool:
    """Whether a condition is the same each time: `False`, `1 == 2`, `not True`."""
    return not any(isinstance(node, (ast.Name, ast.Call, ast.Attribute)) for node in ast.walk(test))


def _constant_branch(node: ast.AST) -> bool:
    if isinstance(node, (ast.If, ast.IfExp)):
        return _never(node.test)
    if isinstance(node, ast.While):
        return _never(node.test) and not getattr(node.test, "value", True)
    return isinstance(node, ast.BoolOp) and any(_never(each) for each in node.values[:-1])


def _empty_loop(node: ast.AST) -> bool:
    source = node.iter if isinstance(node, (ast.For, ast.comprehension)) else None
    if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id in ("range", "iter"):
        source = source.args[0] if source.args else None
        return (isinstance(source, ast.Constant) and not source.value) or is_empty(source)
    return is_empty(source) or (isinstance(source, ast.Constant) and not source.value)


def is_empty(node: ast.AST | None) -> bool:
    """Return whether a node is a list, tuple or dict with nothing in it."""
    return (isinstance(node, (ast.List, ast.Tuple)) and not node.elts) or (isinstance(node, ast.Dict) and not node.keys)


def _ignores_errors(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.keyword) and node.arg in ("errors", "on_bad_lines", "invalid") else None
    return isinstance(value, ast.Constant) and value.value in ("ignore", "skip")


def defaults(node: ast.AST) -> bool:
    """`d.get("x")` and `getattr(o, "x", None)`: a silent None where something was missing."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id == "getattr" and len(node.args) == 3
    named = node.args and isinstance(node.args[0], ast.Constant)
    return isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "setdefault", "pop") and bool(named)


def _constant_return(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and (node.value is None or is_made_up(node.value))


def _is_deferred(node: ast.AST) -> bool:
    """A lambda without parameters, or a lambda or generator that is kept and never consumed."""
    if isinstance(node, ast.Lambda):
        return not ast.unparse(node.args)
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) else None
    return isinstance(value, (ast.Lambda, ast.GeneratorExp))


def _swallows(node: ast.AST) -> bool:
    """`except:`, `except Exception:`, or one with nothing to do but go on."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    broad = node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException")
    return broad or all(isinstance(each, (ast.Pass, ast.Continue)) for each in node.body)


def _names_of_place(node: ast.AST) -> bool:
    """`vars()`, `dir()`: what there is, by name."""
    return isinstance(node, ast.Call) and not node.args and getattr(node.func, "id", "") in ("vars", "dir")


SHAPES: tuple[tuple[Callable[[ast.AST], bool], str], ...] = (
    (_swallows, "it swallows the exception instead of mending its cause"),
    (_constant_branch, "it puts code where it never runs"),
    (_empty_loop, "it puts code in a loop that never runs"),
    (_ignores_errors, "it tells the call to ignore the error"),
    (defaults, "it goes on with a default where something is missing"),
    (_constant_return, "it returns early with a made-up value"),
    (_names_of_place, "it asks which names are there instead of mending the cause"),
    (_is_deferred, "it wraps code where it does not run"),
)
"""A shape that the old cell had less often -> what that does."""
