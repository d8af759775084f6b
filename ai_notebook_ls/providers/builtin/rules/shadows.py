"""A name that hides another: a variable over a builtin, a module or a function, a file over a module.

The cause is where the name was taken, most often in a cell above: there it gets another name, and wherever it is read.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site


def hidden_name(request: FixRequest) -> Iterator[Candidate]:
    """`list = [1]`, then `list(x)`; `time = 3` after `import time`; `mean = mean(xs)` after `def mean`."""
    message = request.failure.evalue
    called = "object is not callable" in message
    if not called and not re.search(r"object has no attribute|not subscriptable|not iterable", message):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Name):
        parent = site.parents.get(node)
        by_call = called and isinstance(parent, ast.Call) and parent.func is node
        by_attribute = not called and isinstance(parent, ast.Attribute)
        if (by_call or by_attribute) and isinstance(node.ctx, ast.Load):
            edits = _renamed(request, node.id, by_call)
            if edits:
                what = "Python's own" if hasattr(builtins, node.id) else "the module or function"
                title = f"Rename the variable `{node.id}` to `{_other(node.id)}`: it hides {what} `{node.id}`"
                yield Candidate(title, "builtin:shadows", "likely", edits)
                return


def _other(name: str) -> str:
    return f"{name}_"


def _renamed(request: FixRequest, name: str, by_call: bool) -> tuple[CellEdit, ...]:
    """The edits that give the variable another name, from where it was taken on."""
    cells = [*request.notebook.above(request.cell.id), request.cell]
    rest = request.notebook.below(request.cell.id)
    original = hasattr(builtins, name)
    taken: Cell | None = None
    for cell in cells:
        for each in flow(cell.source).definitions:
            if each.name == name and each.kind == "variable" and original and taken is None:
                taken = cell
            elif each.name == name and each.kind != "variable":
                original, taken = True, None
    if taken is None or not original:
        return ()
    edits = []
    for cell in (*cells[cells.index(taken) :], *rest):
        here = Site(request, cell, None)
        if (
            any(each.name == name and each.kind != "variable" for each in flow(cell.source).definitions)
            and cell is not taken
        ):
            break
        values = [
            each for each in here.everywhere(ast.Name) if each.id == name and not _means_original(here, each, by_call)
        ]
        if values:
            edits.append(CellEdit(cell.id, here.splice((each, _other(name)) for each in values)))
    return tuple(edits)


def _means_original(site: Site, node: ast.Name, by_call: bool) -> bool:
    """Whether a use can only mean what was hidden: it is called, or asked for a member as the failing one is."""
    parent = site.parents.get(node)
    if isinstance(parent, ast.Call):
        return parent.func is node
    first = node
    if isinstance(node.ctx, ast.Load) and isinstance(parent, ast.Attribute):
        return not by_call
    passed = isinstance(parent, ast.Call) and first in parent.args
    return passed and by_call


def hidden_module(request: FixRequest) -> Iterator[Candidate]:
    """A file beside the notebook that is called as a module (docs.python.org, "The Module Search Path")."""
    shadow = request.evidence.shadow if request.evidence else None
    if shadow:
        stem = shadow.rpartition(".")[0]
        title = f"Rename the file `{shadow}`: beside the notebook it hides the module `{stem}`"
        yield Candidate(title, "builtin:shadows", "action")
