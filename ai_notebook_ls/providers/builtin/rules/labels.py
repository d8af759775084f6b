"""Labels, places and the index: numbers taken for places, columns that have become the index, columns renamed on the way.

Sources: pandas user guide, "Indexing and selecting data", "Group by"; pandas 3.0 release notes (no places in `s[0]`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.evidence import Value
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.rules.keys import missing_key
from ai_notebook_ls.providers.builtin.site import Site


def place_as_label(request: FixRequest) -> Iterator[Candidate]:
    """`s[0]`, `df.loc[0]` where the labels are others: places are asked for with `.iloc`."""
    key = missing_key(request)
    if key is None or not re.fullmatch(r"-?\d+", key):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Subscript):
        owner = (
            node.value.value
            if isinstance(node.value, ast.Attribute) and node.value.attr in ("loc", "at")
            else node.value
        )
        known = site.value(owner)
        index = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        if known is None or known.length is None or not known.type.startswith("pandas."):
            continue
        if not _fits(site, index, int(key), known.length) or (
            "DataFrame" in known.type and owner is node.value and site.value(node.value) is None
        ):
            continue
        end, start = site.span(owner)[1], site.span(node)[0]
        attribute = site.span(node.value)[1]
        if isinstance(node.slice, ast.Tuple) and owner is not node.value:
            column = site.text(node.slice.elts[-1])
            new = f"{site.text(owner)}[{column}].iloc[{site.text(index)}]"
            source = site.splice([(node, new)])
        else:
            source = site.splice([((end, attribute), ".iloc")])
        assert start >= 0
        written = "guess" if "DataFrame" in known.type and owner is node.value else "likely"
        yield from site.candidate("labels", "Count places with `.iloc`", source, written)  # type: ignore[arg-type]
        return


def _fits(site: Site, index: ast.expr, key: int, length: int) -> bool:
    return -length <= key < length and site.type_of(index) in ("int", "numpy.int64", "")


def label_as_place(request: FixRequest) -> Iterator[Candidate]:
    """`df.iloc["a"]`: labels are asked for with `.loc` (pandas, "Different choices for indexing")."""
    if not re.search(
        r"by location index with a non-integer|iloc .*requires|can only have integer|integer slice",
        request.failure.evalue,
    ):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Attribute):
        if node.attr in ("iloc", "iat"):
            source = site.splice([(site.attribute_span(node), node.attr[1:])])
            yield from site.candidate("labels", f"Ask for labels with `.{node.attr[1:]}`", source)
            return


def column_in_index(request: FixRequest) -> Iterator[Candidate]:
    """A column that `set_index` or `groupby` has made the index: kept there, or taken from the index here."""
    key, site = missing_key(request), Site.innermost(request)
    if key is None and site.message.startswith("'"):
        key = site.message.strip("'")
    found = re.search(r"has no attribute '(\w+)'", request.failure.evalue)
    key = key or (found[1] if found else None)
    for known in request.evidence.values if request.evidence else ():
        if key is None or key not in known.index or not known.type.startswith("pandas."):
            continue
        if known.expression.isidentifier():
            yield from _kept_as_column(site, known, key)
        yield from _from_index(site, known, key)
        return


def _kept_as_column(site: Site, known: Value, key: str) -> Iterator[Candidate]:
    for there, statement in site.made(known.expression):
        value = getattr(statement, "value", None)
        if value is None:
            return
        end = there.span(value)[1]
        source = there.splice([((end, end), ".reset_index()")])
        yield from there.candidate("labels", f"Keep `{key}` as a column, with `.reset_index()`", source)
        return


def _from_index(site: Site, known: Value, key: str) -> Iterator[Candidate]:
    """Every use of the index as a column, here: `df.index` where only it is meant, else the reset frame."""
    for node in site.nodes(ast.Subscript, ast.Attribute):
        plain = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == key
        if site.text(node.value) == known.expression and (plain or getattr(node, "attr", "") == key):
            end = site.span(node.value)[1]
            source = site.splice([((end, end), ".reset_index()")])
            yield from site.candidate("labels", f"Take `{key}` out of the index first", source)
            return
    for call in site.nodes(ast.Call):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if owner is not None and site.text(owner) == known.expression:
            end = site.span(owner)[1]
            source = site.splice([((end, end), ".reset_index()")])
            yield from site.candidate("labels", f"Take `{key}` out of the index first", source)
            return


def suffixed_by_merge(request: FixRequest) -> Iterator[Candidate]:
    """A column that both sides of a merge have gets `_x` and `_y`: which one is meant, only the user knows."""
    key, site = missing_key(request), Site.innermost(request)
    columns = [name for offer in site.offers("columns") for name in offer.names]
    if key is None:
        return
    for new in (f"{key}_x", f"{key}_y", f"{key}_left", f"{key}_right"):
        if new in columns:
            nodes = [node for node in site.nodes(ast.Constant) if node.value == key]
            for node in nodes[:1]:
                quote = site.text(node)[-1]
                source = site.splice([(node, f"{quote}{new}{quote}")])
                yield from site.candidate("labels", f"Take {new!r}, as the merge has called it", source, "guess")


def misspelt_where_made(request: FixRequest) -> Iterator[Candidate]:
    """A column or key that a cell above made under a name with a slip, while others read it under the right one."""
    from ai_notebook_ls.providers.builtin.spelling import close

    key = missing_key(request)
    options = [name for offer in Site.innermost(request).offers("columns", "keys") for name in offer.names]
    if key is None:
        return
    meant = [name for name, _ in close(key, options)][:1]
    if not meant:
        return
    cells = request.notebook.code
    sites = {cell.id: Site(request, cell, None) for cell in cells}
    reads = {name: sum(_mentions(site, name, ast.Load) for site in sites.values()) for name in (key, meant[0])}
    for cell in reversed(request.notebook.above(request.cell.id)):
        site = sites[cell.id]
        stored = [
            node.slice
            for node in site.everywhere(ast.Subscript)
            if isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Constant) and node.slice.value == meant[0]
        ]
        if stored and reads[key] > 0 and reads[meant[0]] == 0:
            quote = site.text(stored[0])[-1]
            source = site.splice((node, f"{quote}{key}{quote}") for node in stored)
            yield from site.candidate("labels", f"Call it {key!r} where it is made, not {meant[0]!r}", source)
            return


def _mentions(site: Site, name: str, context: type[ast.expr_context]) -> int:
    return sum(
        isinstance(node.slice, ast.Constant) and node.slice.value == name and isinstance(node.ctx, context)
        for node in site.everywhere(ast.Subscript)
    )


def whole_row_of_apply(request: FixRequest) -> Iterator[Candidate]:
    """`df.apply(lambda row: row["a"])` goes over columns; `axis=1` goes over rows (pandas.DataFrame.apply)."""
    key = missing_key(request)
    for site in Site.all(request):
        for call in site.nodes(ast.Call):
            if getattr(call.func, "attr", "") != "apply" or not call.args or not isinstance(call.func, ast.Attribute):
                continue
            known = site.value(call.func.value)
            names = {each.name for each in known.columns} if known else set()
            names |= {name for offer in site.offers("columns") for name in offer.names}
            frame = "DataFrame" in site.type_of(call.func.value) or bool(known and known.columns)
            if (
                frame
                and not any(each.arg == "axis" for each in call.keywords)
                and (not names or key in names or not key)
            ):
                source = site.splice([site.with_argument(call, "axis=1")])
                yield from site.candidate("labels", "Go over the rows, with `axis=1`", source)
                return


def spaces_in_columns(request: FixRequest) -> Iterator[Candidate]:
    """A table whose column names have spaces around them: stripped where it is read, for all cells below."""
    key, site = missing_key(request), Site.innermost(request)
    for known in request.evidence.values if request.evidence else ():
        names = [each.name for each in known.columns]
        if key in names or key not in [name.strip() for name in names] or not known.expression.isidentifier():
            continue
        line = f"{known.expression}.columns = {known.expression}.columns.str.strip()"
        for there, statement in site.made(known.expression):
            source = there.splice([there.after(statement, line)])
            yield from there.candidate("labels", "Strip the spaces from the column names", source)
            return


def values_of_other_length(request: FixRequest) -> Iterator[Candidate]:
    """A new column from a Series' or array's own values has to have the frame's length: a Series is aligned by itself."""
    if not re.search(r"Length of values \(\d+\) does not match length of index \(\d+\)", request.failure.evalue):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Attribute, ast.Call):
        stripped = node if isinstance(node, ast.Attribute) and node.attr == "values" else None
        call = (
            node
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("to_numpy", "tolist", "to_list")
            else None
        )
        owner = stripped.value if stripped is not None else call.func.value if call is not None else None  # type: ignore[attr-defined]
        if owner is not None and isinstance(site.statement, ast.Assign) and node is site.statement.value:
            source = site.splice([(node, site.text(owner))])
            yield from site.candidate("labels", "Assign the Series itself, which finds its rows", source, "guess")
            return
