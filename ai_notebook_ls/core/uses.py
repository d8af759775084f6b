"""Every use of a global name in a cell, with its place, and what the cell's top level gives names, in order of evaluation."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import LINE_END
from ai_notebook_ls.core.dataflow import bound_in, parameters

CATCHES_NAME_ERROR = frozenset({"NameError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for, as far as the text says it for certain."""

    kind: Literal["module", "member", "function", "class", "value", "unknown"]
    value: type | None = None
    """For a value: its type."""


UNKNOWN = Meaning("unknown")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of one line of a cell: 0-based, columns in code points."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Use:
    """A place where a global name is read."""

    name: str
    span: Span
    sure: bool
    """Whether it is read whenever the cell runs: not in a function, a branch or a loop."""
    now: bool
    """Whether it is read while the cell runs, if at all: not in a function."""
    how: str = ""
    """`()` where it is called, `.sleep` where that attribute is taken."""
    around: frozenset[str] = frozenset()
    """The names of the functions and classes around it."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A place where the cell gives a global name a value."""

    name: str
    line: int
    meaning: Meaning


Event: TypeAlias = Use | Binding


class _Where(NamedTuple):
    """Where in a cell the walk is."""

    scopes: tuple[tuple[frozenset[str], bool], ...] = ()
    """The names of each scope around, and whether it is a class."""
    sure: bool = True
    now: bool = True

    def inside(self, names: frozenset[str], *, is_class: bool = False, now: bool = True) -> _Where:
        return _Where((*self.scopes, (names, is_class)), self.sure and now, self.now and now)

    def maybe(self) -> _Where:
        return self._replace(sure=False)

    def owns(self, name: str) -> bool:
        """A class's names are seen only from its own statements."""
        last = len(self.scopes) - 1
        return any(name in names and (not is_class or i == last) for i, (names, is_class) in enumerate(self.scopes))


@lru_cache(maxsize=16384)
def events(source: str) -> Sequence[Event]:
    """Return a cell's uses and bindings; none where it is not Python, or nested too deep. Never raises."""
    tree = magics.parse(source)
    if tree is None:
        return ()
    walk = _Walk(source)
    try:
        walk.visit_all(tree.body, _Where())
    except RecursionError:
        return ()
    return tuple(walk.events)


