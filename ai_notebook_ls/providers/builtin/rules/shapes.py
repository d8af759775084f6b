"""Shapes and places: arrays that do not fit each other, sequences given as several arguments, counting past the end.

Sources: numpy user guide, "Broadcasting"; the signatures of numpy's constructors.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site

TAKES_SHAPE = frozenset({"zeros", "ones", "empty", "full"})
TAKES_SIZES = frozenset({"rand", "randn", "eye", "reshape"})
TAKES_SEQUENCE = frozenset({
    "concatenate", "vstack", "hstack", "stack", "column_stack", "dstack", "concat", "array", "asarray", "DataFrame", "cat",
})  # fmt: skip


def shape_as_arguments(request: FixRequest) -> Iterator[Candidate]:
    """`np.zeros(2, 3)`: the shape is one argument, a tuple; of `np.rand` it is several (numpy.zeros, numpy.random.rand)."""
    message = request.failure.evalue
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        several = len(call.args) > 1 and all(site.type_of(each) in ("int", "") for each in call.args[:2])
        if name in TAKES_SHAPE and several and re.search(r"Cannot interpret|data type|positional argument", message):
            last = call.args[-2] if name == "full" else call.args[-1]
            start, end = site.span(call.args[0])[0], site.span(last)[1]
            source = site.splice([((start, start), "("), ((end, end), ")")])
            yield from site.candidate("shapes", "Give the shape as one tuple", source)
            return
        one = len(call.args) == 1 and isinstance(call.args[0], (ast.Tuple, ast.List))
        if name in TAKES_SIZES and one and "cannot be interpreted as an integer" in message:
            inner = ", ".join(site.text(each) for each in call.args[0].elts)  # type: ignore[attr-defined]
            source = site.splice([(call.args[0], inner)])
            yield from site.candidate("shapes", "Give the sizes one by one", source)
            return


def sequence_as_arguments(request: FixRequest) -> Iterator[Candidate]:
    """`np.concatenate(a, b)`, `np.array(1, 2)`, `max`-like calls the other way: what is joined comes as one list."""
    message = request.failure.evalue
    if not re.search(
        r"only integer scalar|only length-1 arrays|positional arguments? but|Field elements|Cannot (interpret|construct)"
        r"|first argument must be an iterable|interpreted as an integer|data type|must be a sequence"
        r"|needs at least one array|expected at most|takes exactly one|arrays to stack must be passed|zero-dimensional",
        message,
    ):
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        joins = name in TAKES_SEQUENCE or (
            name in ("sum", "set", "list", "tuple", "any", "all", "sorted") and len(call.args) > 1
        )
        if not joins or not call.args:
            continue
        if any(isinstance(each, ast.Starred) for each in call.args) or (len(call.args) < 2 and name != "concat"):
            continue
        if name in ("sum", "sorted") and not all(site.type_of(each) in ("int", "float", "") for each in call.args):
            continue
        start, end = site.span(call.args[0])[0], site.span(call.args[-1])[1]
        source = site.splice([((start, start), "["), ((end, end), "]")])
        yield from site.candidate("shapes", "Give what is joined as one list", source)
        return


def transposed(request: FixRequest) -> Iterator[Candidate]:
    """A matrix product whose inner sizes differ, and would not if one side were transposed."""
    if not re.search(r"matmul|mat1 and mat2|not aligned|shapes? .* cannot be multiplied", request.failure.evalue):
        return
    site = Site.innermost(request)
    pairs = [(each.left, each.right) for each in site.nodes(ast.BinOp) if isinstance(each.op, ast.MatMult)]
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") in ("dot", "matmul", "mm") and call.args:
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            if len(call.args) == 2:
                pairs.append((call.args[0], call.args[1]))
            elif owner is not None:
                pairs.append((owner, call.args[0]))
    for left, right in pairs:
        one, other = site.value(left), site.value(right)
        shapes = (one.shape, other.shape) if one and other else (None, None)
        if not shapes[0] or not shapes[1] or len(shapes[0]) > 2 or len(shapes[1]) > 2:
            continue
        fits = []
        if len(shapes[1]) == 2 and shapes[0][-1] == shapes[1][-1]:
            fits.append(right)
        if len(shapes[0]) == 2 and shapes[0][0] == shapes[1][0]:
            fits.append(left)
        for node in fits if len(fits) == 1 else ():  # of two that fit, nobody can know which is meant
            source = site.splice([(node, f"{site.text(node)}.T")])
            sure = "likely" if len(fits) == 1 else "guess"
            yield from site.candidate("shapes", f"Transpose `{site.text(node)}`", source, sure)  # type: ignore[arg-type]
        return


def one_more_axis(request: FixRequest) -> Iterator[Candidate]:
    """A vector of one value a row beside a matrix: an axis of length one lets it spread over the columns (Broadcasting)."""
    if "could not be broadcast together" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.BinOp):
        for small, large in ((node.left, node.right), (node.right, node.left)):
            one, other = site.value(small), site.value(large)
            if one is None or other is None or not one.shape or not other.shape:
                continue
            rows = len(one.shape) == 1 and len(other.shape) == 2 and one.shape[0] == other.shape[0] != other.shape[1]
            if rows and "numpy" in one.type:
                source = site.splice([(small, f"{site.text(small)}[:, None]")])
                yield from site.candidate("shapes", f"Let `{site.text(small)}` stand for the rows", source)
                return


def reshaped(request: FixRequest) -> Iterator[Candidate]:
    """`reshape(5, 2)` of 12 values: one of the sizes can be counted from the others with -1 (numpy.reshape)."""
    said = re.search(r"cannot reshape array of size (\d+) into shape \(([\d,]+)\)", request.failure.evalue)
    if not said:
        return
    site, size = Site.innermost(request), int(said[1])
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") != "reshape":
            continue
        given = call.args[0].elts if call.args and isinstance(call.args[0], (ast.Tuple, ast.List)) else call.args
        numbers = [each.value if isinstance(each, ast.Constant) else None for each in given]
        for place in range(len(given)):
            others = [n for i, n in enumerate(numbers) if i != place]
            rest = 1
            for each in others:
                rest *= each if isinstance(each, int) and each > 0 else 0
            if rest and size % rest == 0:
                source = site.splice([(given[place], "-1")])
                yield from site.candidate(
                    "shapes", f"Count the size at place {place + 1} from the rest", source, "guess"
                )
        return


def ragged(request: FixRequest) -> Iterator[Candidate]:
    """Rows of different lengths in one array: `dtype=object` keeps them as they are (NumPy 1.24 release notes)."""
    if "inhomogeneous" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        name = getattr(call.func, "attr", "")
        if name in ("array", "asarray") and not any(each.arg == "dtype" for each in call.keywords):
            source = site.splice([site.with_argument(call, "dtype=object")])
            yield from site.candidate("shapes", "Keep rows of different lengths, with `dtype=object`", source, "guess")
            return


def past_the_end(request: FixRequest) -> Iterator[Candidate]:
    """`xs[len(xs)]`, `range(len(xs) + 1)`, `while i <= len(xs)`, `xs[i + 1]` in a loop over all: one place too far."""
    if not re.search(r"IndexError|KeyError", request.failure.ename):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Subscript):
        owner = site.text(node.value).removesuffix(".iloc")
        if isinstance(node.slice, ast.Call) and re.fullmatch(rf"len\({re.escape(owner)}\)", site.text(node.slice)):
            source = site.splice([(node.slice, f"{site.text(node.slice)} - 1")])
            yield from site.candidate("shapes", "Take the last item, one place earlier", source)
            return
    yield from _loop_too_long(site)


SIZE = r"len\(.+\)|.+\.shape\[\d\]|.+\.size"


def _loop_too_long(site: Site) -> Iterator[Candidate]:
    indexes = [node.slice for node in site.nodes(ast.Subscript)]
    parts = [part for index in indexes for part in (index.elts if isinstance(index, ast.Tuple) else [index])]
    for loop in site.everywhere(ast.While):
        test = loop.test
        if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.LtE):
            continue
        if re.fullmatch(SIZE, site.text(test.comparators[0])) and isinstance(test.left, ast.Name):
            start, end = site.span(test.left)[1], site.span(test.comparators[0])[0]
            source = site.splice([((start, end), " < ")])
            yield from site.candidate("shapes", "Stop the loop at the last item, with `<`", source)
            return
    for each in site.everywhere(ast.For, ast.comprehension):
        steps = each.iter
        is_range = isinstance(steps, ast.Call) and getattr(steps.func, "id", "") == "range"
        if not (isinstance(steps, ast.Call) and is_range and steps.args and isinstance(each.target, ast.Name)):
            continue
        stop, index = steps.args[min(1, len(steps.args) - 1)], each.target.id
        used = [site.text(part) for part in parts]
        ahead = [found for text in used if (found := re.fullmatch(rf"{index}\s*\+\s*(\d+)", text))]
        first_is_one = len(steps.args) > 1 and site.text(steps.args[0]) == "1"
        if isinstance(stop, ast.BinOp) and isinstance(stop.op, ast.Add) and re.fullmatch(SIZE, site.text(stop.left)):
            if first_is_one and index in used:
                counted = [part for part in parts if site.text(part) == index]
                source = site.splice((part, f"{index} - 1") for part in counted)
                yield from site.candidate("shapes", f"Count places from 0: `{index} - 1`", source)
            if not ahead and not first_is_one:
                source = site.splice([(stop, site.text(stop.left))])
                yield from site.candidate("shapes", "Stop the loop at the last item", source)
            return
        if ahead and re.fullmatch(SIZE, site.text(stop)):
            source = site.splice([(stop, f"{site.text(stop)} - {ahead[0][1]}")])
            yield from site.candidate("shapes", "Stop the loop one item earlier", source)
            return
