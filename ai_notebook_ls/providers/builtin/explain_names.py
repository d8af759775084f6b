"""Where a cell's names come from, who uses what it makes, and what the sidecar kernel holds under them."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from functools import lru_cache

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import definition, flow
from ai_notebook_ls.core.variables import Variable, Variables
from ai_notebook_ls.providers.builtin.plain_words import code, counted, listed

MOST = 8
"""Names listed of one sort; the rest is counted."""
LOOKED_UP = 24
"""Names whose origin is looked up; each look-up goes through the whole notebook."""
NOBODY = "nobody"
COLUMNS = 8
PLAIN = ("int", "float", "str", "bool", "NoneType", "complex")
"""Types that a literal shows."""
WORD = re.compile(r"\w+")
HIDDEN_WAYS = ("import *", "%run", "%store", "%pylab", "%load", "exec(", "globals(", "get_ipython(")
"""By these a cell may make any name."""


def definers(notebook: Notebook, cell: Cell, name: str) -> tuple[Cell | None, Cell | None]:
    """Return the nearest cell above that gives a name a value, or else the nearest below.

    Only cells whose text holds the name are analysed: a notebook may have thousands.
    """
    own = notebook.index(cell.id)
    above = next((each for each in reversed(notebook.cells[:own]) if _defines(each, name)), None)
    below = None if above else next((each for each in notebook.cells[own + 1 :] if _defines(each, name)), None)
    return above, below


def all_known(notebook: Notebook, cell: Cell, name: str) -> bool:
    """Whether the text tells all cells that may make a name: no star import, no cell that holds it but is no Python."""
    known = (*notebook.above(cell.id), cell)
    if any(way in each.source for each in known for way in HIDDEN_WAYS):
        return False
    return all(flow(each.source).parsed for each in known if name in _words(each.source))


@lru_cache(maxsize=16384)
def _words(source: str) -> frozenset[str]:
    """The words of a text; far cheaper than to analyse it."""
    return frozenset(WORD.findall(source))


def names(notebook: Notebook, cell: Cell) -> Iterator[str]:
    """Yield the lines of a list: what the cell uses, makes and changes."""
    own = flow(cell.source)
    reads = [name for name in own.reads if not hasattr(builtins, name)]
    origins: dict[str, list[str]] = {}
    for name in reads[:LOOKED_UP]:
        if (origin := _origin(notebook, cell, name)) is not None:
            origins.setdefault(origin, []).append(name)
    alone = origins.pop(NOBODY, [])
    if uses := [f"{counted(map(code, group))}{f' ({where})' if where else ''}" for where, group in origins.items()]:
        yield f"Uses {', '.join(uses)}."
    if alone:
        yield f"Uses {counted(map(code, alone))}, which no cell makes."
    made = list(dict.fromkeys(each.name for each in own.definitions if each.kind != "import"))
    if made:
        yield f"Makes {counted([_made(notebook, cell, name) for name in made[:MOST]] + made[MOST:], MOST)}."
    if changed := sorted(own.changes - set(made) - imported_names(notebook)):
        yield f"May change {counted(map(code, changed), MOST)} in place."
    if own.removes:
        yield f"Removes {counted(map(code, sorted(own.removes)), MOST)}."


def held(cell: Cell, variables: Variables | None) -> list[str]:
    """Return the lines of a list: what a cell's names stand for in the sidecar kernel now, those it uses first."""
    own = flow(cell.source)
    now = {each.name: each for each in variables.variables} if variables else {}
    wanted = dict.fromkeys([*own.reads, *(each.name for each in own.definitions)])
    lines = [f"{code(name)}: {_held(now[name])}" for name in wanted if name in now and _telling(now[name])]
    return [*lines[:MOST], *([f"… and {len(lines) - MOST} more"] if len(lines) > MOST else [])]


def imported_names(notebook: Notebook) -> frozenset[str]:
    """Return the names that stand for modules, or for what comes from them, anywhere in a notebook."""
    return frozenset(
        each.name for cell in notebook.code if "import" in cell.source
        for each in flow(cell.source).definitions if each.kind == "import"
    )  # fmt: skip


def table_names(variables: Variables | None) -> frozenset[str]:
    """Return the names under which the sidecar kernel holds tables, columns and arrays now."""
    known = variables.variables if variables else ()
    libraries = ("numpy", "pandas", "polars", "xarray")
    return frozenset(
        each.name for each in known if each.kind in ("frame", "array") or each.module.partition(".")[0] in libraries
    )


def _defines(cell: Cell, name: str) -> bool:
    return (
        name in cell.source
        and cell.kind == "code"
        and name in _words(cell.source)
        and name in flow(cell.source).defines
    )


def _origin(notebook: Notebook, cell: Cell, name: str) -> str | None:
    """Where a name comes from; None for what is imported above, as everybody expects, and for the cell's own."""
    above, below = definers(notebook, cell, name)
    own = name in flow(cell.source).defines
    if (maker := above or (None if own else below)) is None:
        return None if own else NOBODY if all_known(notebook, cell, name) else ""
    how = definition(maker, name)
    if above is not None and how is not None and how.kind == "import":
        return None
    kind = f"{how.kind} from " if how is not None and how.kind != "variable" else ""
    return f"{kind}cell {notebook.number(maker.id)}{'' if above is not None else ', below this one'}"


def _made(notebook: Notebook, cell: Cell, name: str) -> str:
    """A name, and the cells below that read it before another one gives it a value."""
    users = []
    for each in notebook.below(cell.id):
        if name not in _words(each.source):
            continue
        below = flow(each.source)
        if name in below.reads:
            users.append(str(notebook.number(each.id)))
        if name in below.defines:
            break
    if not users:
        return code(name)
    return f"{code(name)} (used by cell{'s' if len(users) > 1 else ''} {counted(users, 5)})"


def _telling(variable: Variable) -> bool:
    return variable.kind in ("frame", "array", "scalar") or variable.shape is not None


def _held(variable: Variable) -> str:
    """`DataFrame`, 3 x 2, with the columns …."""
    if variable.kind == "scalar":
        return f"{code(variable.preview)}{'' if variable.type in PLAIN else f' ({code(variable.type)})'}"
    size = " x ".join(f"{each:,}" for each in variable.shape or ())
    if variable.kind == "frame" and len(variable.shape or ()) > 1:
        shown = [code(each.name) for each in variable.columns[:COLUMNS]]
        total = (variable.shape or (0, 0))[1]
        more = [f"{total - len(shown):,} more"] if total > len(shown) else []
        columns = f", with the column{'s' if total > 1 else ''} {listed([*shown, *more])}" if shown else ""
        return f"{code(variable.type)}, {size}{columns}"
    if variable.kind in ("frame", "array"):
        return f"{code(variable.type)}, {size or 'one value'}{f', {code(variable.dtype)}' if variable.dtype else ''}"
    return f"{code(variable.type)} of {size} item{'' if size == '1' else 's'}"
