"""Values that are wrong where they were made: the change is proposed there, in a cell above.

Each cause is one that the kernel's evidence shows: the type, keys or texts that a name has now are not those that the
failing statement needs, and one statement above made them so. Sources: Python tutorial, 4.2 (a loop's variable stays);
docs.python.org, io (line ends) and str; pandas user guide, "Reshaping" and DataFrame.to_numpy.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from ai_notebook_ls.core.candidates import Candidate, Confidence
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.rules.attributes import missing_attribute
from ai_notebook_ls.providers.builtin.rules.keys import missing_key
from ai_notebook_ls.providers.builtin.site import Site, column_name


def loop_took_over(request: FixRequest) -> Iterator[Candidate]:
    """`for df in files:` above: a loop's variable stays after it, and hides what the name was before."""
    site = Site.innermost(request)
    for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)):
        for there in _above(site):
            loops = [
                each
                for each in there.everywhere(ast.For)
                if _top(there, each) and name in _names(each.target, ast.Store)
            ]
            if not loops:
                if _assigns(there, name):
                    break
                continue
            before = Site(request, there.cell, loops[-1].lineno - 1)
            if next(before.made(name), None) is None or _read_after(there, loops[-1], name):
                break
            new = next(each for each in ("each", "item", f"each_{name}") if not site.has(each))
            inside = [node for node in ast.walk(loops[-1]) if isinstance(node, ast.Name) and node.id == name]
            source = there.splice((node, new) for node in inside)
            yield from there.candidate("upstream", f"Call the loop's variable `{new}`: it hides `{name}`", source)
            return


def array_in_place_of_table(request: FixRequest) -> Iterator[Candidate]:
    """`df = df.values` above: an array has no column names (pandas.DataFrame.to_numpy)."""
    site = Site.innermost(request)
    if not re.search(r"only integers, slices|'numpy\.ndarray' object has no attribute", site.message):
        return
    owner, wanted = missing_attribute(request)
    owners = [
        node.value
        for node in site.nodes(ast.Subscript, ast.Attribute)
        if isinstance(node.value, ast.Name) and (not owner or column_name(node) == wanted)
    ]
    for name in dict.fromkeys(node.id for node in owners if isinstance(node, ast.Name)):
        if not site.known_names.get(name, "").endswith("ndarray"):
            continue
        for there, statement in site.made(name):
            value = getattr(statement, "value", None)
            called = value.func if isinstance(value, ast.Call) and not value.args else value
            if isinstance(called, ast.Attribute) and called.attr in ("values", "to_numpy"):
                inner = called.value
                end = there.span(inner)[1]
                closing = re.match(r"\s*\)*", there.cell.source[end:])
                stop = end + (closing.end() if closing else 0)
                source = there.splice([((stop, there.span(value)[1]), "")]) if value is not None else ""
                title = f"Keep `{name}` a table: `.{called.attr}` loses the names of its columns"
                yield from there.candidate("upstream", title, source)
            break


def key_made_otherwise(request: FixRequest) -> Iterator[Candidate]:
    """A key was built above with a line end, in other letters or from a float: `"DE"`, `"12.0"`."""
    key, site = missing_key(request), Site.innermost(request)
    if key is None:
        return
    for offer in site.offers("keys"):
        ways = [way for way in WAYS if key in {way[0](each) for each in offer.names}]
        if not offer.expression.isidentifier() or not ways:
            continue
        same, call, undone = ways[0]
        rivals = [each for each in offer.names if same(each) == key]
        sure: Confidence = "likely" if len(rivals) == 1 else "guess"
        for there in [site, *_above(site)]:
            node = _key_of(there, offer.expression)
            if node is None:
                continue
            method = node.func if isinstance(node, ast.Call) and not node.args else None
            inner = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else None
            if call == "int":
                if inner is None or getattr(node.func, "id", "") != "str":  # type: ignore[attr-defined]
                    return
                source = there.splice([(inner, f"int({there.text(inner)})")])
            elif isinstance(method, ast.Attribute) and method.attr in undone:
                source = there.splice([(node, there.text(method.value))])
            else:
                source = there.splice([(node, f"{there.text(node)}.{call}()")])
            yield from there.candidate("upstream", f"Make the keys of `{offer.expression}` like {key!r}", source, sure)
            return


