"""Signs between values: brackets that `&` needs, commas too many or too few, operators that a type does not have.

Sources: Python reference, "Operator precedence"; pandas user guide, "Boolean indexing".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site

NO_ARITHMETIC = (
    r"for [-*/%]{1,2}=?( or pow\(\))?: ('list' and '(int|float)'|'(int|float)' and 'list')|bad operand type for unary -: 'list'"
    r"|sequence by non-int of type 'float'|'[<>]=?' not supported between instances of 'list' and '(int|float)'"
)
"""How Python says that a list is no number."""
FUNCTION_AS_ITEMS = (
    r"'(type|builtin_function_or_method|function|method)' object is not iterable|must support iteration"
    r"|object is not callable"
)


def brackets_around_conditions(request: FixRequest) -> Iterator[Candidate]:
    """`df[df.a > 1 & df.b < 2]`: `&` binds tighter than a comparison, so each one needs brackets."""
    if not re.search(r"for [&|^]|truth value|rand_|ror_|and_|or_|Cannot perform|bitwise", request.failure.evalue):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Compare):
        parts = [node.left, *node.comparators]
        if not any(isinstance(each, ast.BinOp) and isinstance(each.op, (ast.BitAnd, ast.BitOr)) for each in parts):
            continue
        start, end = site.span(node)
        cuts = [start]
        marks = []
        for each in (found for part in parts for found in _splits(part)):
            left, right = site.span(each.left)[1], site.span(each.right)[0]
            at = left + re.search(r"[&|]", site.cell.source[left:right]).start()  # type: ignore[union-attr]
            marks.append(at)
        text, last = "", cuts[0]
        for at in sorted(marks):
            text += f"({site.cell.source[last:at].strip()}) {site.cell.source[at]} "
            last = at + 1
        text += f"({site.cell.source[last:end].strip()})"
        yield from site.candidate(
            "operators", "Put each condition in brackets", site.splice([((start, end), text)]), "certain"
        )
        return


def _splits(node: ast.expr) -> Iterator[ast.BinOp]:
    """The `&` and `|` of an expression that stand between comparisons."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
        yield from _splits(node.left)
        yield node
        yield from _splits(node.right)


def comma_left_out(request: FixRequest) -> Iterator[Candidate]:
    """`[(1, 2) (3, 4)]`, `[[1, 2] [3, 4]]`: a value right behind another is called, or taken as its index."""
    if not re.search(r"object is not callable|indices must be integers|not subscriptable", request.failure.evalue):
        return
    site = Site.innermost(request)
    literal = (ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Constant, ast.JoinedStr)
    changes = []
    for node in site.nodes(ast.Call, ast.Subscript):
        first = node.func if isinstance(node, ast.Call) else node.value
        inside = isinstance(site.parents.get(node), (ast.List, ast.Tuple, ast.Set, ast.Call, ast.Subscript))
        number = isinstance(first, ast.Constant) and isinstance(first.value, (int, float))
        if isinstance(first, literal) and inside and not number:
            changes.append(((site.span(first)[1],) * 2, ","))
        elif isinstance(node, ast.Call) and (number or isinstance(first, ast.BinOp)):
            at = site.span(node)[0] if number else site.cell.source.index("(", site.span(first)[1])
            at = site.cell.source.index("(", site.span(first)[1])
            yield from site.candidate("operators", "Multiply with `*`", site.splice([((at, at), " * ")]))
            return
    if changes:
        yield from site.candidate("operators", "Add the missing comma", site.splice(changes), "certain")


def stray_comma(request: FixRequest) -> Iterator[Candidate]:
    """`x = 5,` makes a tuple of one (Python tutorial, 5.3): the comma goes where the value was made."""
    if "tuple" not in request.failure.evalue and not re.search(
        r"sequence by non-int|Format|format", request.failure.evalue
    ):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Name):
        known = site.value(node)
        if known is None or known.type != "tuple" or known.length != 1:
            continue
        for there, statement in site.made(node.id):
            value = getattr(statement, "value", None)
            if isinstance(value, ast.Tuple) and len(value.elts) == 1:
                source = there.splice([(value, there.text(value.elts[0]))])
                yield from there.candidate("operators", f"Remove the comma that makes `{node.id}` a tuple", source)
            return


def joined_mappings(request: FixRequest) -> Iterator[Candidate]:
    """`a + b` of two dicts or sets is `a | b` (PEP 584; docs.python.org, set types)."""
    if not re.search(r"for \+=?: '(dict|set)' and '\1'", request.failure.evalue):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.BinOp, ast.AugAssign):
        if isinstance(node.op, ast.Add):
            left = node.left if isinstance(node, ast.BinOp) else node.target
            right = node.right if isinstance(node, ast.BinOp) else node.value
            start, end = site.span(left)[1], site.span(right)[0]
            text = site.cell.source[start:end].replace("+", "|")
            yield from site.candidate("operators", "Join them with `|`", site.splice([((start, end), text)]))
            return


