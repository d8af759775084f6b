"""Collections and their items: one taken for the other, or changed while a loop runs over it.

Sources: Python tutorial, 4.2 and 5.6; pandas user guide, "Iteration".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site

Loop = ast.For | ast.comprehension


def loops_around(site: Site) -> Iterator[Loop]:
    """Yield the loops that the failing line is in, the innermost first."""
    found: list[Loop] = []
    for node in site.everywhere(ast.For, ast.comprehension):
        outer: ast.AST = node if isinstance(node, ast.For) else site.parents.get(node, node)
        first, last = getattr(outer, "lineno", 1), getattr(outer, "end_lineno", None) or 1
        if site.line is None or first - 1 <= site.line < last:
            found.append(node)
    return iter(reversed(found))


def collection_for_item(request: FixRequest) -> Iterator[Candidate]:
    """In `for row in rows`, the list is asked for what its items have: `rows["a"]`, `lines.strip()`."""
    message = request.failure.evalue
    if not re.search(
        r"'(list|tuple|set|dict|DataFrame|ndarray)' object has no attribute|^(list|tuple) indices must be", message
    ):
        return
    site = Site.innermost(request)
    for loop in loops_around(site):
        if not isinstance(loop.target, ast.Name):
            continue
        whole = site.text(loop.iter)
        for node in site.nodes(ast.Attribute, ast.Subscript):
            if (
                site.text(node.value) == whole
                and node.value is not loop.iter
                and not _indexed_by_name(node, loop.target.id)
            ):
                source = site.splice([(node.value, loop.target.id)])
                yield from site.candidate("items", f"Write `{loop.target.id}`, the item, for `{whole}`", source)
                return


def _indexed_by_name(node: ast.Attribute | ast.Subscript, name: str) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name) and node.slice.id == name


def item_as_place(request: FixRequest) -> Iterator[Candidate]:
    """`for x in xs: xs[x]`: the loop gives the items themselves, not their places (Python tutorial, 4.2)."""
    if not re.search(
        r"indices must be integers|only integers|index .*out of (range|bounds)|KeyError",
        f"{request.failure.ename} {request.failure.evalue}",
    ):
        return
    site = Site.innermost(request)
    for loop in loops_around(site):
        if not isinstance(loop.target, ast.Name):
            continue
        name, whole = loop.target.id, site.text(loop.iter)
        same = [
            node
            for node in site.everywhere(ast.Subscript)
            if site.text(node.value) == whole and site.text(node.slice) == name and isinstance(node.ctx, ast.Load)
        ]
        if same:
            source = site.splice((node, name) for node in same)
            yield from site.candidate("items", f"Write `{name}` for `{whole}[{name}]`: it is the item itself", source)
            return


def keys_of_mapping(request: FixRequest) -> Iterator[Candidate]:
    """A loop over a dict gives its keys, over a frame its columns: `.values()`, `.iterrows()` give what is in it."""
    if not re.search(
        r"string indices must be|'str' object has no attribute|'str' object does not support", request.failure.evalue
    ):
        return
    site = Site.innermost(request)
    for loop in loops_around(site):
        if not isinstance(loop.target, ast.Name):
            continue
        used = [
            n
            for n in site.nodes(ast.Subscript, ast.Attribute)
            if isinstance(n.value, ast.Name) and n.value.id == loop.target.id
        ]
        kind = site.type_of(loop.iter) or (
            site.known_names.get(loop.iter.id, "") if isinstance(loop.iter, ast.Name) else ""
        )
        whole = site.text(loop.iter)
        if not used:
            continue
        if "DataFrame" in kind:
            source = site.splice([(loop.target, f"_, {loop.target.id}"), (loop.iter, f"{whole}.iterrows()")])
            yield from site.candidate("items", f"Loop over the rows, `{whole}.iterrows()`", source)
        elif kind.rpartition(".")[2] in ("dict", "defaultdict", "OrderedDict"):
            source = site.splice([(loop.iter, f"{whole}.values()")])
            yield from site.candidate("items", f"Loop over the values, `{whole}.values()`", source)
        else:
            continue
        return


def text_of_json(request: FixRequest) -> Iterator[Candidate]:
    """A text that holds JSON is asked for what the JSON holds: it has to be read first (json.loads)."""
    if not re.search(
        r"string indices must be|'str' object has no attribute '(keys|items|values|get)'", request.failure.evalue
    ):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Name):
        known = site.value(node)
        if known is None or known.texts.looks != "json":
            continue
        text = f"json.loads({node.id})"
        uses = [each for each in site.nodes(ast.Name) if each.id == node.id]
        for there, statement in site.made(node.id):
            value = getattr(statement, "value", None)
            if value is not None:
                source = there.splice([(value, f"json.loads({there.text(value)})")])
                source = source if "json" in site.known_names else there.with_import("import json", source)
                yield from there.candidate("items", f"Read the JSON in `{node.id}`", source)
            break
        source = site.splice((each, text) for each in uses)
        source = source if "json" in site.known_names else site.with_import("import json", source)
        yield from site.candidate("items", f"Read the JSON in `{node.id}` first", source)
        return


def changed_in_loop(request: FixRequest) -> Iterator[Candidate]:
    """A dict or set changes its size while a loop runs over it: the loop takes a copy (Python tutorial, 4.2)."""
    if not re.search(r"changed size during iteration|mutated during iteration|keys changed", request.failure.evalue):
        return
    site = Site.innermost(request)
    for loop in (*site.nodes(ast.For), *loops_around(site)):
        whole = site.text(loop.iter)
        if isinstance(loop, ast.For) and not whole.startswith("list("):
            source = site.splice([(loop.iter, f"list({whole})")])
            yield from site.candidate("items", f"Loop over a copy, `list({whole})`", source)
            return


def side_by_side(request: FixRequest) -> Iterator[Candidate]:
    """`for a, b in xs, ys`: a loop over two lists in step is over `zip(xs, ys)` (Python tutorial, 5.6)."""
    if "unpack" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for loop in site.nodes(ast.For, ast.comprehension):
        targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else []
        if isinstance(loop.iter, ast.Tuple) and len(loop.iter.elts) == len(targets) > 1:
            inner = ", ".join(site.text(each) for each in loop.iter.elts)
            source = site.splice([(loop.iter, f"zip({inner})")])
            yield from site.candidate("items", f"Loop over `zip({inner})`", source)
            return


def mean_of_rows(request: FixRequest) -> Iterator[Candidate]:
    """`.apply(lambda s: s.lower())` over a column with gaps, which are floats: `.str` passes over them (pandas, Text)."""
    if not re.search(r"'(float|NoneType|NAType)' object has no attribute '(\w+)'", request.failure.evalue):
        return
    for site in Site.all(request):
        for call in site.nodes(ast.Call):
            function = call.args[0] if call.args else None
            if getattr(call.func, "attr", "") not in ("apply", "map") or not isinstance(function, ast.Lambda):
                continue
            inner, argument = function.body, function.args.args[0].arg if function.args.args else ""
            plain = isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute)
            if plain and site.text(inner.func.value) == argument and hasattr(str, inner.func.attr):  # type: ignore[attr-defined]
                rest = site.text(inner)[len(argument) :]
                text = f"{site.text(call.func.value)}.str{rest}"  # type: ignore[attr-defined]
                yield from site.candidate(
                    "items", "Use `.str`, which passes over what is missing", site.splice([(call, text)])
                )
                return