WAYS: tuple[tuple[Callable[[str], str], str, tuple[str, ...]], ...] = (
    (str.strip, "strip", ()),
    (str.lower, "lower", ("upper", "title", "capitalize")),
    (str.upper, "upper", ("lower", "title", "capitalize", "casefold")),
    (lambda text: re.sub(r"^(-?\d+)\.0$", r"\1", text), "int", ()),
)
"""How a key that is there becomes the one that is asked for, the call that does it, and calls that had undone it."""


def _key_of(site: Site, name: str) -> ast.expr | None:
    """The expression that makes the keys of a dict: `d[key] = …`, `d = {key: …}`."""
    for node in reversed(site.everywhere(ast.Assign)):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and getattr(target.value, "id", "") == name:
                return None if isinstance(target.slice, ast.Constant) else target.slice
            if isinstance(target, ast.Name) and target.id == name and isinstance(node.value, ast.DictComp):
                return node.value.key
    return None


def text_filled_in(request: FixRequest) -> Iterator[Candidate]:
    """`amounts.append(line)` above: what is read from a file is text, and numbers are wanted (Python tutorial, 7.2)."""
    site = Site.innermost(request)
    if not re.search(
        r"'int' and 'str'|'str' and 'int'|'float' and 'str'|'str' and 'float'|must be real number", site.message
    ):
        return
    for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)):
        known = site.value(name)
        if known is None or known.items != "str" or known.texts.looks != "number":
            continue
        for there in [site, *_above(site)]:
            for call in there.everywhere(ast.Call):
                if (
                    isinstance(call.func, ast.Attribute)
                    and call.func.attr == "append"
                    and there.text(call.func.value) == name
                    and call.args
                ):
                    source = there.splice([(call.args[0], f"float({there.text(call.args[0])})")])
                    yield from there.candidate("upstream", f"Fill `{name}` with numbers", source)
                    return
            if _assigns(there, name):
                break


def text_for_a_date(request: FixRequest) -> Iterator[Candidate]:
    """`last = "2024-02-01"` above, where a date or time is to be compared or subtracted (date.fromisoformat)."""
    site = Site.innermost(request)
    found = re.search(r"'(datetime\.datetime|datetime\.date)'", site.message)
    if not found or "'str'" not in site.message:
        return
    kind = found[1].rpartition(".")[2]
    called = next((each for each in (kind, found[1]) if site.has(each.partition(".")[0])), None)
    if called == kind and site.known_names.get(kind) == "module":
        called = found[1]
    for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)):
        known = site.value(name)
        if called is None or known is None or known.type != "str" or known.texts.looks != "iso date":
            continue
        for there, statement in site.made(name):
            value = getattr(statement, "value", None)
            if isinstance(value, ast.Constant):
                source = there.splice([(value, f"{called}.fromisoformat({there.text(value)})")])
                yield from there.candidate("upstream", f"Make `{name}` a {kind}", source)
            break


def encoding_of_the_writer(request: FixRequest) -> Iterator[Candidate]:
    """A file that a cell above wrote in another encoding than it is read in: UTF-8 for both (docs.python.org, open)."""
    if request.failure.ename != "UnicodeDecodeError":
        return
    site = Site.innermost(request)
    paths = {node.value for node in site.everywhere(ast.Constant) if isinstance(node.value, str)}
    for there in _above(site):
        for call in there.everywhere(ast.Call):
            named = {
                node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
            own = next((each for each in call.keywords if each.arg == "encoding"), None)
            writes = getattr(call.func, "attr", "").startswith(("write", "to_")) or named & {"w", "a", "x", "wt", "w+"}
            if own is not None and writes and named & paths and "utf" not in there.text(own.value).lower():
                source = there.splice([(own.value, '"utf-8"')])
                yield from there.candidate("upstream", "Write the file in UTF-8, as it is read", source)
                return


def reshaped_over_itself(request: FixRequest) -> Iterator[Candidate]:
    """`df = df.pivot(…)` above: the new shape hides the table that this cell needs; it gets a name of its own."""
    key, site = missing_key(request), Site.innermost(request)
    for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)) if key else ():
        for there, statement in site.made(name):
            call = getattr(statement, "value", None)
            method = getattr(getattr(call, "func", None), "attr", "")
            targets = getattr(statement, "targets", [])
            own = (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and there.text(call.func.value) == name
            )
            texts = {node.value for node in ast.walk(statement) if isinstance(node, ast.Constant)}
            if own and method in RESHAPES and key in texts and len(targets) == 1:
                new = next(each for each in (RESHAPES[method], f"{name}_{RESHAPES[method]}") if not site.has(each))
                source = there.splice([(targets[0], new)])
                yield from there.candidate("upstream", f"Call the new shape `{new}`, and keep `{name}`", source)
            break


