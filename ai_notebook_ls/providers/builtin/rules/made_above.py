"""More values that are wrong where they were made: counts, sizes and kinds that a statement above gave them.

Sources: docs.python.org, range and json; pandas user guide, "Group by" (as_index); numpy.reshape.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.rules.keys import missing_key
from ai_notebook_ls.providers.builtin.site import Site


def counted_from_one(request: FixRequest) -> Iterator[Candidate]:
    """`range(1, len(xs) + 1)` for places above: they are counted from 0 (docs.python.org, range)."""
    if not re.search(r"out of (range|bounds)|out-of-bounds", request.failure.evalue):
        return
    for there, statement in _makers(Site.innermost(request)):
        for call in (each for each in ast.walk(statement) if isinstance(each, ast.Call)):
            said = re.fullmatch(r"range\(\s*1\s*,\s*(len\(\w+\))\s*\+\s*1\s*\)", there.text(call))
            if said:
                source = there.splice([(call, f"range({said[1]})")])
                yield from there.candidate("upstream", "Count the places from 0", source)
                return


def str_for_json(request: FixRequest) -> Iterator[Candidate]:
    """`str(settings)` above, read back as JSON here: `json.dumps` writes JSON (docs.python.org, json)."""
    site = Site.innermost(request)
    if "JSON" not in request.failure.ename or "json" not in site.known_names:
        return
    for there, statement in _makers(site):
        call = getattr(statement, "value", None)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("str", "repr") and len(call.args) == 1:
            source = there.splice([(call.func, "json.dumps")])
            yield from there.candidate("upstream", "Write it as JSON, with `json.dumps`", source)
            return


def key_in_index_of_the_rows(request: FixRequest) -> Iterator[Candidate]:
    """Rows of a grouped table are asked for the key of the groups, which is its index (pandas, Group by)."""
    key, site = missing_key(request), Site.innermost(request)
    if key is None:
        return
    looped = [node for loop in site.everywhere(ast.For) for node in ast.walk(loop.iter) if isinstance(node, ast.Name)]
    for name in dict.fromkeys(node.id for node in looped):
        if not site.known_names.get(name, "").endswith(".DataFrame"):
            continue
        for there, statement in site.made(name):
            calls = [each for each in ast.walk(statement) if isinstance(each, ast.Call)]
            names = {getattr(each.func, "attr", "") for each in calls}
            texts = {node.value for node in ast.walk(statement) if isinstance(node, ast.Constant)}
            value = getattr(statement, "value", None)
            if (
                names & {"groupby", "set_index", "pivot_table"}
                and "reset_index" not in names
                and key in texts
                and value
            ):
                end = there.span(value)[1]
                source = there.splice([((end, end), ".reset_index()")])
                yield from there.candidate("upstream", f"Keep `{key}` as a column, with `.reset_index()`", source)
            break


def text_for_a_number(request: FixRequest) -> Iterator[Candidate]:
    """A text of digits that a cell above took from somewhere is compared with a number: read where it is taken."""
    site = Site.innermost(request)
    if not re.search(
        r"between instances of '(int|float)' and 'str'|between instances of 'str' and '(int|float)'", site.message
    ):
        return
    for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)):
        known = site.value(name)
        if known is None or known.type != "str" or known.texts.looks != "number":
            continue
        for there, statement in site.made(name):
            value = getattr(statement, "value", None)
            if value is not None and there.cell.id != site.cell.id:
                source = there.splice([(value, f"float({there.text(value)})")])
                yield from there.candidate("upstream", f"Make `{name}` a number", source)
            break


def flat_for_a_table(request: FixRequest) -> Iterator[Candidate]:
    """An array of one dimension above, where two are wanted: a column of it (numpy.reshape)."""
    site = Site.innermost(request)
    if not re.search(r"1-dimensional array given", site.message):
        return
    for call in site.nodes(ast.Call):
        first = call.args[0] if call.args else None
        known = site.value(first) if first is not None else None
        if not isinstance(first, ast.Name) or known is None or known.shape is None or len(known.shape) != 1:
            continue
        for there, statement in site.made(first.id):
            value = getattr(statement, "value", None)
            if value is not None:
                end = there.span(value)[1]
                source = there.splice([((end, end), ".reshape(-1, 1)")])
                yield from there.candidate("upstream", f"Make `{first.id}` a table of one column", source)
            return


def filled_twice(request: FixRequest) -> Iterator[Candidate]:
    """Two lists are to have one length, and a loop above fills one of them twice a step."""
    site = Site.innermost(request)
    if not re.search(r"same (first dimension|length|size)|inconsistent numbers of samples", site.message):
        return
    known = {node.id: site.value(node) for node in site.nodes(ast.Name)}
    lengths = {name: each.length for name, each in known.items() if each is not None and each.length}
    for name, length in lengths.items():
        if not any(other * 2 == length for other in lengths.values() if other is not None):
            continue
        for cell in reversed(request.notebook.above(site.cell.id)):
            there = Site(request, cell, None)
            for loop in there.everywhere(ast.For, ast.While):
                filling = [
                    each
                    for each in loop.body
                    if isinstance(each, ast.Expr) and there.text(each).startswith(f"{name}.append(")
                ]
                if len(filling) == 2:
                    start, end = there.span(filling[1])
                    source = there.splice([((there.cell.source.rfind("\n", 0, start), end), "")])
                    yield from there.candidate("upstream", f"Fill `{name}` once a step", source, "guess")
                    return


def _makers(site: Site) -> Iterator[tuple[Site, ast.stmt]]:
    """Where the failing statement's names got their values."""
    for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)):
        yield from list(site.made(name))[:1]
