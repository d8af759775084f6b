"""Where in the notebook the cause of a failure may be: the statement that made a value, the name that is made elsewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.calls import calls, tail
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import IN_PLACE, definition, flow
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.providers.builtin.calls import READS
from ai_notebook_ls.providers.builtin.explain_names import all_known, definers
from ai_notebook_ls.providers.builtin.plain_words import code
from ai_notebook_ls.providers.builtin.spelling import close
from ai_notebook_ls.providers.builtin.tables import ALIASES

HOPS = 3
"""Cells that a value is followed up through."""
NAMES = 3
"""Names of the failing line that are followed."""
MAY_FIND_NOTHING = frozenset(("re.match", "re.search", "re.fullmatch", "os.environ.get", "shutil.which"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def raised_here(cell: Cell, line: int, ename: str) -> str:
    """Say so if the failing line is a `raise` of the user's, and under which condition it stands."""
    around = _around(magics.parse(cell.source), line)
    statement = around[-1] if around else None
    if not isinstance(statement, ast.Raise) or statement.exc is None:
        return ""
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    if tail(raised).rpartition(".")[2] != ename.rpartition(".")[2]:
        return ""
    above = around[-2] if len(around) > 1 else None
    if isinstance(above, ast.If) and statement in above.body:
        return f"This line raises the error itself, when {code(_text(cell, above.test))}."
    return "This line raises the error itself."


def argument_of(cell: Cell, line: int, name: str) -> str:
    """Say so if a name on a line is still what the function around it was called with."""
    function = next(
        (each for each in reversed(_around(magics.parse(cell.source), line)) if isinstance(each, FUNCTIONS)), None
    )
    if function is None:
        return ""
    known = function.args
    if name not in [each.arg for each in (*known.posonlyargs, *known.args, *known.kwonlyargs)]:
        return ""
    stores = [
        each for each in ast.walk(function)
        if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Store) and each.lineno - 1 < line
    ]  # fmt: skip
    return "" if stores else f"{code(name)} is what {code(function.name)} was called with."


def made(notebook: Notebook, cell: Cell, line: int, names: list[str], far: bool) -> Iterator[str]:
    """Say which statements made some names; if wanted, follow what those were made from."""
    told: set[str] = set()
    for name in names[:NAMES]:
        yield from _made(notebook, cell, line, name, told, HOPS if far else 1, "")


def _made(notebook: Notebook, cell: Cell, line: int, name: str, told: set[str], hops: int, of: str) -> Iterator[str]:
    if hops == 0 or name in told or len(told) > 5:
        return
    told.add(name)
    own = [each for each in flow(cell.source).definitions if each.name == name and each.line < line]
    maker = cell if own else definers(notebook, cell, name)[0]
    how = own[-1] if own else definition(maker, name) if maker is not None else None
    if maker is None or how is None or how.kind != "variable":
        return
    number = f"in cell {notebook.number(maker.id)}"
    where = (f"on line {how.line + 1}{of}") if maker is cell else number
    statement = _around(magics.parse(maker.source), how.line)
    value = getattr(statement[-1], "value", None) if statement else None
    if not statement or not isinstance(statement[-1], (ast.Assign, ast.AnnAssign)) or value is None:
        if maker is not cell:
            yield f"{code(name)} was made {where}."
        return
    files = [
        arg.value for call in calls(value) if READS.search(tail(call.func)) or tail(call.func) == "open"
        for arg in call.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    ]  # fmt: skip
    if files:
        yield f"{code(name)} was made {where} from {code(files[0])}."
        return
    text = _text(maker, value)
    yield f"{code(name)} was made {where}: {code(text if len(text) <= 80 else text[:79] + '…')}."
    for each in ast.walk(value):
        if isinstance(each, ast.Name) and each.id != name:
            yield from _made(
                notebook, maker, how.line, each.id, told, hops - 1, f" of cell {notebook.number(maker.id)}"
            )


def why_none(notebook: Notebook, cell: Cell, line: int, owner: ast.expr) -> str:
    """Say why an expression that is known to be `None` is so, if what made it tells."""
    value: ast.expr | None = owner
    if isinstance(owner, ast.Name):
        own = [each for each in flow(cell.source).definitions if each.name == owner.id and each.line < line]
        maker = cell if own else definers(notebook, cell, owner.id)[0]
        how = own[-1] if own else definition(maker, owner.id) if maker is not None else None
        around = _around(magics.parse(maker.source), how.line) if maker is not None and how is not None else []
        value = around[-1].value if around and isinstance(around[-1], (ast.Assign, ast.AnnAssign)) else None
        cell = maker or cell
    if not isinstance(value, ast.Call):
        return ""
    name, function = tail(value.func), value.func
    if any(each.arg == "inplace" and getattr(each.value, "value", None) is True for each in value.keywords):
        return f"With `inplace=True`, {code(name.rpartition('.')[2])} changes the table itself and returns `None`."
    if name in MAY_FIND_NOTHING:
        return f"{code(name)} gives `None` where it finds nothing."
    if name == "print":
        return "`print` shows a text and returns `None`."
    if isinstance(function, ast.Attribute) and function.attr in IN_PLACE:
        return f"{code(function.attr)} changes {code(_plain(function.value))} in place and returns `None`."
    return _returns_nothing(notebook, cell, name)


