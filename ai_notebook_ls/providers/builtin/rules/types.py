"""TypeError: values that do not go together."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site

NUMBERS = frozenset({"int", "float", "numpy.int64", "numpy.float64", "numpy.int32", "numpy.float32", "complex", "bool"})
LAZY = "dict_keys|dict_values|dict_items|zip|map|filter|generator|set|enumerate|reversed|odict_keys"


def text_plus_number(request: FixRequest) -> Iterator[Candidate]:
    """`"age: " + age`: text joins only text, so the other operand has to become text (Python tutorial, 3.1.2)."""
    message = request.failure.evalue
    left_is_text = re.search(r'can only concatenate str \(not "(.+)"\) to str|must be str, not (.+)', message)
    right_is_text = re.search(r"unsupported operand type\(s\) for \+=?: '(.+)' and 'str'", message)
    if not (left_is_text or right_is_text) or "NoneType" in message:
        return
    site = Site.innermost(request)
    statement = site.statement
    if left_is_text and isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        yield from _as_text(site, [statement.value])
        return
    for node in site.nodes(ast.BinOp):
        terms = _terms(node)
        others = [each for each in terms if not _is_text(site, each)]
        known = [each for each in others if site.type_of(each) and site.type_of(each) != "str"]
        if isinstance(node.op, ast.Add) and any(_is_text(site, each) for each in terms) and others:
            if right_is_text and _looks_numeric(site, terms):
                return
            yield from _as_text(site, known or others)
            return
    for node in site.nodes(ast.BinOp):
        if left_is_text and isinstance(node.op, ast.Add):
            yield from _as_text(site, [node.right])
            return


def _terms(node: ast.expr) -> list[ast.expr]:
    """The terms of a sum, left to right."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_terms(node.left), *_terms(node.right)]
    return [node]


def _is_text(site: Site, node: ast.expr) -> bool:
    if site.type_of(node) == "str":
        return True
    called = node.func if isinstance(node, ast.Call) else None
    return getattr(called, "id", None) in ("str", "input", "repr", "format") or getattr(called, "attr", None) in (
        "join",
        "format",
        "upper",
        "lower",
        "strip",
    )


def _looks_numeric(site: Site, terms: list[ast.expr]) -> bool:
    """Whether the text in a sum comes from `input()` or looks like a number, so that a number may have been meant."""
    return not any(isinstance(each, (ast.Constant, ast.JoinedStr)) and _is_text(site, each) for each in terms)


def _as_text(site: Site, nodes: list[ast.expr]) -> Iterator[Candidate]:
    source = site.splice((node, f"str({_inner(site, node)})") for node in nodes)
    shown = ", ".join(f"`{site.text(node)}`" for node in nodes)
    yield from site.candidate("types", f"Turn {shown} into text with `str()`", source, "likely")


def _inner(site: Site, node: ast.expr) -> str:
    return site.text(node)


def text_as_number(request: FixRequest) -> Iterator[Candidate]:
    """Arithmetic with text that holds a number, from `input()` or a file: which number it is, only the user knows."""
    message = request.failure.evalue
    operator = re.search(
        r"unsupported operand type\(s\) for ([-+*/%]|//|\*\*|[-+*/]=)[^:]*: '(\w+)' and '(\w+)'"
        r"|('[<>]=?') not supported between instances of '(\w+)' and '(\w+)'"
        r"|can't multiply sequence by non-int of type '(float|str|numpy.float64)'|not all arguments converted",
        message,
    )
    if not operator or ("str" not in message and "sequence" not in message):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.BinOp, ast.Compare, ast.AugAssign):
        operands = (
            [node.left, node.right] if isinstance(node, ast.BinOp)
            else [node.left, *node.comparators] if isinstance(node, ast.Compare)
            else [node.value]
        )  # fmt: skip
        texts = [each for each in operands if site.type_of(each) == "str" or _is_input(each)]
        if texts and not any(isinstance(each, ast.Constant) and not _is_number(each.value) for each in texts):
            source = site.splice((each, f"float({site.text(each)})") for each in texts)
            shown = ", ".join(f"`{site.text(each)}`" for each in texts)
            yield from site.candidate("types", f"Read {shown} as a number with `float()`", source, "guess")
            return


