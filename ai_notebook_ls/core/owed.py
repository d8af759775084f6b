"""What a change owes: the names that the failing code was to give a value, and what its last line was to show."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.dataflow import flow

SILENT = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom)
"""A last expression that may well give nothing to show: a call for what it does."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What must be there after a run."""

    names: tuple[str, ...] = ()
    """Names that exist."""
    values: frozenset[str] = frozenset()
    """Those of them that hold something other than None."""
    shows: bool = False
    """Whether the last line shows something."""


def owed(old: str, new: str, line: int | None) -> Owed:
    """Return what a cell owes after a change, whose old text failed at a 0-based line; None if it failed elsewhere."""
    after = magics.parse(new)
    if after is None:
        return Owed()
    before = magics.parse(old)
    known = {ast.dump(each) for each in before.body} if before else set()
    failed = {
        name
        for each in (before.body if before else ())
        if line is not None and each.lineno <= line + 1 <= (each.end_lineno or each.lineno)
        for name in _bound(each)
    }
    names: dict[str, bool] = {}
    for statement in after.body:
        counts = not _may_be_none(statement)
        changed = ast.dump(statement) not in known
        for name in _bound(statement):
            names[name] = counts and (changed or name in failed)
    for name in flow(new).removes:
        names.pop(name, None)
    return Owed(tuple(names), frozenset(name for name, value in names.items() if value), _shows(after, new))


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement surely binds when it runs to its end."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, ast.Import):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in statement.names if alias.name != "*")
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        yield from (name for item in statement.items if item.optional_vars for name in _targets(item.optional_vars))
        yield from (name for each in statement.body for name in _bound(each))
    elif isinstance(statement, ast.Assign):
        yield from (name for target in statement.targets for name in _targets(target))
    elif isinstance(statement, ast.AugAssign) or (isinstance(statement, ast.AnnAssign) and statement.value):
        yield from _targets(statement.target)


def _targets(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Starred):
        yield from _targets(target.value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        yield from (name for each in target.elts for name in _targets(each))


def _may_be_none(statement: ast.stmt) -> bool:
    """Whether the text itself speaks of None."""
    return any(isinstance(node, ast.Constant) and node.value is None for node in ast.walk(statement))


def _shows(tree: ast.Module, source: str) -> bool:
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or isinstance(last.value, SILENT) or _may_be_none(last):
        return False
    return not source.rstrip().endswith(";")