def _returns_nothing(notebook: Notebook, cell: Cell, name: str) -> str:
    """Say so if a function of the notebook's has no `return` with a value."""
    maker = next(
        (each for each in (cell, *reversed(notebook.above(cell.id))) if name in flow(each.source).defines), None
    )
    tree = magics.parse(maker.source) if maker is not None else None
    found = [each for each in (tree.body if tree else ()) if isinstance(each, ast.FunctionDef) and each.name == name]
    if not found or maker is None:
        return ""
    gives = (ast.Return, ast.Yield, ast.YieldFrom)
    if any(isinstance(each, gives) and each.value is not None for each in ast.walk(found[-1])):
        return ""
    return f"{code(name)} (cell {notebook.number(maker.id)}) has no `return`, so it gives `None`."


def no_name(notebook: Notebook, cell: Cell, line: int | None, name: str) -> Iterator[str]:
    """Say where a name is made that has no value."""
    first = next((each.line for each in flow(cell.source).definitions if each.name == name), None)
    above, below = definers(notebook, cell, name)
    if above is not None:
        yield f"Cell {notebook.number(above.id)} makes it: run that one first."
    elif first is not None:
        if line is not None and first > line:
            yield f"This cell gives it a value only on line {first + 1}, below its use."
    elif below is not None:
        yield f"Only cell {notebook.number(below.id)}, below this one, makes it: run that one first."
    elif name in ALIASES:
        yield f"It usually comes from {code(ALIASES[name])}."
    else:
        order = (*notebook.below(cell.id), *notebook.above(cell.id), cell)
        makers = {each: maker for maker in order for each in sorted(flow(maker.source).defines)}
        if near := close(name, makers):
            maker = makers[near[0][0]]
            who = "this cell" if maker.id == cell.id else f"cell {notebook.number(maker.id)}"
            yield f"No cell makes it; {who} makes {code(near[0][0])}."
        elif all_known(notebook, cell, name):
            yield "No cell of this notebook makes it."


def close_key(notebook: Notebook, cell: Cell, tree: ast.AST, evalue: str) -> Iterator[str]:
    """Name the key or column like the missing one that the notebook's text puts into the same value."""
    for asked in ast.walk(tree):
        if not (isinstance(asked, ast.Subscript) and isinstance(asked.slice, ast.Constant)):
            continue
        owner, key = asked.value, asked.slice.value
        if not (isinstance(owner, ast.Name) and isinstance(key, str) and repr(key) == evalue):
            continue
        for maker in (cell, *reversed(notebook.above(cell.id))):
            if owner.id in maker.source and (near := close(key, _keys(maker, owner.id))):
                who = "This cell" if maker.id == cell.id else f"Cell {notebook.number(maker.id)}"
                yield f"{who} puts {code(near[0][0])} into {code(owner.id)}."
                return


def _keys(cell: Cell, name: str) -> Iterator[str]:
    """The keys in `name = {"a": …}`, `name = DataFrame({"a": …})` and `name["a"] = …`."""
    for node in ast.walk(magics.parse(cell.source) or ast.Module([], [])):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            keys: list[ast.expr | None] = []
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == name:
                keys = [target.slice]
            elif isinstance(node, ast.Assign) and isinstance(target, ast.Name) and target.id == name:
                value = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
                keys = value.keys if isinstance(value, ast.Dict) else []
            yield from (key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def no_such_name(failure: Failure) -> str:
    """Return the name that a NameError is about; empty for any other failure."""
    found = re.search(r"name '([^']+)' is not defined", failure.evalue) if failure.ename == "NameError" else None
    return found[1] if found else ""


def _around(tree: ast.Module | None, line: int) -> list[ast.stmt]:
    """The statements that hold a line, from the outermost to the innermost."""
    found: list[ast.stmt] = []
    node: ast.AST | None = tree
    while node is not None:
        inside = [each for each in ast.iter_child_nodes(node) if isinstance(each, (ast.stmt, ast.excepthandler))]
        node = next((each for each in inside if each.lineno - 1 <= line <= (each.end_lineno or each.lineno) - 1), None)
        found += [node] if isinstance(node, ast.stmt) else []
    return found


def _plain(node: ast.AST) -> str:
    """The code of a node that is of no cell's tree."""
    try:
        return ast.unparse(node)
    except RecursionError:
        return "…"


def _text(cell: Cell, node: ast.AST) -> str:
    """The code of a node on one line."""
    return " ".join((ast.get_source_segment(magics.mask(cell.source), node) or "").split())
