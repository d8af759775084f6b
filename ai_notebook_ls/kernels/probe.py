"""The in-kernel helper: what the kernel knows about its last failure, as JSON.

The source of this module is executed in the notebook's kernel, in a namespace of its own: standard library only (and
`executing` where it is), Python 3.8 or later, nothing of this package. It only looks: no data library is imported for
it, no user-defined `__getattr__`, `__dir__`, `__repr__` or property is called where that can be avoided, every list is
bounded. Where an object is evil all the same, that fact is left out; where it takes its time, the asking side gives up
(kernels/evidence.py).
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import difflib
import inspect
import io
import itertools
import json
import linecache
import pkgutil
import re
import sys
import traceback
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Facts = dict[str, Any]  # evaluated, it would need Python 3.9

NAME = "_ai_notebook_ls_probe"
"""Under this name the helper stays in the kernel's sys.modules."""
MIME = "application/x-ai-notebook-ls+json"
MOST = 400
"""Names of one container, and of the namespace, that are reported."""
LONGEST = 200
"""Characters of a name or expression."""
MISSING = object()
STATIC = (types.MemberDescriptorType, types.GetSetDescriptorType)
"""Descriptors written in C: asking them runs nobody's Python."""
LABELLED = ("loc", "at", "iloc", "iat")
"""pandas' ways to the rows."""