class _Walk:
    def __init__(self, source: str) -> None:
        self.lines = LINE_END.split(source)
        self.events: list[Event] = []

    def visit_all(self, nodes: Sequence[ast.AST], where: _Where) -> None:
        for node in nodes:
            self.visit(node, where)

    def visit(self, node: ast.AST, where: _Where) -> None:
        handler = getattr(self, f"visit_{type(node).__name__}", None)
        if handler is None:
            self.visit_all(list(ast.iter_child_nodes(node)), where)
        else:
            handler(node, where)

    def use(self, node: ast.Name, where: _Where, how: str = "") -> None:
        if not where.owns(node.id):
            around = frozenset().union(*(names for names, _ in where.scopes))
            self.events.append(Use(node.id, self.span(node), where.sure, where.now, how, around))

    def span(self, node: ast.Name) -> Span:
        # ast counts columns in UTF-8 bytes.
        line = self.lines[node.lineno - 1]
        start = len(line.encode("utf-8", "surrogatepass")[: node.col_offset].decode("utf-8", "surrogatepass"))
        return Span(node.lineno - 1, start, start + len(node.id))

    def bind(self, name: str, line: int, meaning: Meaning, where: _Where) -> None:
        if not where.scopes:
            self.events.append(Binding(name, line - 1, meaning if where.sure else UNKNOWN))

    # -- names -------------------------------------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name, where: _Where) -> None:  # noqa: N802
        if isinstance(node.ctx, ast.Load):
            self.use(node, where)
        else:
            self.bind(node.id, node.lineno, UNKNOWN, where)

    def visit_Call(self, node: ast.Call, where: _Where) -> None:  # noqa: N802
        self._part(node.func, where, "()")
        self.visit_all([*node.args, *node.keywords], where)

    def visit_Attribute(self, node: ast.Attribute, where: _Where) -> None:  # noqa: N802
        self._part(node.value, where, f".{node.attr}" if isinstance(node.ctx, ast.Load) else "")

    def _part(self, node: ast.AST, where: _Where, how: str) -> None:
        if isinstance(node, ast.Name):
            self.use(node, where, how)
        else:
            self.visit(node, where)

    # -- bindings ----------------------------------------------------------------------------------------------------

    def visit_Assign(self, node: ast.Assign, where: _Where) -> None:  # noqa: N802
        self.visit(node.value, where)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.bind(target.id, target.lineno, meaning_of(node.value), where)
            else:
                self.visit(target, where)

    def visit_AugAssign(self, node: ast.AugAssign, where: _Where) -> None:  # noqa: N802
        self.visit(node.value, where)
        if isinstance(node.target, ast.Name):
            self.use(node.target, where)
        self.visit(node.target, where)

    def visit_AnnAssign(self, node: ast.AnnAssign, where: _Where) -> None:  # noqa: N802
        # Annotations may be for a type checker only, and with PEP 649 are not evaluated here.
        if node.value is not None:
            self.visit_all([node.value, node.target], where)

    def visit_Import(self, node: ast.Import, where: _Where) -> None:  # noqa: N802
        for alias in node.names:
            self.bind(alias.asname or alias.name.partition(".")[0], node.lineno, Meaning("module"), where)

    def visit_ImportFrom(self, node: ast.ImportFrom, where: _Where) -> None:  # noqa: N802
        for alias in node.names:
            # `from glob import glob` brings no module; of `from os import path` the text does not say it.
            own = alias.asname is None and alias.name == (node.module or "").rpartition(".")[2]
            self.bind(alias.asname or alias.name, node.lineno, Meaning("member") if own else UNKNOWN, where)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, where: _Where) -> None:  # noqa: N802
        self.visit_all([*node.decorator_list, *node.args.defaults], where)
        self.visit_all([each for each in node.args.kw_defaults if each], where)
        self.bind(node.name, node.lineno, UNKNOWN if node.decorator_list else Meaning("function"), where)
        own = bound_in(node.body) | parameters(node.args) | _type_parameters(node)
        self.visit_all(node.body, where.inside(own, now=False))

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda, where: _Where) -> None:  # noqa: N802
        self.visit_all([*node.args.defaults, *(each for each in node.args.kw_defaults if each)], where)
        self.visit(node.body, where.inside(parameters(node.args), now=False))

    def visit_ClassDef(self, node: ast.ClassDef, where: _Where) -> None:  # noqa: N802
        self.visit_all([*node.decorator_list, *node.bases, *node.keywords], where)
        own = bound_in(node.body) | _type_parameters(node)
        self.visit_all(node.body, where.inside(own, is_class=True))
        self.bind(node.name, node.lineno, UNKNOWN if node.decorator_list else Meaning("class"), where)

    def visit_TypeAlias(self, node: ast.AST, where: _Where) -> None:  # noqa: N802
        """`type X = …` is evaluated when it is asked for."""

    # -- what may not run --------------------------------------------------------------------------------------------

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, where: _Where) -> None:  # noqa: N802
        self._comprehension([node.elt], node.generators, where)

    visit_SetComp = visit_GeneratorExp = visit_ListComp  # noqa: N815

    def visit_DictComp(self, node: ast.DictComp, where: _Where) -> None:  # noqa: N802
        self._comprehension([node.key, node.value], node.generators, where)

    def _comprehension(self, made: list[ast.expr], generators: list[ast.comprehension], where: _Where) -> None:
        # The first iterable is evaluated outside, the rest inside (Python reference, 6.2.4), if there is anything.
        self.visit(generators[0].iter, where)
        targets = {each.id for part in generators for each in ast.walk(part.target) if isinstance(each, ast.Name)}
        inner = where.inside(frozenset(targets)).maybe()
        self.visit_all([each.iter for each in generators[1:]], inner)
        self.visit_all([test for each in generators for test in each.ifs], inner)
        self.visit_all(made, inner)

    def visit_If(self, node: ast.If | ast.While | ast.IfExp, where: _Where) -> None:  # noqa: N802
        self.visit(node.test, where)
        for part in (node.body, node.orelse):
            self.visit_all(part if isinstance(part, list) else [part], where.maybe())

    visit_While = visit_IfExp = visit_If  # noqa: N815

    def visit_For(self, node: ast.For | ast.AsyncFor, where: _Where) -> None:  # noqa: N802
        self.visit(node.iter, where)
        self.visit_all([node.target, *node.body, *node.orelse], where.maybe())

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_BoolOp(self, node: ast.BoolOp, where: _Where) -> None:  # noqa: N802
        self.visit(node.values[0], where)
        self.visit_all(node.values[1:], where.maybe())

    def visit_Assert(self, node: ast.Assert, where: _Where) -> None:  # noqa: N802
        self.visit(node.test, where)
        if node.msg is not None:
            self.visit(node.msg, where.maybe())

    def visit_Try(self, node: ast.Try, where: _Where) -> None:  # noqa: N802
        if not any(_catches_name_error(each) for each in node.handlers):
            self.visit_all(node.body, where.maybe())
        else:  # whoever asks whether a name is there knows that it may not be
            self.visit_all(node.body, where.inside(_Everything()).maybe())
        for handler in node.handlers:
            caught = frozenset({handler.name} if handler.name else ())
            self.visit_all(handler.body, where.inside(caught).maybe())
        self.visit_all([*node.orelse, *node.finalbody], where.maybe())

    visit_TryStar = visit_Try  # noqa: N815

    def visit_Match(self, node: ast.Match, where: _Where) -> None:  # noqa: N802
        self.visit(node.subject, where)
        self.visit_all(node.cases, where.maybe())


class _Everything(frozenset[str]):
    """All names there are."""

    def __contains__(self, name: object) -> bool:
        return True


def meaning_of(value: ast.expr) -> Meaning:
    """Return what a name means that is given this value."""
    types: dict[type[ast.expr], type] = {
        ast.List: list, ast.ListComp: list, ast.Tuple: tuple, ast.Dict: dict, ast.DictComp: dict, ast.Set: set,
        ast.SetComp: set, ast.JoinedStr: str,
    }  # fmt: skip
    if isinstance(value, ast.Constant) and value.value is not None:
        return Meaning("value", type(value.value))
    if type(value) in types:
        return Meaning("value", types[type(value)])
    return UNKNOWN


def _catches_name_error(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = (each for each in ast.walk(handler.type) if isinstance(each, ast.Name))
    return any(each.id in CATCHES_NAME_ERROR for each in names)


def _type_parameters(node: ast.AST) -> frozenset[str]:
    return frozenset(each.name for each in getattr(node, "type_params", ()))
