"""ValueError, IndexError and files: right types, wrong values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site

FILES = 1_000
"""Files of a folder that are looked at."""


def truth_of_many(request: FixRequest) -> Iterator[Candidate]:
    """`df[a and b]`: `and`, `or` and `not` ask for one truth; `&`, `|` and `~` work item by item (pandas, Gotchas)."""
    if "truth value of a" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in reversed(site.nodes(ast.BoolOp, ast.UnaryOp)):
        if isinstance(node, ast.BoolOp) or isinstance(node.op, ast.Not):
            source = site.splice([(node, _by_item(site, node))])
            yield from site.candidate(
                "values", "Combine the conditions item by item, with `&`, `|` and `~`", source, "likely"
            )
            return
    for compare in site.nodes(ast.Compare):
        if len(compare.ops) == 2:
            start, end = site.span(compare.comparators[0])
            middle = site.cell.source[start:end]
            first = site.cell.source[site.span(compare)[0] : end]
            last = site.cell.source[start : site.span(compare)[1]]
            if middle:
                source = site.splice([(compare, f"({first}) & ({last})")])
                yield from site.candidate("values", "Compare twice, joined with `&`", source, "likely")
                return


def _by_item(site: Site, node: ast.expr) -> str:
    if isinstance(node, ast.BoolOp):
        mark = " & " if isinstance(node.op, ast.And) else " | "
        return mark.join(_bracketed(_by_item(site, each), each) for each in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return "~" + _bracketed(_by_item(site, node.operand), node.operand)
    return site.text(node)


def _bracketed(text: str, node: ast.expr) -> str:
    return f"({text})" if isinstance(node, (ast.Compare, ast.BoolOp, ast.BinOp, ast.IfExp)) else text


def table_wanted(request: FixRequest) -> Iterator[Candidate]:
    """`model.fit(df["a"], y)`: scikit-learn wants a table of samples and features, even of one (its FAQ)."""
    if (
        "Expected 2D array, got 1D array" not in request.failure.evalue
        and "Expected 2-dimensional" not in request.failure.evalue
    ):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        if not (
            isinstance(node.func, ast.Attribute)
            and re.match(r"fit|predict|transform|score|inverse", node.func.attr)
            and node.args
        ):
            continue
        first = node.args[0]
        kind = site.type_of(first)
        text = site.text(first)
        if (
            isinstance(first, ast.Subscript)
            and isinstance(first.slice, ast.Constant)
            and isinstance(first.slice.value, str)
        ):
            changed = f"{site.text(first.value)}[[{site.text(first.slice)}]]"
        elif isinstance(first, ast.List) and first.elts and not isinstance(first.elts[0], ast.List):
            changed = (
                f"[{text}]"
                if node.func.attr.startswith("predict")
                else "[" + ", ".join(f"[{site.text(e)}]" for e in first.elts) + "]"
            )
        elif "Series" in kind:
            changed = f"{text}.to_frame()"
        elif "list" in kind:
            changed = f"[[each] for each in {text}]"
        else:
            changed = f"{text}.reshape(-1, 1)"
        yield from site.candidate(
            "values", "Give the features as a table of one column", site.splice([(first, changed)]), "likely"
        )
        return


def pairs_of_mapping(request: FixRequest) -> Iterator[Candidate]:
    """`for k, v in d`: a dict gives its keys; `.items()` gives pairs (Python tutorial, 5.6)."""
    message = request.failure.evalue
    if not re.search(
        r"(too many|not enough) values to unpack|cannot unpack non-iterable (int|float|str|numpy)", message
    ):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.For, ast.comprehension):
        if not isinstance(node.target, (ast.Tuple, ast.List)) or len(node.target.elts) != 2:
            continue
        kind, text = site.type_of(node.iter), site.text(node.iter)
        is_dict = "dict" in kind.lower() or "Counter" in kind or isinstance(node.iter, ast.Dict)
        if not kind and isinstance(node.iter, ast.Name):
            kind = site.known_names.get(node.iter.id, "")
            is_dict = "dict" in kind.lower() or "Counter" in kind
        if is_dict:
            yield from site.candidate(
                "values", f"Loop over `{text}.items()`", site.splice([(node.iter, f"{text}.items()")]), "likely"
            )
            return
        frame = "DataFrame" in kind or "Series" in kind
        first = node.target.elts[0]
        counter = isinstance(first, ast.Name) and first.id in (
            "i",
            "j",
            "k",
            "n",
            "idx",
            "index",
            "ix",
            "num",
            "count",
            "row",
            "pos",
        )
        if not frame and isinstance(node.iter, (ast.Name, ast.Attribute, ast.List)) and counter:
            yield from site.candidate(
                "values", f"Loop over `enumerate({text})`", site.splice([(node.iter, f"enumerate({text})")]), "likely"
            )
            return


def scalars_need_index(request: FixRequest) -> Iterator[Candidate]:
    """`pd.DataFrame({"a": 1})`: one row of plain values is a list of one dict."""
    if "all scalar values, you must pass an index" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        if getattr(node.func, "attr", "") == "DataFrame" and node.args and not isinstance(node.args[0], ast.List):
            text = site.text(node.args[0])
            yield from site.candidate(
                "values", "Give the one row as a list", site.splice([(node.args[0], f"[{text}]")]), "likely"
            )
            return


def whole_number_in_text(request: FixRequest) -> Iterator[Candidate]:
    """`int("3.0")`: text with a point is read as float first; of a real fraction nobody knows how to round it."""
    if not re.search(r"invalid literal for int\(\) with base 10: ['\"]\s*-?\d+\.0*\s*['\"]", request.failure.evalue):
        return
    for site in Site.all(request):
        for node in site.nodes(ast.Call):
            if getattr(node.func, "id", "") == "int" and len(node.args) == 1:
                text = site.text(node.args[0])
                yield from site.candidate(
                    "values",
                    "Read the number as float first",
                    site.splice([(node.args[0], f"float({text})")]),
                    "likely",
                )
                return


def number_with_commas(request: FixRequest) -> Iterator[Candidate]:
    """`float("1,200")`, `float("$5")`: only plain numbers are read (docs.python.org, float)."""
    said = re.search(r"(?:to float|base 10): ['\"](.*?)['\"]$", request.failure.evalue)
    if not said:
        return
    thousands = re.fullmatch(r"\s*[-+]?\d{1,3}(,\d{3})+(\.\d+)?\s*", said[1])
    decimal = re.fullmatch(r"\s*[-+]?\d+,\d+\s*", said[1])
    money = re.fullmatch(r"\s*[-+]?[$€£]\s?\d[\d,]*(\.\d+)?\s*|\s*\d[\d,]*(\.\d+)?\s?[$€£%]\s*", said[1])
    mark = next((each for each in "$€£%" if each in said[1]), "")
    how = '.replace(",", "")' if thousands else '.replace(",", ".")' if decimal else ""
    if money:
        how = f'.strip("{mark} ")' + ('.replace(",", "")' if "," in said[1] else "")
    for site in Site.all(request):
        for node in site.nodes(ast.Call):
            if how and getattr(node.func, "id", "") in ("int", "float") and len(node.args) == 1:
                end = site.span(node.args[0])[1]
                plain = isinstance(node.args[0], (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant))
                if plain:
                    source = site.splice([((end, end), how)])
                    yield from site.candidate(
                        "values", f"Clean the text with `{how}`", source, "guess" if mark == "%" else "likely"
                    )
                return


def single_quoted_json(request: FixRequest) -> Iterator[Candidate]:
    """`json.loads("{'a': 1}")`: that is Python's notation, not JSON."""
    if "property name enclosed in double quotes" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        if getattr(node.func, "attr", "") == "loads" and node.args:
            source = site.splice([(node, f"ast.literal_eval({site.text(node.args[0])})")])
            yield from site.candidate(
                "values", "Read it as a Python literal", site.with_import("import ast", source), "guess"
            )
            return