def _is_input(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", None) == "input"


def _is_number(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value) is not None


def join_numbers(request: FixRequest) -> Iterator[Candidate]:
    """`", ".join(numbers)`: join takes text only (docs.python.org, str.join)."""
    if "expected str instance" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "join" and len(node.args) == 1:
            argument = node.args[0]
            if isinstance(argument, (ast.GeneratorExp, ast.ListComp)):
                source = site.splice([(argument.elt, f"str({site.text(argument.elt)})")])
            else:
                source = site.splice([(argument, f"map(str, {site.text(argument)})")])
            yield from site.candidate("types", "Turn each item into text before joining", source, "likely")
            return


def unhashable(request: FixRequest) -> Iterator[Candidate]:
    """A list as key or in a set: a tuple can be one (Python glossary, "hashable")."""
    found = re.search(r"unhashable type: '(list|set|dict)'", request.failure.evalue)
    if not found:
        return
    site = Site.innermost(request)
    places: list[ast.expr | None] = []
    for node in site.nodes(ast.Dict, ast.Set, ast.Subscript, ast.Call):
        if isinstance(node, ast.Dict):
            places += node.keys
        elif isinstance(node, ast.Set):
            places += node.elts
        elif isinstance(node, ast.Subscript):
            places.append(node.slice)
        elif getattr(node.func, "attr", "") == "add":
            places += node.args
    lists = {site.span(place): place for place in places if isinstance(place, ast.List)}
    if lists and found[1] == "list":
        source = site.splice((span, _as_tuple(site, place)) for span, place in lists.items())
        yield from site.candidate("types", "Use a tuple, which can be a key", source, "likely")
        return
    for place in places:
        if place is not None and site.type_of(place) == found[1] != "dict":
            kind = "tuple" if found[1] == "list" else "frozenset"
            source = site.splice([(place, f"{kind}({site.text(place)})")])
            yield from site.candidate("types", f"Use a {kind}, which can be a key", source, "likely")
            return


def _as_tuple(site: Site, node: ast.List) -> str:
    return "(" + ", ".join(site.text(each) for each in node.elts) + ("," if len(node.elts) == 1 else "") + ")"


def lazy_as_list(request: FixRequest) -> Iterator[Candidate]:
    """`d.keys()[0]`, `zip(a, b)[1]`, `len(map(f, xs))`: views and iterators are no lists (What's new in Python 3.0)."""
    found = re.search(
        rf"'({LAZY})' object (?:is not subscriptable|is not reversible)|object of type '({LAZY})' has no len",
        request.failure.evalue,
    )
    if not found:
        return
    site = Site.innermost(request)
    kind = found[1] or found[2]
    for node in site.nodes(ast.Subscript, ast.Call):
        argument = (
            node.value
            if isinstance(node, ast.Subscript)
            else (node.args[0] if node.args and getattr(node.func, "id", "") in ("len", "reversed") else None)
        )
        if argument is not None and (site.type_of(argument) in (kind, "") or isinstance(argument, ast.Call)):
            wrap = "sorted" if kind == "set" else "list"
            source = site.splice([(argument, f"{wrap}({site.text(argument)})")])
            yield from site.candidate(
                "types", f"Make a list of `{site.text(argument)}` first", source, "guess" if kind == "set" else "likely"
            )
            return


def lazy_where_made(request: FixRequest) -> Iterator[Candidate]:
    """`vals = map(f, xs)` above: what is used as a list is made one where it is made (What's new in Python 3.0)."""
    if not re.search(
        rf"'({LAZY})' object is not (subscriptable|reversible)|type '({LAZY})' has no len", request.failure.evalue
    ):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Name):
        for there, statement in site.made(node.id):
            value = getattr(statement, "value", None)
            if re.fullmatch(LAZY, site.type_of(node)) and isinstance(value, (ast.Call, ast.GeneratorExp)):
                wrap = "sorted" if site.type_of(node) == "set" else "list"
                inner = there.text(value)
                inner = inner[1:-1] if isinstance(value, ast.GeneratorExp) and inner.startswith("(") else inner
                source = there.splice([(value, f"{wrap}({inner})")])
                yield from there.candidate(
                    "types", f"Make `{node.id}` a list", source, "guess" if wrap == "sorted" else "likely"
                )
                return
            break


