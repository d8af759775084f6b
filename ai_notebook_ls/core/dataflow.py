"""Which names a cell defines, reads and changes, and which cells of the notebook they come from."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook

ALWAYS_THERE = frozenset(dir(builtins)) | {
    "display",
    "get_ipython",
    "In",
    "Out",
    "exit",
    "quit",
    "__name__",
    "__doc__",
    "_",
    "__",
    "___",
}
"""What every IPython namespace holds before the first cell."""

# fmt: off
IN_PLACE = frozenset({
    "append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault", "add",
    "discard", "sort", "reverse", "appendleft", "extendleft", "popleft", "fit", "partial_fit",
    "fit_transform", "load_state_dict", "train", "seed", "write", "writelines", "fill", "put", "shuffle",
})
# fmt: on
"""Methods that change the object they are called on."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A global name that a cell gives a value."""

    name: str
    kind: Literal["variable", "function", "class", "import"]
    line: int
    """0-based."""
    imported: str = ""
    """For an import: the dotted name of what it brings, `pandas` or `os.path.join`."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What a cell does to the notebook's names. Empty for text that is not Python."""

    definitions: tuple[Definition, ...] = ()
    """In order; a name may come more than once."""
    reads: Mapping[str, int] = field(default_factory=dict)
    """Global names that the cell needs from outside, builtins left out -> line of the first read."""
    changes: frozenset[str] = frozenset()
    """Global names whose object it may change: `x[0] = 1`, `x.a = 1`, `x += 1`, `x.append(1)`, `inplace=True`."""
    removes: frozenset[str] = frozenset()
    stars: tuple[str, ...] = ()
    """Modules of `from m import *`: what they bring cannot be known from the text."""
    parsed: bool = True
    called: frozenset[str] = frozenset()
    """Global names that the cell's functions read whenever they are called, the cell's own among them."""
    always_there: frozenset[str] = frozenset()
    """Builtins that it reads: a cell above may have given them another meaning."""
    defines: frozenset[str] = field(init=False)
    """The names of the definitions; kept, since every cell below asks for them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "defines", frozenset(each.name for each in self.definitions))


@dataclass(frozen=True, slots=True)
class Missing:
    """Names that a cell reads and no cell above defines."""

    below: Mapping[str, Cell]
    """Defined only below: name -> the nearest cell."""
    nowhere: frozenset[str]


@lru_cache(maxsize=16384)
def flow(source: str) -> Flow:
    """Analyse a cell's text. Never raises."""
    tree = magics.parse(source)
    if tree is None:
        return Flow(parsed=False)
    walk = _Walk()
    try:
        walk.module(tree)
    except RecursionError:  # sums of a thousand terms nest a thousand deep
        return _flat(tree)
    for name in sorted(magics.expanded_names(source)):
        walk.read(name, 0, ())
    return walk.result()


def definer(notebook: Notebook, cell_id: str, name: str) -> Cell | None:
    """Return the nearest cell above that defines a name. Raises CellUnknown."""
    return next((cell for cell in reversed(notebook.above(cell_id)) if name in flow(cell.source).defines), None)


def definer_below(notebook: Notebook, cell_id: str, name: str) -> Cell | None:
    """Return the nearest cell below that defines a name. Raises CellUnknown."""
    return next((cell for cell in notebook.below(cell_id) if name in flow(cell.source).defines), None)


def definition(cell: Cell, name: str) -> Definition | None:
    """Return a cell's last definition of a name, which is the one that other cells see."""
    return next((each for each in reversed(flow(cell.source).definitions) if each.name == name), None)


def imported(notebook: Notebook) -> frozenset[str]:
    """Return the modules that the cells import: of `from a.b import c`, all of `a`, `a.b` and `a.b.c`."""
    return frozenset().union(*(_imported(cell.source) for cell in notebook.code))


@lru_cache(maxsize=4096)
def _imported(source: str) -> frozenset[str]:
    tree = magics.parse(source)
    names: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    return frozenset(names | {name.partition(".")[0] for name in names})