def list_as_array(request: FixRequest) -> Iterator[Candidate]:
    """Arithmetic with a list, item by item, as arrays do it (numpy.asarray)."""
    message = request.failure.evalue
    if not re.search(NO_ARITHMETIC, message):
        return
    site = Site.innermost(request)
    alias = next((name for name in ("np", "numpy") if name in site.known_names), None)
    for node in site.nodes(ast.BinOp, ast.UnaryOp, ast.Compare):
        operands = (
            [node.left, node.right]
            if isinstance(node, ast.BinOp)
            else [node.operand]
            if isinstance(node, ast.UnaryOp)
            else [node.left]
        )
        lists = [each for each in operands if site.type_of(each) == "list" or isinstance(each, ast.List)]
        if not lists:
            continue
        source = site.splice([(lists[0], f"{alias or 'np'}.array({site.text(lists[0])})")])
        if alias is None:
            source = site.with_import("import numpy as np", source)
        yield from site.candidate("operators", f"Compute with `{site.text(lists[0])}` as an array", source)
        return


def fixed_item(request: FixRequest) -> Iterator[Candidate]:
    """An item of a text or a tuple cannot be replaced: a new one is made (docs.python.org, immutable sequence types)."""
    said = re.search(
        r"'(tuple|range|str|map|zip|filter)' object does not support item assignment", request.failure.evalue
    )
    if not said or said[1] == "str":
        return
    for site in Site.all(request):
        names = [node.value for node in site.nodes(ast.Subscript) if isinstance(node.value, ast.Name)]
        names += [each for call in site.nodes(ast.Call) for each in call.args if isinstance(each, ast.Name)]
        for name in names:
            for there, statement in site.made(name.id):
                value = getattr(statement, "value", None)
                if value is not None:
                    inner = there.text(value)
                    text = (
                        f"[{inner.strip()[1:-1]}]"
                        if isinstance(value, ast.Tuple) and inner.startswith("(")
                        else f"list({inner})"
                    )
                    yield from there.candidate(
                        "operators", f"Make `{name.id}` a list, which can be changed", there.splice([(value, text)])
                    )
                return


def values_of_format(request: FixRequest) -> Iterator[Candidate]:
    """A format for numbers with a text, or of whole numbers with a fraction (docs.python.org, Format Specification)."""
    said = re.search(
        r"Unknown format code '(.)' for object of type '(\w+)'|%d format: a real number is required, not str",
        request.failure.evalue,
    )
    if not said:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.JoinedStr):  # before Python 3.12 its fields do not know where they stand
        text, code = site.text(node), said[1] or "d"
        fields = list(re.finditer(rf"\{{([^{{}}:]+):([^{{}}]*){code}\}}", text))
        if len(fields) == 1 and said[2] == "float" and code == "d":
            new = f"{text[: fields[0].end() - 2]}.0f}}{text[fields[0].end() :]}"
            yield from site.candidate(
                "operators", "Use the format `.0f`, for a number with a fraction", site.splice([(node, new)])
            )
        elif len(fields) == 1 and said[2] == "str":
            start, end = fields[0].span(1)
            new = f"{text[:start]}float({text[start:end]}){text[end:]}"
            yield from site.candidate(
                "operators", f"Read `{text[start:end]}` as a number", site.splice([(node, new)]), "guess"
            )
        return


def types_in_a_list(request: FixRequest) -> Iterator[Candidate]:
    """`isinstance(x, [int, str])`: several types are a tuple (docs.python.org, isinstance)."""
    if "arg 2 must be a type" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        if (
            getattr(call.func, "id", "") in ("isinstance", "issubclass")
            and len(call.args) == 2
            and isinstance(call.args[1], ast.List)
        ):
            inner = site.text(call.args[1])[1:-1]
            yield from site.candidate(
                "operators", "Give the types as a tuple", site.splice([(call.args[1], f"({inner})")]), "certain"
            )
            return


def swapped_arguments(request: FixRequest) -> Iterator[Candidate]:
    """`map(xs, f)`: the function comes first (docs.python.org, map, filter, reduce)."""
    if not re.search(FUNCTION_AS_ITEMS, request.failure.evalue):
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in ("map", "filter", "reduce") and len(call.args) == 2:
            one, other = call.args
            functions = (ast.Lambda, ast.Name, ast.Attribute)
            if isinstance(other, functions) and not isinstance(one, ast.Lambda):
                source = site.splice([(one, site.text(other)), (other, site.text(one))])
                yield from site.candidate("operators", f"Give `{name}` the function first", source)
                return
