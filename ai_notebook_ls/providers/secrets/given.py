"""What a target is called, and which literals an expression hands over to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ai_notebook_ls.providers.secrets.literals import value_of
from ai_notebook_ls.providers.secrets.names import Need, need, words

Given = tuple[ast.expr, ...]
"""Literals that are one value together: the parts of a concatenation."""

WRAPPERS = words(
    "str bytes bytearray SecretStr SecretBytes Secret SecretValue Password Token quote quote_plus b64encode "
    "b64decode standard_b64encode urlsafe_b64encode encode Field field Param default Variable repr TextClause "
    "dict Namespace SimpleNamespace strip fromhex unhexlify dumps bstr reversed list tuple Series array sorted"
)
METHODS = words("encode decode strip lstrip rstrip lower upper hex format")
DEFAULTS = frozenset({"get", "getenv", "setdefault", "pop", "config", "env"})
KEYWORDS = frozenset({"default", "value", "default_factory", "secret_value", "fallback"})


def names_of(target: ast.expr | str) -> list[str]:
    """Return what a target is called, the nearest first: `cfg["db"]["password"]` is a password, `secrets["db"]` a secret."""
    if isinstance(target, str):
        return [target]
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Attribute):
        return [target.attr]
    if isinstance(target, ast.Starred):
        return names_of(target.value)
    if isinstance(target, ast.Subscript):
        keys = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
        texts = [text for key in reversed(keys) if (text := value_of(key))]
        return [*texts, *names_of(target.value)]
    if isinstance(target, ast.Call) and isinstance(target.func, ast.Attribute):
        return names_of(target.func.value)  # password.lower() == "…"
    text = value_of(target)
    return [text] if text else []


def secret_need(target: ast.expr | str) -> Need | None:
    """Return what a value given to a target must look like to be a secret; None if the target says nothing."""
    wanted = (need(name) for name in names_of(target)[:2])
    return next((each for each in wanted if each is not None), None)


def given(value: ast.expr, depth: int = 0) -> Iterator[Given]:
    """Yield the literals that a value is, or may be: `os.getenv("X") or "…"`."""
    if depth > 12:
        return
    if value_of(value) is not None:
        yield (value,)
    elif isinstance(value, ast.BinOp):
        yield from _sum(value, depth)
    elif isinstance(value, ast.Call) and called(value) == "join" and value.args:
        if literals := tuple(each for each in _within(value.args[0]) if value_of(each) is not None):
            yield literals
    else:
        for inner in _within(value):
            yield from given(inner, depth + 1)


def operands(value: ast.BinOp) -> list[ast.expr]:
    """Return what a chain of additions adds, in order."""
    parts: list[ast.expr] = []
    node: ast.expr = value
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def concatenations(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the chains of additions that have two literals or more, and the literals that have several pieces."""
    within: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and node not in within:
            parts = operands(node)
            inner: ast.expr = node
            while isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add):
                within.add(inner)
                inner = inner.left
            if sum(value_of(each) is not None for each in parts) > 1:
                yield node
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.end_lineno != node.lineno:
            yield node


def _sum(value: ast.BinOp, depth: int) -> Iterator[Given]:
    if isinstance(value.op, ast.Add):
        literals = tuple(each for each in operands(value) if value_of(each) is not None)
        if literals:
            yield literals
    elif isinstance(value.op, (ast.Mod, ast.Mult)):
        yield from given(value.left, depth + 1)


def _within(value: ast.expr) -> list[ast.expr]:
    if isinstance(value, ast.BoolOp):
        return value.values
    if isinstance(value, ast.IfExp):
        return [value.body, value.orelse]
    if isinstance(value, (ast.NamedExpr, ast.Await, ast.Starred)):
        return [value.value]
    if isinstance(value, ast.Lambda):
        return [value.body]
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return value.elts
    if isinstance(value, ast.Dict):
        return value.values
    if isinstance(value, ast.Subscript):
        return [value.value] if value_of(value.value) else []
    return _of_call(value) if isinstance(value, ast.Call) else []


def _of_call(call: ast.Call) -> list[ast.expr]:
    name = called(call)
    within: list[ast.expr] = []
    if isinstance(call.func, ast.Attribute) and (value_of(call.func.value) or name in METHODS):
        within.append(call.func.value)
    if name in WRAPPERS:
        within += call.args + [each.value for each in call.keywords if each.arg in KEYWORDS]
    elif name in DEFAULTS:
        within += call.args[1:] + [each.value for each in call.keywords if each.arg in KEYWORDS]
    return within


def called(call: ast.Call) -> str:
    """Return the last part of a called function's name; empty if it has none."""
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
