"""Failures whose cause is the order of the cells: what a cell needs is made only below, or was changed there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import definer, definer_below, flow, missing, root_name
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.rules.keys import missing_key
from ai_notebook_ls.providers.builtin.rules.names import missing_name
from ai_notebook_ls.providers.builtin.site import Site, column_name


def defined_below(request: FixRequest) -> Iterator[Candidate]:
    """A name that only a later cell defines: that cell has to run first, with what it needs itself."""
    name = missing_name(request)
    if name is not None and (cell := definer_below(request.notebook, request.cell.id, name)) is not None:
        yield _first(request, cell, "defines", f"`{name}`")


def made_below(request: FixRequest) -> Iterator[Candidate]:
    """A column, key or attribute that only a later cell stores: `df["total"] = …`, `thing.total = …`."""
    said = re.search(r"has no attribute '(\w+)'", request.failure.evalue)
    key = said[1] if said else missing_key(request)
    site = Site.innermost(request)
    owners = {root_name(node) for node in site.nodes(ast.Subscript, ast.Attribute, ast.Call)} | {
        node.id for node in site.nodes(ast.Name)
    }
    for cell in request.notebook.below(request.cell.id) if key else ():
        for node in Site(request, cell, None).everywhere(ast.Subscript, ast.Attribute):
            if isinstance(node.ctx, ast.Store) and column_name(node) == key and root_name(node) in owners:
                yield _first(request, cell, "makes", f"`{key}`")
                return


def prepared_below(request: FixRequest) -> Iterator[Candidate]:
    """A later cell makes of a name what this one needs: it fits a model, opens, converts or fills it."""
    site = Site.innermost(request)
    fitted = re.search(
        r"NotFitted|not fitted|is not fitted|fit\(\)", f"{request.failure.ename} {request.failure.evalue}"
    )
    used = {node.id for node in site.nodes(ast.Name)}
    for cell in request.notebook.below(request.cell.id):
        own = flow(cell.source)
        for name in sorted(used & own.changes):
            here = Site(request, cell, None)
            calls = [node for node in here.everywhere(ast.Call) if getattr(node.func, "attr", "").startswith("fit")]
            if fitted and any(root_name(call.func) == name for call in calls):
                yield _first(request, cell, "fits", f"`{name}`")
                return
        for name in sorted(used & own.defines & own.reads.keys()) if not fitted else ():
            yield _first(request, cell, "makes another", f"`{name}`")
            return
        if not fitted and (stored := _columns_remade(request, cell) & _columns_used(site)):
            yield _first(request, cell, "remakes", f"`{sorted(stored)[0][1]}`")
            return


def _columns_used(site: Site) -> set[tuple[str | None, str]]:
    nodes = site.nodes(ast.Subscript, ast.Attribute)
    return {(root_name(node), name) for node in nodes if (name := column_name(node)) is not None}


def _columns_remade(request: FixRequest, cell: Cell) -> set[tuple[str | None, str]]:
    """The columns that a cell makes of themselves: `df["a"] = f(df["a"])`."""
    found = set()
    for node in Site(request, cell, None).everywhere(ast.Assign):
        target = node.targets[0]
        name = column_name(target) if isinstance(target, (ast.Subscript, ast.Attribute)) else None
        if name is not None and any(column_name(each) == name for each in ast.walk(node.value)):
            found.add((root_name(target), name))
    return found


def _first(request: FixRequest, cell: Cell, verb: str, what: str) -> Candidate:
    first = _with_needs(request.notebook, request.cell, cell)
    numbers = ", ".join(str(request.notebook.number(each)) for each in first)
    plural = verb.replace("makes", "make").removesuffix("s") if verb != "remakes" else "remake"
    cells = f"cell {numbers}, which {verb}" if len(first) == 1 else f"cells {numbers}, which {plural}"
    return Candidate(f"Run {cells} {what}, first", "builtin:order", "action", run_first=first)


def _with_needs(notebook: Notebook, target: Cell, cell: Cell) -> tuple[str, ...]:
    """The cells below the target that have to run before it: the one found, and what that one misses."""
    needed, work = set(), [cell]
    while work:
        each = work.pop()
        if each.id not in needed:
            needed.add(each.id)
            known = missing(notebook, each.id)
            below = {other.id for other in notebook.below(target.id)}
            work += [other for other in known.below.values() if other.id in below]
            work += _between(notebook, target, each)
    return tuple(other.id for other in notebook.below(target.id) if other.id in needed)


def _between(notebook: Notebook, target: Cell, cell: Cell) -> list[Cell]:
    """The cells between the target and a cell below that define what the latter reads."""
    start = notebook.index(target.id)
    found = (definer(notebook, cell.id, name) for name in flow(cell.source).reads)
    return [other for other in found if other is not None and notebook.index(other.id) > start]
