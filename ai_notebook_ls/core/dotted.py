"""What the names of a notebook stand for: modules, what comes out of them, and texts, by imports and assignments."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ai_notebook_ls.core import magics

IMPORTERS = frozenset({"__import__", "importlib.import_module", "import_module", "importlib.__import__"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Names:
    """What names stand for.

    A dotted path is `os.system` for what is looked up, `requests.Session()` for what a call gives, `()` for what one
    of its items is, too.
    """

    paths: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    """Names -> the text that they hold, as far as it is known: its beginning."""
    bodies: dict[str, ast.AST] = field(default_factory=dict)
    """Names -> the function or class that was defined by it."""

    def copy(self) -> Names:
        """Return one that can be changed."""
        return Names(dict(self.paths), dict(self.texts), dict(self.bodies))

    def learn(self, source: str) -> None:
        """Take over what a cell binds, in order; a name that is bound to anything else is forgotten."""
        for node in _binding(source):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    self._bind(name, alias.name if alias.asname else name)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._bind(alias.asname or alias.name, f"{node.module or ''}.{alias.name}")
            elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                self._bind(node.name)
                self.bodies[node.name] = node
            else:
                for target, value in _bound(node):
                    self._assign(target, value)

    def path(self, node: ast.AST | None) -> str:
        """Return the dotted path of an expression; empty where the text does not tell."""
        if isinstance(node, ast.Name):
            return self.paths.get(node.id, "" if node.id in self.bodies else _builtin(node.id))
        if isinstance(node, ast.Attribute):
            owner = self.path(node.value)
            if node.attr == "__dict__":
                return owner
            return f"{owner}.{node.attr}".removeprefix("builtins.").removeprefix("__builtins__.") if owner else ""
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.Call):
            return self._called(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return self.path(node.left)
        if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
            return self.path(node.value)
        if isinstance(node, ast.IfExp):
            return self.path(node.body) or self.path(node.orelse)
        if isinstance(node, ast.BoolOp):
            return next(filter(None, map(self.path, node.values)), "")
        return ""

    def text(self, node: ast.AST | None) -> str | None:
        """Return the text that an expression gives or holds, or its beginning; None where it does not tell."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self.texts.get(node.id)
        if isinstance(node, ast.JoinedStr):
            first = node.values[0] if node.values else None
            return self.text(first.value if isinstance(first, ast.FormattedValue) else first)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
            left = self.text(node.left)
            both = isinstance(node.op, ast.Add) and left is not None
            return f"{left}{self.text(node.right) or ''}" if both else left
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            return self.text(node.func.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            parts = node.args[0] if node.args else None
            if isinstance(parts, (ast.List, ast.Tuple)):
                return (self.text(node.func.value) or "").join(self.text(each) or "" for each in parts.elts)
        if isinstance(node, ast.Subscript):
            return self.text(node.value)
        if isinstance(node, (ast.List, ast.Tuple)):
            return self.text(node.elts[0]) if node.elts else None
        if isinstance(node, ast.Dict):
            return self.text(node.values[0]) if node.values else None
        return None

    def _item(self, node: ast.Subscript) -> str:
        """`sys.modules["os"]`, `vars(os)["system"]`, `os.__dict__["system"]`, or an item of what is known."""
        owner, key = self.path(node.value), self.text(node.slice)
        if owner == "sys.modules" and key:
            return key
        if owner in ("__builtins__", "builtins") and key:
            return key
        if owner.startswith(("vars()", "globals()", "locals()")):
            given = node.value.args if isinstance(node.value, ast.Call) else []
            if given and key and (module := self.path(given[0])):
                return f"{module}.{key}"
            return self.paths.get(key or "", _builtin(key or ""))
        if owner and key and isinstance(node.value, ast.Attribute) and node.value.attr == "__dict__":
            return f"{owner}.{key}"
        if isinstance(node.value, ast.Dict):
            return next(filter(None, map(self.path, node.value.values)), "")
        return owner

    def _called(self, node: ast.Call) -> str:
        """What a call gives: a module, one of its attributes by name, or something that the function makes."""
        function = self.path(node.func)
        first = node.args[0] if node.args else None
        if function in IMPORTERS:
            return self.text(first) or ""
        if function == "getattr" and len(node.args) > 1:
            owner, name = self.path(first), self.text(node.args[1])
            return f"{owner}.{name}".removeprefix("builtins.") if owner and name else ""
        if function.endswith((".__getattribute__", ".__getattr__")) and (name := self.text(first)):
            return f"{function.rpartition('.')[0]}.{name}"
        if function == "operator.attrgetter()" and isinstance(node.func, ast.Call) and node.func.args:
            return f"{self.path(first)}.{self.text(node.func.args[0])}"
        if function in (
            "functools.partial",
            "partial",
            "asyncio.run",
            "asyncio.wait_for",
            "enumerate",
            "reversed",
            "sorted",
        ):
            return self.path(first)
        return f"{function}()" if function and self.text(first) != ":memory:" else ""

    def _bind(self, name: str, path: str = "", text: str | None = None) -> None:
        self.bodies.pop(name, None)
        self.texts.pop(name, None)
        self.paths[name] = path  # empty: bound to something of the notebook's own
        if text is not None:
            self.texts[name] = text

    def _assign(self, target: ast.AST, value: ast.AST | None) -> None:
        if isinstance(target, ast.Name):
            path, text = self.path(value), self.text(value)
            self._bind(target.id, path, text)
            if isinstance(value, ast.Lambda):
                self.bodies[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value] * len(target.elts)
            for each, part in zip(target.elts, values, strict=False):
                self._assign(each, part)


def names_of(sources: Iterable[str]) -> Names:
    """Return what the names stand for after cells, in this order."""
    names = Names()
    for source in sources:
        names.learn(source)
    return names


def _builtin(name: str) -> str:
    """A name that nobody has bound is a builtin's, or nobody knows."""
    return name if name in BUILTINS else ""


BUILTINS = frozenset(
    {
        "open",
        "exec",
        "eval",
        "compile",
        "getattr",
        "__import__",
        "__builtins__",
        "builtins",
        "vars",
        "globals",
        "locals",
    }
    | {"get_ipython", "sorted", "reversed", "enumerate", "str", "print", "input", "breakpoint"}
)


BINDS = (
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign),
    *(ast.NamedExpr, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith),
    *(ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp),
)


@lru_cache(maxsize=16384)
def _binding(source: str) -> tuple[ast.AST, ...]:
    """The nodes of a cell that bind names, in the order of the text."""
    tree = magics.parse(source)
    found = [node for node in ast.walk(tree) if isinstance(node, BINDS)] if tree else []
    return tuple(sorted(found, key=lambda node: (node.lineno, node.col_offset)))


def _bound(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        yield node.target, node.iter
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        yield from ((item.optional_vars, item.context_expr) for item in node.items if item.optional_vars)
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
        yield from ((each.target, each.iter) for each in node.generators)
