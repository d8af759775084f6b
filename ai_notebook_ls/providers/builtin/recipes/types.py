"""Type hints for the functions of a cell, from the types that they were called with."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import definition, flow
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe, Seen, SeenFunction
from ai_notebook_ls.providers.builtin.recipes.splice import Splice, end_of, spliced

Function = ast.FunctionDef | ast.AsyncFunctionDef
MOST = 3
"""Types of one parameter: more say that the function takes anything."""

PUBLIC = {
    "pandas.core.frame.DataFrame": "pandas.DataFrame",
    "pandas.core.series.Series": "pandas.Series",
    "pandas.core.indexes.base.Index": "pandas.Index",
    "pandas._libs.tslibs.timestamps.Timestamp": "pandas.Timestamp",
    "matplotlib.axes._axes.Axes": "matplotlib.axes.Axes",
    "polars.dataframe.frame.DataFrame": "polars.DataFrame",
    "pathlib.PosixPath": "pathlib.Path",
    "pathlib._local.PosixPath": "pathlib.Path",
    "pathlib.WindowsPath": "pathlib.Path",
    "pathlib._local.WindowsPath": "pathlib.Path",
}
"""Where a class says it is from -> where people import it from."""

BUILTINS = frozenset({
    "int", "float", "str", "bool", "bytes", "complex", "list", "dict", "tuple", "set", "frozenset", "bytearray", "range",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Speller:
    """How a cell spells types: by the names that the notebook has when the cell is run."""

    notebook: Notebook
    cell: Cell
    seen: Seen

    def spell(self, types: tuple[str, ...]) -> str | None:
        """`int`, `pd.DataFrame`, `list[str] | None`; None where it has no name for one of them."""
        names = [self._one(each) for each in types if each != "None"]
        if not types or None in names or len(types) > MOST or (len(types) > 1 and self.seen.python < (3, 10)):
            return None
        spelt = list(dict.fromkeys(each for each in names if each))
        if {"bool", "int", "float"} & set(spelt) and len(spelt) > 1:
            spelt = _tower(spelt)
        return " | ".join(spelt + ["None"] * ("None" in types))

    def _one(self, full: str) -> str | None:
        head, _, inner = full.partition("[")
        if inner:
            parts = [self._one(each) for each in inner.rstrip("]").split(", ")]
            if self.seen.python >= (3, 9) and all(parts):
                return f"{head}[{', '.join(each for each in parts if each)}]"
            return head
        if head in BUILTINS:
            return head
        module, _, name = PUBLIC.get(head, head).rpartition(".")
        if module == "__main__":
            return name if name.isidentifier() and self._is_there(name) else None
        holder = self._imported(module)
        return self._imported(f"{module}.{name}") or (f"{holder}.{name}" if holder else None)

    def _is_there(self, name: str) -> bool:
        """Whether a name is defined by a cell above; in this one, the class may come after the function."""
        return any(name in flow(cell.source).defines for cell in self.notebook.above(self.cell.id))

    def _imported(self, full: str) -> str | None:
        """What the notebook calls a module or a member that it imports."""
        for cell in (*self.notebook.above(self.cell.id), self.cell):
            for name in flow(cell.source).defines:
                made = definition(cell, name)
                if made is not None and made.kind == "import" and made.imported == full:
                    return full if name == full.partition(".")[0] else name  # `import a.b` binds `a`
        return None


def functions_of(source: str) -> Iterator[Function]:
    """Yield the functions of a cell, methods included."""
    tree = magics.parse(source)
    return (node for node in (ast.walk(tree) if tree else ()) if isinstance(node, Function))


def seen_of(seen: Seen, node: Function) -> SeenFunction:
    """Return what was seen of a function; nothing if it was not called."""
    line = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return seen.functions.get((node.name, line), SeenFunction())


def parameters_of(node: Function) -> list[ast.arg]:
    """Return the parameters that take one value each, without `self` and `cls`."""
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [each for place, each in enumerate(every) if not (place == 0 and each.arg in ("self", "cls"))]


def _fits(notebook: Notebook, cell: Cell) -> bool:
    return any(
        node.returns is None or any(each.annotation is None for each in parameters_of(node))
        for node in functions_of(cell.source)
    )


async def _change(request: ImproveRequest) -> Mapping[str, str]:
    sources = ((cell, _changed(cell, Speller(request.notebook, cell, request.seen))) for cell in request.cells)
    return {cell.id: source for cell, source in sources if source != cell.source and magics.parse(source) is not None}


def _changed(cell: Cell, speller: Speller) -> str:
    return spliced(
        cell.source, [each for node in functions_of(cell.source) for each in _hints(cell.source, node, speller)]
    )


def _hints(source: str, node: Function, speller: Speller) -> Iterator[Splice]:
    seen = seen_of(speller.seen, node)
    defaults = _defaults(node)
    for each in parameters_of(node):
        spelt = speller.spell(_with_default(seen.parameters.get(each.arg, ()), defaults.get(each.arg)))
        if each.annotation is not None or spelt is None or each.arg not in seen.parameters:
            continue
        if (default := defaults.get(each.arg)) is not None and end_of(each)[0] == default.lineno:
            yield Splice(end_of(each), (default.lineno, default.col_offset), f": {spelt} = ")
        else:
            yield Splice.after(each, f": {spelt}")
    spelt = speller.spell(seen.returns)
    if node.returns is None and spelt is not None and (place := _closing(source, node)) is not None:
        yield Splice(place, place, f" -> {spelt}")


def _defaults(node: Function) -> dict[str, ast.expr]:
    places = [*node.args.posonlyargs, *node.args.args]
    found = dict(zip((each.arg for each in reversed(places)), reversed(node.args.defaults), strict=False))
    named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return {**found, **{each.arg: default for each, default in named if default is not None}}


def _with_default(types: tuple[str, ...], default: ast.expr | None) -> tuple[str, ...]:
    """The types seen, and that of a default which nobody happened to use."""
    if not types or not isinstance(default, ast.Constant):
        return types
    kind = "None" if default.value is None else type(default.value).__name__
    return tuple(dict.fromkeys((*types, kind)))


def _tower(names: list[str]) -> list[str]:
    """A hint of `float` takes an `int`, too (PEP 484)."""
    return [each for each in names if not (each == "int" and "float" in names)]


def _closing(source: str, node: Function) -> tuple[int, int] | None:
    """Where the parameters end: behind the bracket that closes them."""
    lines = magics.mask(source).split("\n")[node.lineno - 1 :]
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            depth += (token.string in ("(", "[")) - (token.string in (")", "]")) if token.type == tokenize.OP else 0
            if token.string == ")" and depth == 0:
                row, column = token.end
                return node.lineno + row - 1, len(lines[row - 1][:column].encode("utf-8", "surrogatepass"))
    except (tokenize.TokenError, SyntaxError):
        pass
    return None


TYPES = Recipe("types", "Add the types that were seen when the cells ran", _fits, _change, watches=True)