class Report:
    """A result that no formatter of the user's (`rich.pretty.install()`, say) gets hold of."""

    def __init__(self, facts: Facts) -> None:
        self.text = json.dumps(facts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {MIME: self.text, "text/plain": ""}


def report() -> Report:
    """Tell what is known about the exception that the last failing cell ended with."""
    facts: Facts = {}
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    if not isinstance(error, BaseException):
        return Report(facts)
    try:
        scene = Scene(error)
        for name, look in LOOKS.items():
            with contextlib.suppress(Exception, SystemExit, GeneratorExit):
                facts[name] = look(scene)
    except KeyboardInterrupt:  # the asking side's patience is over
        pass
    return Report(facts)


class Scene:
    """An exception and the place in a cell where it came up."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.shell: Any = sys.modules["IPython"].get_ipython()
        self.user: dict[str, Any] = self.shell.user_ns
        self.inner: list[types.FrameType] = []
        """Frames below the innermost one of a cell, outermost first."""
        self.frame: types.FrameType | None = None
        self.node: ast.AST | None = None
        """The failing expression (of an augmented assignment the statement), if it can be told."""
        self.statement: ast.AST | None = None
        self.source = ""
        trace, place = error.__traceback__, None
        while trace is not None:
            self.inner.append(trace.tb_frame)
            if trace.tb_frame.f_globals is self.user:
                place, self.inner = trace, []
            trace = trace.tb_next
        if place is not None:
            self.frame = place.tb_frame
            with contextlib.suppress(Exception):
                self._locate(place)

    def _locate(self, place: types.TracebackType) -> None:
        """Find the expression by its bytecode, and the statement around it; the line alone may hold several."""
        code = place.tb_frame.f_code
        self.source = "".join(linecache.getlines(code.co_filename))
        tree = ast.parse(self.source)
        if sys.version_info >= (3, 11):
            found = next(itertools.islice(code.co_positions(), place.tb_lasti // 2, None))
            for node in ast.walk(tree):  # breadth first: an expression comes after the statement that is nothing else
                if isinstance(node, (ast.expr, ast.stmt)) and extent(node) == found:
                    self.node = node
        else:
            with contextlib.suppress(Exception):
                import executing

                self.node = executing.Source.executing(place).node
        line, column = place.tb_lineno, 0
        if self.node is not None:
            line, _, column, _ = extent(self.node)
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
                before = node.lineno < line or node.col_offset <= column or self.node is None
                self.statement = node if before else self.statement  # the innermost comes last

    @property
    def root(self) -> ast.AST | None:
        """The smallest part of the cell that is known to hold the failure."""
        return self.node or self.statement

    def text(self, node: ast.AST) -> str:
        """The expression as written."""
        return (ast.get_source_segment(self.source, node) or "")[:LONGEST]

    def nodes(self) -> Iterator[ast.AST]:
        """The failing expression and all in it, then the rest of its statement."""
        for root in (self.root, self.statement):
            if root is not None:
                yield from ast.walk(root)

    def value(self, node: ast.AST) -> Any:
        """The value of a plain expression, or MISSING; runs no user-defined code."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name) and self.frame is not None:
            for space in (self.frame.f_locals, self.frame.f_globals, builtins.__dict__):
                if node.id in space:
                    return space[node.id]
        if isinstance(node, ast.Attribute):
            return attribute(self.value(node.value), node.attr)
        if isinstance(node, ast.Subscript):
            return item(self.value(node.value), self.value(key_node(node)))
        return MISSING


def extent(node: Any) -> tuple[int, int, int, int]:
    """Where a node is, as code.co_positions() has it."""
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def key_node(node: ast.Subscript) -> ast.AST:
    """What is between the brackets; Python 3.8 wraps it."""
    key: Any = node.slice
    return key.value if type(key).__name__ == "Index" else key  # type: ignore[no-any-return]


def attribute(owner: Any, name: str) -> Any:
    """Look an attribute up without running user-defined code; MISSING if that is not possible."""
    if owner is MISSING:
        return MISSING
    with contextlib.suppress(Exception):
        if is_pandas(owner):
            return getattr(owner, name)
        found = inspect.getattr_static(owner, name)
        if isinstance(found, STATIC):
            return getattr(owner, name)
        if not hasattr(type(found), "__get__") or type(found) is types.FunctionType:
            return found
    return MISSING


def item(owner: Any, key: Any) -> Any:
    """Look an item up without running user-defined code; MISSING if that is not possible."""
    if (type(owner) in (dict, list, tuple) or is_pandas(owner)) and type(key) in (str, int, float, bool):
        with contextlib.suppress(Exception):
            return owner[key]
    return MISSING


def is_pandas(value: Any, *kinds: str) -> bool:
    """Whether this is a DataFrame or Series (or one of the kinds named), subclasses included."""
    pandas = vars(sys.modules.get("pandas", object))
    return any(
        isinstance(pandas.get(kind), type) and issubclass(type(value), pandas[kind])
        for kind in kinds or ("DataFrame", "Series")
    )


def type_name(value: Any) -> str:
    """The qualified name of a value's type; a module's own name."""
    kind = type(value)
    if kind is types.ModuleType:
        return str(vars(value).get("__name__", "module"))[:LONGEST]
    module = type.__getattribute__(kind, "__module__")
    prefix = "" if module == "builtins" or type(module) is not str else module + "."
    return (prefix + str(type.__getattribute__(kind, "__qualname__")))[:LONGEST]


def attribute_names(value: Any) -> list[str]:
    """What `value.` offers, without asking its `__dir__`."""
    names: dict[str, None] = {}
    with contextlib.suppress(Exception):
        names.update(dict.fromkeys(object.__getattribute__(value, "__dict__")))
    kinds = type(value).__mro__
    if issubclass(type(value), type):
        kinds = type.__getattribute__(value, "__mro__") + kinds
    for kind in kinds:
        names.update(dict.fromkeys(type.__getattribute__(kind, "__dict__")))
    if type(value) is types.ModuleType:
        listed = vars(value).get("__all__")
        names.update(dict.fromkeys(listed if isinstance(listed, (list, tuple)) else ()))
    return [name for name in names if type(name) is str]


def label(key: Any) -> str | None:
    """A key as text: a string is itself, other plain constants are as written."""
    if type(key) is str:
        return key
    return repr(key) if type(key) in (int, float, bool, type(None)) else None


def names_of(names: Iterable[Any], missing: str | None, expression: str, kind: str, value: Any) -> Facts:
    """One container's names, the likeliest first where there are too many."""
    labels = [text for text in map(label, itertools.islice(names, 100 * MOST)) if text is not None]
    if kind == "attributes" and not (missing or "").startswith("_"):
        labels = [text for text in labels if not text.startswith("_")]
    if len(labels) > MOST:
        close = difflib.get_close_matches(missing or "", labels, 20, 0.5)
        labels = list(dict.fromkeys([*close, *labels]))[:MOST]
    cut = [text[:LONGEST] for text in labels]
    return {"expression": expression, "kind": kind, "names": cut, "type": type_name(value)}


def missing_name(scene: Scene) -> str | None:
    """The name, attribute, key or module that was not there."""
    error = scene.error
    text = str(error.args[0]) if error.args and type(error.args[0]) is str else ""
    if isinstance(error, ImportError):
        found = re.match(r"cannot import name '([^']+)'", text)
        return found.group(1) if found else getattr(error, "name", None)
    if isinstance(error, (NameError, AttributeError)):
        name = getattr(error, "name", None)
        if type(name) is str:
            return name
        found = re.search(r"attribute '(\w+)'|variable '(\w+)'|name '(\w+)'", text)
        return found.group(found.lastindex or 0) if found else None
    if isinstance(error, KeyError) and error.args:
        # pandas: "['b'] not in index", "None of [Index(['b'], dtype='str')] are in the [columns]"
        found = re.match(
            r"(?:None of \[\w*Index\(|)\[(['\"])(.*?)\1.*(?:not in index|not found in axis|are in the)", text
        )
        return found.group(2) if found else label(error.args[0])
    return None


def offers(scene: Scene) -> list[Facts]:
    """Where the missing thing was looked for, and what there is."""
    error, missing = scene.error, missing_name(scene)
    if isinstance(error, ImportError):
        return import_offers(getattr(error, "name", None) or "", missing or "")
    if isinstance(error, AttributeError):
        return attribute_offers(scene, missing)
    found: list[Facts] = []
    if isinstance(error, KeyError):
        for expression, value, way in containers(scene):
            if not any(offer["expression"] == expression for offer in found):
                found.extend(key_offers(expression, value, way, missing))
    return found


def import_offers(module: str, missing: str) -> list[Facts]:
    """What a module, or the place where modules are looked for, offers."""
    if module in sys.modules and module != missing:
        there = sys.modules[module]
        return [names_of(attribute_names(there), missing, module, "attributes", there)]
    package, _, missing = module.rpartition(".")
    path = vars(sys.modules[package]).get("__path__") if package in sys.modules else None
    if package and path is None:
        return []
    names = dict.fromkeys(found.name for found in pkgutil.iter_modules(path))
    if not package:
        names.update(dict.fromkeys(getattr(sys, "stdlib_module_names", sys.builtin_module_names)))
    return [{**names_of(names, missing, package, "attributes", None), "type": package}]


def attribute_offers(scene: Scene, missing: str | None) -> list[Facts]:
    """The attributes of the object that lacks one, and its columns."""
    owner, expression = getattr(scene.error, "obj", MISSING), ""
    for node in scene.nodes():
        if isinstance(node, ast.Attribute) and node.attr == missing:
            expression = scene.text(node.value)
            owner = scene.value(node.value) if owner is MISSING else owner
            break
    if owner is MISSING:
        return []
    found = [names_of(attribute_names(owner), missing, expression, "attributes", owner)]
    frame: Any = owner
    if is_pandas(frame, "DataFrame"):
        found.append(names_of(frame.columns, missing, expression, "columns", owner))
    return found


def containers(scene: Scene) -> Iterator[tuple[str, Any, str]]:
    """What may have been subscripted when a KeyError came up: (expression, value, the attribute on the way)."""
    told = False
    for node in scene.nodes():
        owner: Any = getattr(node, "value" if isinstance(node, ast.Subscript) else "func", None)
        way = ""
        if isinstance(owner, ast.Attribute) and (isinstance(node, ast.Call) or owner.attr in LABELLED):
            owner, way = owner.value, owner.attr
        if owner is not None and (value := scene.value(owner)) is not MISSING:
            told = told or is_pandas(value) or isinstance(value, dict)
            yield scene.text(owner), value, way
    # What read_csv(...)["x"] subscripts has no name; pandas' own frames hold it.
    held = [frame.f_locals["self"] for frame in scene.inner if is_pandas(frame.f_locals.get("self"))]
    if held and not told:
        yield scene.text(scene.node.value) if isinstance(scene.node, ast.Subscript) else "", held[0], ""


def key_offers(expression: str, value: Any, way: str, missing: str | None) -> Iterator[Facts]:
    """The keys, columns or labels that a container offers."""
    grouped: Any = vars(value).get("obj") if type_name(value).startswith("pandas.core.groupby.") else None
    if issubclass(type(value), dict):
        yield names_of(dict.keys(value), missing, expression, "keys", value)
    elif is_pandas(value, "DataFrame"):
        yield names_of(value.columns, missing, expression, "columns", value)
        if way in (*LABELLED, "drop", "xs"):
            yield names_of(value.index, missing, expression, "index", value)
    elif is_pandas(value, "Series"):
        yield names_of(value.index, missing, expression, "index", value)
    elif is_pandas(grouped, "DataFrame"):
        yield names_of(grouped.columns, missing, expression, "columns", value)


def operands(scene: Scene) -> list[tuple[str, str]]:
    """The plain values that the failing expression works on, left to right, and their types."""
    found: dict[str, str] = {}
    root = scene.root
    parts: list[Any] = [root.value, key_node(root)] if isinstance(root, ast.Subscript) else [root]
    if isinstance(root, ast.Attribute):
        parts = [root.value]
    for node in itertools.islice(itertools.chain.from_iterable(map(leaves, parts)), MOST):
        value = scene.value(node)
        if value is not MISSING:
            found.setdefault(scene.text(node), type_name(value))
    return list(found.items())


def leaves(node: ast.AST | None) -> Iterator[ast.AST]:
    """The plain operands and arguments of an expression or a statement."""
    if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Constant)):
        yield node
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            yield from leaves(node.func.value)
        for argument in [*node.args, *(word.value for word in node.keywords)]:
            yield from leaves(argument)
    elif node is not None and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from leaves(child)