RESHAPES = {"pivot": "wide", "pivot_table": "wide", "unstack": "wide", "melt": "long", "stack": "long"}
"""Methods that give a table another shape -> what that is called."""


def nothing_left(request: FixRequest) -> Iterator[Candidate]:
    """A filter above compares with a text in other letters than the data have, and leaves nothing."""
    site = Site.innermost(request)
    if not re.search(r"empty|out of (range|bounds)|zero-size|No objects to concatenate", site.message):
        return
    for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)):
        known = site.value(name)
        if known is None or known.length != 0:
            continue
        for there, statement in site.made(name):
            compared = [
                right
                for node in ast.walk(statement)
                if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)
                for right in node.comparators
                if isinstance(right, ast.Constant) and isinstance(right.value, str)
            ]
            texts = _texts(request, there)
            for node in compared:
                if node.value in texts - {node.value}:
                    continue
                near = {
                    each
                    for each in texts
                    if each != node.value and each.strip().lower() == str(node.value).strip().lower()
                }
                for each in sorted(near):
                    sure: Confidence = "likely" if len(near) == 1 else "guess"
                    title = f"Compare with {each!r}, as the data have it: {node.value!r} leaves nothing in `{name}`"
                    quote = there.text(node)[-1]
                    yield from there.candidate("upstream", title, there.splice([(node, f"{quote}{each}{quote}")]), sure)
            break


def _texts(request: FixRequest, site: Site) -> set[str]:
    """The texts that the cells above write out as data."""
    return {
        node.value
        for cell in request.notebook.above(site.cell.id)
        for node in Site(request, cell, None).everywhere(ast.Constant)
        if isinstance(node.value, str)
    }


def default_that_leaves_nothing(request: FixRequest) -> Iterator[Candidate]:
    """`def newest(rows, limit=0): return rows[:limit]`: a default of 0 for the end of a slice leaves nothing."""
    site = Site.innermost(request)
    if not re.search(r"empty|out of (range|bounds)|zero-size", site.message):
        return
    for name in dict.fromkeys(getattr(call.func, "id", "") for call in site.nodes(ast.Call)):
        for there in [site, *_above(site)]:
            for function in (each for each in there.everywhere(ast.FunctionDef) if each.name == name):
                given = function.args.args[len(function.args.args) - len(function.args.defaults) :]
                ends = {
                    node.upper.id
                    for node in ast.walk(function)
                    if isinstance(node, ast.Slice) and node.lower is None and isinstance(node.upper, ast.Name)
                }
                for parameter, default in zip(given, function.args.defaults, strict=True):
                    if parameter.arg in ends and isinstance(default, ast.Constant) and default.value == 0:
                        source = there.splice([(default, "None")])
                        title = f"Let `{parameter.arg}` be None by default: 0 leaves nothing of the slice"
                        yield from there.candidate("upstream", title, source)
                        return


def _above(site: Site) -> list[Site]:
    """The cells above, the nearest first."""
    return [Site(site.request, cell, None) for cell in reversed(site.request.notebook.above(site.cell.id))]


def _top(site: Site, node: ast.AST) -> bool:
    """Whether a statement is in no function or class."""
    while (parent := site.parents.get(node)) is not None:
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return False
        node = parent
    return True


def _names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, context)}


def _assigns(site: Site, name: str) -> bool:
    return any(name in _names(target, ast.Store) for node in site.everywhere(ast.Assign) for target in node.targets)


def _read_after(site: Site, loop: ast.For, name: str) -> bool:
    """Whether the cell goes on with the loop's variable after the loop."""
    end = loop.end_lineno or loop.lineno
    return any(node.id == name and node.lineno > end for node in site.everywhere(ast.Name))