def whole_number_wanted(request: FixRequest) -> Iterator[Candidate]:
    """`range(n / 2)`: division gives a float; `//` gives a whole number (PEP 238)."""
    message = request.failure.evalue
    if not re.search(
        r"'(numpy\.)?float(64)?' object cannot be interpreted as an integer|(indices|index) must be integers"
        r"|can't multiply sequence by non-int of type 'float'|(only integers|only integer scalar)"
        r"|integer argument expected, got float",
        message,
    ):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.BinOp):
        if isinstance(node.op, ast.Div):
            left, right = site.span(node.left)[1], site.span(node.right)[0]
            at = left + site.cell.source[left:right].index("/")
            yield from site.candidate(
                "types", "Divide with `//`, which gives a whole number", site.splice([((at, at + 1), "//")]), "likely"
            )
            return
    floats = [
        each
        for each in site.nodes(ast.Name, ast.Constant, ast.Call)
        if site.type_of(each) in ("float", "numpy.float64")
    ]
    for number in floats:
        text = site.text(number)
        parent = site.parents.get(number)
        sides = [parent.left, parent.right] if isinstance(parent, ast.BinOp) else []
        others = [each for each in sides if each is not number]
        if "sequence by" in message and any(site.type_of(each) != "str" for each in others):
            return  # arithmetic with all of its items is meant
        if isinstance(number, ast.Constant):
            if isinstance(number.value, float) and number.value.is_integer():
                yield from site.candidate(
                    "types",
                    f"Write `{int(number.value)}` for `{text}`",
                    site.splice([(number, str(int(number.value)))]),
                    "likely",
                )
                return
            continue
        yield from site.candidate(
            "types", f"Round `{text}` down with `int()`", site.splice([(number, f"int({text})")]), "guess"
        )
        return


def number_not_iterable(request: FixRequest) -> Iterator[Candidate]:
    """`for i in 10`, `for i in len(xs)`: a loop over numbers needs `range` (Python tutorial, 4.3)."""
    if not re.search(r"'(numpy\.)?int(64)?' object is not iterable", request.failure.evalue):
        return
    site = Site.innermost(request)
    loops = [node.iter for node in site.nodes(ast.For, ast.comprehension)]
    for node in loops:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("enumerate", "list", "zip", "sum"):
            continue
        yield from site.candidate(
            "types",
            f"Loop over `range({site.text(node)})`",
            site.splice([(node, f"range({site.text(node)})")]),
            "likely",
        )
        return


def add_item_to_list(request: FixRequest) -> Iterator[Candidate]:
    """`xs + 1`, `xs + (1, 2)`: a list is joined with a list only."""
    found = re.search(r'can only concatenate (list|tuple) \(not "(.+)"\)', request.failure.evalue)
    if not found:
        return
    site = Site.innermost(request)
    open_, close = ("[", "]") if found[1] == "list" else ("(", ",)")
    convert = found[2] in ("list", "tuple", "set", "range")
    for node in site.nodes(ast.BinOp):
        if isinstance(node.op, ast.Add):
            text = site.text(node.right)
            new = f"{found[1]}({text})" if convert else f"{open_}{text}{close}"
            yield from site.candidate("types", f"Join with `{new}`", site.splice([(node.right, new)]), "likely")
            return


def json_of_numpy(request: FixRequest) -> Iterator[Candidate]:
    """`json.dumps` knows plain Python values only; `default` says what to do with others (docs.python.org, json)."""
    found = re.search(r"Object of type (\w+) is not JSON serializable", request.failure.evalue)
    if not found:
        return
    how = {"ndarray": "lambda value: value.tolist()", "set": "list"}.get(found[1])
    how = how or ("lambda value: value.item()" if re.match(r"(u?int|float|bool)\d*_?$", found[1]) else "str")
    site = Site.innermost(request)
    for site in Site.all(request):
        for node in site.nodes(ast.Call):
            named = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if named in ("dumps", "dump") and not any(each.arg == "default" for each in node.keywords):
                end = site.span(node)[1] - 1
                source = site.splice([((end, end), f", default={how}")])
                yield from site.candidate("types", f"Tell `{named}` how to write a {found[1]}", source, "likely")
                return