def missing(notebook: Notebook, cell_id: str) -> Missing:
    """Return what a cell reads that the cells above do not define. Raises CellUnknown.

    After a star import or a cell that is not Python above, `nowhere` is a guess that stays empty.
    """
    above = [flow(cell.source) for cell in notebook.above(cell_id)]
    own = flow(notebook.cell(cell_id).source)
    known = frozenset().union(*(each.defines for each in above))
    absent = [name for name in own.reads if name not in known]
    below = {name: cell for name in absent if (cell := definer_below(notebook, cell_id, name))}
    unsure = own.stars or any(each.stars or not each.parsed for each in above)
    return Missing(below, frozenset() if unsure else frozenset(absent) - below.keys())


def origin_of(notebook: Notebook, cell: Cell, name: str) -> str | None:
    """Say in markdown where a name in a cell comes from; None where the notebook's text does not tell."""
    own = flow(cell.source)
    if name in own.defines and name not in own.reads:
        return _origin(notebook, cell, name, "this cell")
    if (above := definer(notebook, cell.id, name)) is not None:
        return _origin(notebook, above, name, f"cell {notebook.number(above.id)}")
    if name in own.reads and (below := definer_below(notebook, cell.id, name)) is not None:
        return f"`{name}` is defined only in cell {notebook.number(below.id)}, below this one."
    return None


def _origin(notebook: Notebook, cell: Cell, name: str, where: str) -> str | None:
    made = definition(cell, name)
    if made is None:
        return None
    if made.kind == "import":
        what = "" if made.imported == name else f", `{made.imported}`"
        return f"`{name}`{what}, is imported in {where}." if what else f"`{name}` is imported in {where}."
    line = cell.lines[made.line].strip() if made.line < len(cell.lines) else ""
    shown = line if len(line) <= 120 else line[:119] + "…"
    kind = "" if made.kind == "variable" else f"{made.kind} "
    return f"{kind}`{name}` is defined in {where}:\n\n```python\n{shown}\n```"


@dataclass(slots=True)
class _Scope:
    """A function, class or comprehension that is being walked."""

    locals: frozenset[str]
    is_class: bool = False
    runs_later: bool = False


