"""Where a cell's names come from, who uses what it makes, and what the sidecar kernel holds under them."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import definition, flow
from ai_notebook_ls.core.variables import Variable, Variables
from ai_notebook_ls.providers.builtin.plain_words import code, counted, listed

MOST = 8
"""Names listed of one sort; the rest is counted."""
COLUMNS = 8
HIDDEN_WAYS = re.compile(r"import \*|%(?:run|store|pylab|load)|\bexec\(|globals\(|get_ipython\(")
"""By these a cell may make any name."""


def definers(notebook: Notebook, cell: Cell, name: str) -> tuple[Cell | None, Cell | None]:
    """Return the nearest cells above and below that give a name a value.

    Only cells whose text holds the name are analysed: a notebook may have thousands.
    """
    above = next((each for each in reversed(notebook.above(cell.id)) if _defines(each, name)), None)
    return above, next((each for each in notebook.below(cell.id) if _defines(each, name)), None)


def all_known(notebook: Notebook, cell: Cell, name: str) -> bool:
    """Whether the text tells all cells that may make a name: no star import, no cell that holds it but is no Python."""
    for each in (*notebook.above(cell.id), cell):
        if HIDDEN_WAYS.search(each.source) or (name in each.source and not flow(each.source).parsed):
            return False
    return True


def names(notebook: Notebook, cell: Cell, variables: Variables | None) -> Iterator[str]:
    """Yield the lines of a list: what the cell uses, makes and changes, and what that is in the sidecar kernel now."""
    own = flow(cell.source)
    reads = [name for name in own.reads if not hasattr(builtins, name)]
    origins = [_origin(notebook, cell, name) for name in reads[: 3 * MOST]]
    if uses := [each for each in origins if each]:
        yield f"Uses {counted(uses, MOST)}."
    made = list(dict.fromkeys(each.name for each in own.definitions if each.kind != "import"))
    if made:
        yield f"Makes {counted([_made(notebook, cell, name) for name in made[:MOST]] + made[MOST:], MOST)}."
    if changed := sorted(own.changes - set(made)):
        yield f"May change {counted(map(code, changed), MOST)} in place."
    if own.removes:
        yield f"Removes {counted(map(code, sorted(own.removes)), MOST)}."
    now = {each.name: each for each in variables.variables} if variables else {}
    wanted = [*(name for name in reads if name not in made), *made]
    if held := [f"{code(name)} is {_held(now[name])}" for name in wanted if name in now and _telling(now[name])]:
        more = f"; and {len(held) - MOST} more" if len(held) > MOST else ""
        yield f"In the sidecar now: {'; '.join(held[:MOST])}{more}."


def _defines(cell: Cell, name: str) -> bool:
    return name in cell.source and name in flow(cell.source).defines


def _origin(notebook: Notebook, cell: Cell, name: str) -> str:
    """A name and the cell it comes from; empty for a module that is imported above, as everybody expects."""
    above, below = definers(notebook, cell, name)
    own = name in flow(cell.source).defines
    if (maker := above or (None if own else below)) is None:
        alone = not own and all_known(notebook, cell, name)
        return f"{code(name)} (no other cell makes it)" if alone else "" if own else code(name)
    how = definition(maker, name)
    if above is not None and how is not None and how.kind == "import":
        return ""
    kind = f"{how.kind} from " if how is not None and how.kind != "variable" else ""
    return f"{code(name)} ({kind}cell {notebook.number(maker.id)}{'' if above is not None else ', below this one'})"


def _made(notebook: Notebook, cell: Cell, name: str) -> str:
    """A name, and the cells below that read it before another one gives it a value."""
    users = []
    for each in notebook.below(cell.id):
        if name not in each.source:
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
    return variable.kind in ("frame", "array") or (variable.shape is not None and variable.kind != "scalar")


def _held(variable: Variable) -> str:
    """`a DataFrame of 3 x 2 (…)`."""
    size = " x ".join(map(str, variable.shape or ()))
    if variable.kind == "frame":
        shown = [code(each.name) for each in variable.columns[:COLUMNS]]
        more = (variable.shape[1] if variable.shape and len(variable.shape) > 1 else len(variable.columns)) - len(shown)
        columns = listed([*shown, f"{more:,} more"] if more > 0 else shown) if shown else ""
        return f"a {code(variable.type)} of {size}{f' (columns {columns})' if columns else ''}"
    if variable.kind == "array":
        return f"a {code(variable.type)} of {size}{f', {code(variable.dtype)}' if variable.dtype else ''}"
    return f"a {code(variable.type)} of {size} item{'' if size == '1' else 's'}"
