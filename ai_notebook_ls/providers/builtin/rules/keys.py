"""KeyError: a key, column or label that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ai_notebook_ls.core.candidates import Candidate, Confidence
from ai_notebook_ls.core.dataflow import root_name
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site
from ai_notebook_ls.providers.builtin.spelling import close

MISSING = (
    r"\[['\"](.+?)['\"][^\]]*\](?:,.*?)? (?:not in index|are in the|not found in axis|do not exist)",
    r"'(\w+)' not found in columns",
    r"DataFrame: \[['\"](.+?)['\"]",
    r"^\"?Columns? not found: '(.+?)'",
)
"""How pandas says in a sentence what is missing."""


def missing_key(request: FixRequest) -> str | None:
    """Return the key that a KeyError (or pandas' ValueError about columns) is about."""
    text = request.failure.evalue
    for pattern in MISSING:
        if found := re.search(pattern, text):
            return found[1]
    if request.evidence is not None and request.evidence.missing:
        return request.evidence.missing
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "'\"" else None


def misspelt(request: FixRequest) -> Iterator[Candidate]:
    """A key, column or label is written in another way: case, spaces, a slip."""
    key = missing_key(request)
    if key is None:
        return
    options = [name for offer in _offers(request) for name in offer]
    for new, confidence in close(key, options):
        yield from _replaced(request, key, new, confidence)


def _offers(request: FixRequest) -> Iterable[tuple[str, ...]]:
    """Where to look: what the kernel says, else the string keys and columns that the cells above spell out."""
    evidence = request.evidence
    if evidence is not None and evidence.offers:
        return [offer.names for offer in evidence.offers if offer.kind != "attributes"]
    cells = (*request.notebook.above(request.cell.id), request.cell)
    sites = [Site(request, cell, None) for cell in cells]
    literals = [node for site in sites for node in site.everywhere(ast.Dict, ast.Subscript)]
    return [tuple(_written(node)) for node in literals]


def _written(node: ast.Dict | ast.Subscript) -> Iterator[str]:
    keys = node.keys if isinstance(node, ast.Dict) else [node.slice]
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return
    for key in keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def _replaced(request: FixRequest, key: str, new: str, confidence: Confidence) -> Iterator[Candidate]:
    """Replace the literal in the innermost cell that spells it; all of the same container at once."""
    for site in Site.all(request):
        here = [node for node in site.nodes(ast.Constant) if node.value == key]
        if not here:
            continue
        owner = _owner(site, here[0])
        same = [here[0]] if owner is None else [node for node in _all(site, key) if _owner(site, node) == owner]
        source = site.splice(
            (node, _quoted(site.text(node), new)) for node in {site.span(n): n for n in (*here, *same)}.values()
        )
        yield from site.candidate("keys", f"Rename {key!r} to {new!r}", source, confidence)
        return
    for site in Site.all(request):  # the literal stands apart from its use: `column = "Price"` above `df[column]`
        here = _all(site, key)
        if here:
            source = site.splice((node, _quoted(site.text(node), new)) for node in here)
            yield from site.candidate("keys", f"Rename {key!r} to {new!r}", source, "guess")
            return


def _all(site: Site, key: str) -> list[ast.Constant]:
    return [node for node in site.everywhere(ast.Constant) if node.value == key]


def _owner(site: Site, node: ast.Constant) -> str | None:
    """The root name of what is subscripted with a literal: `df` of `df[["a"]]`."""
    for each in site.everywhere(ast.Subscript):
        start, end = site.span(each.slice)
        if start <= site.span(node)[0] and site.span(node)[1] <= end:
            return root_name(each.value)
    return None


def _quoted(old: str, new: str) -> str:
    """A string literal in the quotes that the old one has."""
    quote = old[-1] if old[-1:] in ("'", '"') else '"'
    if quote in new or "\\" in new or "\n" in new:
        return repr(new)
    return f"{quote}{new}{quote}"


def misspelt_in_query(request: FixRequest) -> Iterator[Candidate]:
    """`df.query("prise > 3")`: a column's name inside a text (pandas.DataFrame.query)."""
    said = re.search(r"name '(\w+)' is not defined", request.failure.evalue)
    site = Site.innermost(request)
    if not said or request.failure.ename != "UndefinedVariableError":
        return
    columns = [each.name for known in site.evidence.values for each in known.columns]
    for node in site.nodes(ast.Constant):
        word = rf"(?<![\w@]){said[1]}\b"
        if isinstance(node.value, str) and re.search(word, node.value):
            if said[1] in site.known_names:
                source = site.splice([(node, re.sub(word, f"@{said[1]}", site.text(node)))])
                yield from site.candidate("keys", f"Write `@{said[1]}` for a variable", source, "likely")
            for new, confidence in close(said[1], columns):
                if new.isidentifier():
                    source = site.splice([(node, re.sub(word, new, site.text(node)))])
                    yield from site.candidate("keys", f"Rename {said[1]!r} to {new!r}", source, confidence)
            return


def columns_without_list(request: FixRequest) -> Iterator[Candidate]:
    """`df["a", "b"]` asks for one key that is a tuple; several columns are a list (pandas user guide, Indexing basics)."""
    site = Site.innermost(request)
    for node in site.nodes(ast.Subscript):
        several = (
            node.slice.elts if isinstance(node.slice, ast.Tuple) and request.failure.evalue.startswith("(") else []
        )
        if len(several) > 1 and all(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in several):
            source = site.splice([(node.slice, f"[{site.text(node.slice)}]")])
            yield from site.candidate("keys", "Ask for several columns with a list", source, "likely")
            return


def column_dropped_as_row(request: FixRequest) -> Iterator[Candidate]:
    """`df.drop("x")` drops the row `x`; a column needs `columns=` (pandas.DataFrame.drop)."""
    key, site = missing_key(request), Site.innermost(request)
    columns = [name for offer in site.offers("columns") for name in offer.names]
    if "not found in axis" not in request.failure.evalue or (columns and key not in columns):
        return
    for node in site.nodes(ast.Call):
        plain = isinstance(node.func, ast.Attribute) and node.func.attr == "drop" and len(node.args) == 1
        if plain and not any(each.arg in ("axis", "columns", "index", "labels") for each in node.keywords):
            start = site.span(node.args[0])[0]
            source = site.splice([((start, start), "columns=")])
            yield from site.candidate("keys", "Drop it as a column, with `columns=`", source, "likely")
            return


def column_as_label(request: FixRequest) -> Iterator[Candidate]:
    """`df.loc["price"]` asks for a row; a column is `df["price"]`."""
    key, site = missing_key(request), Site.innermost(request)
    columns = [name for offer in site.offers("columns") for name in offer.names]
    for node in site.nodes(ast.Subscript):
        owner = node.value
        asked = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(owner, ast.Attribute) and owner.attr == "loc" and asked == key and key in columns:
            source = site.splice([(owner, site.text(owner.value))])
            yield from site.candidate("keys", f"Ask for the column {key!r}, not a row", source, "likely")
            return


def key_of_other_type(request: FixRequest) -> Iterator[Candidate]:
    """`d["1"]` where the keys are numbers, or `d[1]` where they are text."""
    site, key = Site.innermost(request), missing_key(request)
    if key is None:
        return
    said = request.failure.evalue.strip()
    as_text = said[:1] in ("'", '"')
    names = [name for offer in site.offers("keys", "columns", "index") for name in offer.names]
    if key not in names or not re.fullmatch(r"-?\d+", key):
        return  # the kernel writes the number 1 and the text "1" alike
    for node in site.nodes(ast.Subscript):
        if isinstance(node.slice, ast.Constant) and str(node.slice.value) == key:
            new = key if as_text else f'"{key}"'
            source = site.splice([(node.slice, new)])
            yield from site.candidate(
                "keys", f"Write the key as {'a number' if as_text else 'text'}: {new}", source, "likely"
            )
            return


def counted_from_nothing(request: FixRequest) -> Iterator[Candidate]:
    """`counts[word] += 1` reads the key before it is there; `dict.get` starts it (docs.python.org, dict.get)."""
    site = Site.innermost(request)
    if any(offer.kind != "keys" for offer in site.offers("columns", "index")):
        return
    statement = site.statement
    if not isinstance(statement, ast.AugAssign) or not isinstance(statement.target, ast.Subscript):
        return
    if not isinstance(statement.op, ast.Add) or isinstance(statement.target.slice, ast.Constant):
        return
    start = {"int": "0", "float": "0.0", "str": '""', "list": "[]"}.get(_kind(site, statement.value))
    if start is None:
        return
    target, owner = site.text(statement.target), site.text(statement.target.value)
    key, value = site.text(statement.target.slice), site.text(statement.value)
    source = site.splice([(statement, f"{target} = {owner}.get({key}, {start}) + {value}")])
    yield from site.candidate("keys", f"Start a new key at {start}", source, "likely")


def _kind(site: Site, node: ast.expr) -> str:
    return "list" if isinstance(node, ast.List) else site.type_of(node)