class _Walk:
    """One pass over a cell, in the order of evaluation, with Python's scoping."""

    def __init__(self) -> None:
        self.definitions: list[Definition] = []
        self.reads: dict[str, int] = {}
        self.later: dict[str, int] = {}
        self.changes: set[str] = set()
        self.removes: set[str] = set()
        self.stars: list[str] = []
        self.defined: set[str] = set()

    def module(self, tree: ast.Module) -> None:
        for statement in tree.body:
            self.visit(statement, ())

    def result(self) -> Flow:
        # A function's body runs when it is called: what the cell defines anywhere is there by then.
        for name, line in self.later.items():
            if name not in self.defined:
                self.reads.setdefault(name, line)
        return Flow(
            tuple(self.definitions),
            {name: line for name, line in self.reads.items() if name not in ALWAYS_THERE},
            frozenset(self.changes - ALWAYS_THERE),
            frozenset(self.removes),
            tuple(self.stars),
            called=frozenset(self.later),
            always_there=frozenset(self.reads.keys() & ALWAYS_THERE),
        )

    def read(self, name: str, line: int, scopes: tuple[_Scope, ...]) -> None:
        if not self._is_local(name, scopes):
            if any(scope.runs_later for scope in scopes):
                self.later.setdefault(name, line)
            elif name not in self.defined:
                self.reads.setdefault(name, line)

    def define(
        self,
        name: str,
        line: int,
        scopes: tuple[_Scope, ...],
        kind: Literal["variable", "function", "class", "import"] = "variable",
        imported: str = "",
    ) -> None:
        if not self._is_local(name, scopes):
            self.definitions.append(Definition(name, kind, line, imported))
            if not any(scope.runs_later for scope in scopes):
                self.defined.add(name)

    def change(self, target: ast.AST, scopes: tuple[_Scope, ...]) -> None:
        name = root_name(target)
        if name is not None and not self._is_local(name, scopes):
            self.changes.add(name)

    def _is_local(self, name: str, scopes: tuple[_Scope, ...]) -> bool:
        """Class scopes are seen only from their own statements, not from functions inside them."""
        return any(name in scope.locals and (not scope.is_class or scope is scopes[-1]) for scope in scopes)

    def visit(self, node: ast.AST, scopes: tuple[_Scope, ...]) -> None:
        handler = getattr(self, f"visit_{type(node).__name__}", None)
        if handler is not None:
            handler(node, scopes)
        else:
            for child in ast.iter_child_nodes(node):
                self.visit(child, scopes)

    def visit_all(self, nodes: list[ast.expr] | list[ast.stmt], scopes: tuple[_Scope, ...]) -> None:
        for node in nodes:
            self.visit(node, scopes)

    def visit_Name(self, node: ast.Name, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        if isinstance(node.ctx, ast.Load):
            self.read(node.id, node.lineno - 1, scopes)
        elif isinstance(node.ctx, ast.Store):
            self.define(node.id, node.lineno - 1, scopes)
        elif not self._is_local(node.id, scopes):
            self.read(node.id, node.lineno - 1, scopes)
            self.removes.add(node.id)
            self.defined.discard(node.id)

    def visit_Assign(self, node: ast.Assign, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        self.visit(node.value, scopes)
        self.visit_all(node.targets, scopes)

    def visit_AnnAssign(self, node: ast.AnnAssign, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        self.visit(node.annotation, scopes)
        if node.value is not None:
            self.visit(node.value, scopes)
            self.visit(node.target, scopes)

    def visit_AugAssign(self, node: ast.AugAssign, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        if isinstance(node.target, ast.Name):
            self.read(node.target.id, node.lineno - 1, scopes)
        self.visit(node.value, scopes)
        self.change(node.target, scopes)
        self.visit(node.target, scopes)

    def visit_Attribute(self, node: ast.Attribute, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        self._item(node, scopes)

    def visit_Subscript(self, node: ast.Subscript, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        self._item(node, scopes)

    def _item(self, node: ast.Attribute | ast.Subscript, scopes: tuple[_Scope, ...]) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.change(node.value, scopes)
        for child in ast.iter_child_nodes(node):
            self.visit(child, scopes)

    def visit_Call(self, node: ast.Call, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        if isinstance(node.func, ast.Attribute) and (node.func.attr in IN_PLACE or _says_in_place(node)):
            self.change(node.func.value, scopes)
        for child in ast.iter_child_nodes(node):
            self.visit(child, scopes)

    def visit_For(self, node: ast.For | ast.AsyncFor, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        self.visit(node.iter, scopes)
        self.visit(node.target, scopes)
        self.visit_all(node.body, scopes)
        self.visit_all(node.orelse, scopes)

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        if node.type is not None:
            self.visit(node.type, scopes)
        # The name is unbound again when the handler ends, so it is local to it.
        inner = (*scopes, _Scope(frozenset({node.name}))) if node.name else scopes
        self.visit_all(node.body, inner)

    def visit_MatchAs(self, node: ast.MatchAs, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        if node.pattern is not None:
            self.visit(node.pattern, scopes)
        if node.name:
            self.define(node.name, node.lineno - 1, scopes)

    def visit_MatchStar(self, node: ast.MatchStar, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        if node.name:
            self.define(node.name, node.lineno - 1, scopes)

    def visit_MatchMapping(self, node: ast.MatchMapping, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        for child in ast.iter_child_nodes(node):
            self.visit(child, scopes)
        if node.rest:
            self.define(node.rest, node.lineno - 1, scopes)

    def visit_Import(self, node: ast.Import, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.define(name, node.lineno - 1, scopes, "import", alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(module)
            else:
                self.define(alias.asname or alias.name, node.lineno - 1, scopes, "import", f"{module}.{alias.name}")

    def visit_FunctionDef(  # noqa: N802
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, scopes: tuple[_Scope, ...]
    ) -> None:
        self.visit_all(node.decorator_list, scopes)
        self._arguments(node.args, scopes)
        if node.returns is not None:
            self.visit(node.returns, scopes)
        self.define(node.name, node.lineno - 1, scopes, "function")
        inner = _Scope(bound_in(node.body) | parameters(node.args) | _type_parameters(node), runs_later=True)
        self.visit_all(node.body, (*scopes, inner))

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        self._arguments(node.args, scopes)
        self.visit(node.body, (*scopes, _Scope(parameters(node.args), runs_later=True)))

    def _arguments(self, arguments: ast.arguments, scopes: tuple[_Scope, ...]) -> None:
        """Defaults and annotations are evaluated where the function is defined."""
        self.visit_all([*arguments.defaults, *(each for each in arguments.kw_defaults if each)], scopes)
        for each in _each_argument(arguments):
            if each.annotation is not None:
                self.visit(each.annotation, scopes)

    def visit_ClassDef(self, node: ast.ClassDef, scopes: tuple[_Scope, ...]) -> None:  # noqa: N802
        self.visit_all([*node.decorator_list, *node.bases, *(each.value for each in node.keywords)], scopes)
        inner = (*scopes, _Scope(bound_in(node.body) | _type_parameters(node), is_class=True))
        self.visit_all(node.body, inner)
        self.define(node.name, node.lineno - 1, scopes, "class")

    def visit_ListComp(  # noqa: N802
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scopes: tuple[_Scope, ...]
    ) -> None:
        # The first iterable is evaluated outside, the rest inside (Python reference, 6.2.4).
        self.visit(node.generators[0].iter, scopes)
        targets = (name for each in node.generators for name in _stored(each.target))
        inner = (*scopes, _Scope(frozenset(targets)))
        for i, each in enumerate(node.generators):
            if i:
                self.visit(each.iter, inner)
            self.visit_all(each.ifs, inner)
        self.visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt], inner)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815


def root_name(node: ast.AST) -> str | None:
    """Return `df` for `df.loc[0].x`; None where the root is no name."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _says_in_place(call: ast.Call) -> bool:
    return any(
        each.arg == "inplace" and isinstance(each.value, ast.Constant) and each.value.value for each in call.keywords
    )


def _each_argument(arguments: ast.arguments) -> list[ast.arg]:
    extra = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


def parameters(arguments: ast.arguments) -> frozenset[str]:
    """Return the names of a function's parameters."""
    return frozenset(each.arg for each in _each_argument(arguments))


def _type_parameters(node: ast.AST) -> frozenset[str]:
    return frozenset(each.name for each in getattr(node, "type_params", ()))


def _stored(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))


def bound_in(body: list[ast.stmt]) -> frozenset[str]:
    """Return the names that a function or class body binds itself: no nested scope's, no `global` or `nonlocal` ones.

    A `nonlocal` name belongs to a scope around, which has it in its own locals.
    """
    bound: set[str] = set()
    elsewhere: set[str] = set()
    work: list[ast.AST] = list(body)
    while work:
        node = work.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            bound |= {
                n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr) and isinstance(n.target, ast.Name)
            }
            continue
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            elsewhere |= set(node.names)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar, ast.ExceptHandler)) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            bound.add(node.rest)
        work += ast.iter_child_nodes(node)
    return frozenset(bound - elsewhere)


def _flat(tree: ast.Module) -> Flow:
    """Names without scopes and order, for trees too deep to walk."""
    definitions: list[Definition] = []
    reads: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            definitions.append(Definition(node.id, "variable", node.lineno - 1))
        elif isinstance(node, ast.Name) and node.id not in ALWAYS_THERE:
            reads.setdefault(node.id, node.lineno - 1)
    return Flow(tuple(definitions), reads)