def position(scene: Scene) -> tuple[int, int, int, int] | None:
    """The failing expression: 0-based first line, column, last line, end column, in code points."""
    error = scene.error
    if isinstance(error, SyntaxError) and error.filename in cell_files(scene):
        return syntax_position(scene, error)
    node: Any = scene.node
    if node is None or scene.frame is None:
        return None
    lines = scene.source.splitlines()
    raw = raw_lines(scene, scene.frame.f_code.co_filename)
    first, last = node.lineno - 1, node.end_lineno - 1
    if raw is not None and raw[first : last + 1] != lines[first : last + 1]:
        return None  # IPython rewrote a magic here, so the columns are not those of the cell
    return first, column(lines[first], node.col_offset), last, column(lines[last], node.end_col_offset)


def syntax_position(scene: Scene, error: SyntaxError) -> tuple[int, int, int, int] | None:
    """Where the parser stopped."""
    if not error.lineno or error.offset is None:
        return None
    first, start = error.lineno - 1, max(error.offset - 1, 0)
    last = (getattr(error, "end_lineno", None) or error.lineno) - 1
    end = (getattr(error, "end_offset", None) or error.offset) - 1
    return first, start, last, max(end, start) if last == first else max(end, 0)


def column(line: str, offset: int) -> int:
    """A column in code points, from ast's in UTF-8 bytes."""
    return len(line.encode()[:offset].decode("utf-8", "ignore"))


