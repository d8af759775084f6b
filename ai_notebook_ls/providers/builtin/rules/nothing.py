"""None where a value is wanted: what works in place was stored, a function forgot its `return`, `print` was taken for text.

Sources: docs.python.org, sequence types and "return"; pandas documentation, `inplace`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Change, Site

RETURNS_NONE = frozenset(
    {"sort", "append", "extend", "reverse", "insert", "update", "add", "remove", "clear", "shuffle", "discard", "seed"}
)
"""Methods of the standard library that change their object and return None."""


def none_was_stored(request: FixRequest) -> Iterator[Candidate]:
    """A value is None: mended where it got it, in this cell or in one above."""
    if not re.search(r"None(Type)?\b", request.failure.evalue):
        return
    for site in Site.all(request):
        found = [*_chained(site)]
        if found:
            yield from found
            return
        for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)):
            kind = site.evidence.local.get(name) or site.known_names.get(name, "")
            if kind and kind != "NoneType":
                continue
            for there, statement in site.made(name):
                found = [*_stored(there, statement, name)]
                if found:
                    yield from found
                    return
                break


def _chained(site: Site) -> Iterator[Candidate]:
    """None in the middle of the failing statement itself."""
    for node in [*site.nodes(ast.Attribute, ast.Subscript, ast.BinOp), *site.nodes(ast.For, ast.Call)]:
        parts: list[ast.expr | None] = [
            getattr(node, "value", None), getattr(node, "left", None), getattr(node, "iter", None), *getattr(node, "args", ())
        ]  # fmt: skip
        for part in parts:
            if isinstance(part, ast.Call):
                yield from _mended(site, part)


def _mended(site: Site, call: ast.Call) -> Iterator[Candidate]:
    """What a call that gives None should be instead, in the middle of an expression."""
    in_place = next((each for each in call.keywords if each.arg == "inplace"), None)
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    parent = site.parents.get(call)
    if in_place is not None and getattr(in_place.value, "value", None) is True:
        source = site.splice([site.without_argument(in_place)])
        yield from site.candidate("none", "Remove `inplace=True`, which makes the result None", source)
    elif isinstance(call.func, ast.Attribute) and name == "sort":
        arguments = "".join(f", {site.text(each)}" for each in call.keywords)
        source = site.splice([(call, f"sorted({site.text(call.func.value)}{arguments})")])
        yield from site.candidate("none", "Use `sorted`: `.sort()` returns None", source)
    elif isinstance(call.func, ast.Attribute) and name == "reverse":
        source = site.splice([(call, f"{site.text(call.func.value)}[::-1]")])
        yield from site.candidate("none", "Use `[::-1]`: `.reverse()` returns None", source)
    elif (
        name == "print"
        and isinstance(call.func, ast.Name)
        and call.args
        and isinstance(parent, (ast.BinOp, ast.Attribute))
    ):
        whole: ast.AST = parent
        while isinstance(site.parents.get(whole), (ast.BinOp, ast.Attribute, ast.Call)):
            whole = site.parents[whole]
        end = site.span(call)[1] - 1
        rest = site.cell.source[site.span(call)[1] : site.span(whole)[1]]
        source = site.splice([((end, site.span(whole)[1]), f"{rest})")])
        yield from site.candidate("none", "Move the end of `print(…)` behind the whole text", source)
    else:
        yield from _no_return(site, name)


def _stored(site: Site, statement: ast.stmt, name: str) -> Iterator[Candidate]:
    """What an assignment of None should be instead."""
    call = getattr(statement, "value", None)
    if not isinstance(call, ast.Call):
        return
    method = getattr(call.func, "attr", getattr(call.func, "id", ""))
    owner = site.text(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    in_place = any(each.arg == "inplace" for each in call.keywords)
    if in_place or method == "sort" or (method == "reverse" and owner != name):
        yield from _mended(site, call)
    elif method in RETURNS_NONE and owner == name:
        source = site.splice([(statement, site.text(call))])
        yield from site.candidate("none", f"Call `.{method}()` alone: it returns None", source)
    elif method == "shuffle" and call.args:
        argument = site.text(call.args[0])
        if argument == name:
            source = site.splice([(statement, site.text(call))])
        else:
            sample = f"{owner}.sample({argument}, len({argument}))" if owner else f"sample({argument}, len({argument}))"
            source = site.splice([(call, sample)])
        yield from site.candidate("none", "Shuffle in place: `shuffle` returns None", source)
    elif method in ("append", "add", "extend") and owner and len(call.args) == 1:
        argument = site.text(call.args[0])
        joined = (
            f"{owner} | {{{argument}}}" if method == "add" else f"[*{owner}, {'*' * (method == 'extend')}{argument}]"
        )
        source = site.splice([(call, joined)])
        yield from site.candidate("none", f"Make a new one, `{joined}`: `.{method}()` returns None", source)
    elif method == "print" and call.args:
        source = site.splice([(call, site.text(call.args[0]))])
        yield from site.candidate("none", "Store the text: `print` returns None", source, "guess")
    elif method in ("update",) and owner and len(call.args) == 1:
        source = site.splice([(call, f"{{**{owner}, **{site.text(call.args[0])}}}")])
        yield from site.candidate("none", "Make a new dict: `.update()` returns None", source)
    else:
        yield from _no_return(site, method)


def _no_return(site: Site, name: str) -> Iterator[Candidate]:
    """A function of the notebook that ends without `return`: what it makes last is what it should give."""
    cells = [site.cell, *reversed(site.request.notebook.above(site.cell.id))]
    for cell in cells:
        here = Site(site.request, cell, None)
        for node in reversed(here.everywhere(ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name != name:
                continue
            own = [each for each in ast.walk(node) if isinstance(each, ast.Return) and each.value is not None]
            last = node.body[-1]
            if isinstance(last, ast.Expr) and not own and not isinstance(last.value, ast.Constant):
                called = last.value if isinstance(last.value, ast.Call) else None
                if called is not None and getattr(called.func, "id", "") == "print" and len(called.args) == 1:
                    source = here.splice([(last, f"return {here.text(called.args[0])}")])
                    yield from here.candidate("none", f"Let `{name}` return what it prints", source, "guess")
                elif called is not None and getattr(called.func, "attr", "") in RETURNS_NONE:
                    owner = here.text(called.func.value)  # type: ignore[attr-defined]
                    source = here.splice([here.after(last, f"return {owner}")])
                    yield from here.candidate("none", f"Let `{name}` return `{owner}`", source)
                else:
                    start = here.span(last)[0]
                    source = here.splice([((start, start), "return ")])
                    yield from here.candidate("none", f"Let `{name}` return its last value", source)
            elif isinstance(last, ast.Return) and last.value is None:
                return
            else:
                yield from _returned(here, node)
            return


def _returned(site: Site, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Candidate]:
    """Return what the function's body stores last."""
    stored = [
        target.id
        for each in node.body
        for statement in (
            each,
            *(getattr(each, "body", ()) if isinstance(each, (ast.For, ast.With, ast.While)) else ()),
        )
        if isinstance(statement, (ast.Assign, ast.AugAssign))
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name)
    ]
    last = node.body[-1]
    if isinstance(last, (ast.Assign, ast.AugAssign)):
        target = last.targets[0] if isinstance(last, ast.Assign) else last.target
        while isinstance(target, (ast.Subscript, ast.Attribute)):
            target = target.value
        stored += [target.id] if isinstance(target, ast.Name) else []
    for loop in (each for each in node.body if isinstance(each, (ast.For, ast.While))):
        for call in (each for each in ast.walk(loop) if isinstance(each, ast.Call)):
            if getattr(call.func, "attr", "") in RETURNS_NONE and isinstance(
                getattr(call.func, "value", None), ast.Name
            ):
                stored.append(call.func.value.id)  # type: ignore[attr-defined]
    if stored:
        source = site.splice([site.after(last, f"return {stored[-1]}")])
        if isinstance(last, (ast.For, ast.While, ast.With, ast.If)):
            source = site.splice([_below(site, node, f"return {stored[-1]}")])
        yield from site.candidate("none", f"Let `{node.name}` return `{stored[-1]}`", source)


def _below(site: Site, node: ast.FunctionDef | ast.AsyncFunctionDef, line: str) -> Change:
    """The change that ends a function's body with a line."""
    return site.after(node.body[-1], line)


def no_match(request: FixRequest) -> Iterator[Candidate]:
    """`re.match` looks at the beginning only, `re.search` everywhere (docs.python.org, search() vs. match())."""
    if not re.search(
        r"'NoneType' object (has no attribute '(group|groups|start|end|span|groupdict)'|is not subscriptable)",
        request.failure.evalue,
    ):
        return
    site = Site.innermost(request)
    places = [(site, site.statement), *((there, made) for n in site.nodes(ast.Name) for there, made in site.made(n.id))]
    for there, statement in places:
        for call in (each for each in ast.walk(statement) if isinstance(each, ast.Call)) if statement else ():
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("match", "fullmatch"):
                source = there.splice([(there.attribute_span(call.func), "search")])
                yield from there.candidate(
                    "none", "Use `search`, which looks further than the beginning", source, "guess"
                )
                return