def cell_files(scene: Scene) -> dict[str, int]:
    """The file names that IPython gave to cells, and their execution counts."""
    found = getattr(scene.shell.compile, "_filename_map", {})
    return found if type(found) is dict else {}


def raw_lines(scene: Scene, filename: str) -> list[str] | None:
    """A cell as it was sent, before IPython's transformations; None if IPython does not tell."""
    with contextlib.suppress(Exception):
        return str(scene.shell.history_manager.input_hist_raw[cell_files(scene)[filename]]).splitlines()
    return None


def namespace(scene: Scene) -> dict[str, str]:
    """The user's names, the latest where there are too many, and their types."""
    hidden = scene.shell.user_ns_hidden
    names = [
        name
        for name, value in list(scene.user.items())
        if type(name) is str and not name.startswith("_") and hidden.get(name, MISSING) is not value
    ]
    kinds = {name: type_name(scene.user[name]) for name in names[-MOST:]}
    modules = (name for name in kinds if type(scene.user[name]) is types.ModuleType)
    return {**kinds, **dict.fromkeys(modules, "module")}


def versions(scene: Scene) -> dict[str, str]:
    """The versions of the imported top-level packages."""
    standard = getattr(sys, "stdlib_module_names", sys.builtin_module_names)
    found: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        if "." not in name and name not in standard and type(module) is types.ModuleType:
            version = vars(module).get("__version__")
            if type(version) is str and len(found) < MOST:
                found[name] = version[:LONGEST]
    return found


def suggestion(scene: Scene) -> str | None:
    """CPython's own "Did you mean"; it asks `__dir__`, so only where that is nobody's own."""
    error = scene.error
    if type(error) not in (NameError, UnboundLocalError, AttributeError, ImportError):
        return None
    owner = getattr(error, "obj", None)
    if type(owner) is types.ModuleType:
        if "__dir__" in vars(owner):
            return None
    elif type.__getattribute__(type(owner), "__dir__") not in (object.__dir__, type.__dir__):
        return None
    if sys.version_info >= (3, 12):
        text = "".join(traceback.TracebackException.from_exception(error, limit=1).format_exception_only())
    else:  # only the interpreter's own hook computes it
        with contextlib.redirect_stderr(io.StringIO()) as said:
            sys.__excepthook__(type(error), error, error.__traceback__)
        text = said.getvalue()
    found = re.search(r"Did you (?:mean|forget)[^?\n]*\?", text)
    return found.group()[:LONGEST] if found else None


LOOKS: dict[str, Callable[[Scene], Any]] = {
    "ename": lambda scene: type(scene.error).__name__,
    "bases": lambda scene: [kind.__name__ for kind in type(scene.error).__mro__[:-1]],
    "missing": missing_name,
    "node": position,
    "namespace": namespace,
    "versions": versions,
    "operands": operands,
    "offers": offers,
    "suggestion": suggestion,
}
"""What is looked at, the safest first: an evil object costs what comes after it, at most."""

if __name__ == NAME:
    sys.modules[NAME] = types.ModuleType(NAME)
    sys.modules[NAME].report = report  # type: ignore[attr-defined]
