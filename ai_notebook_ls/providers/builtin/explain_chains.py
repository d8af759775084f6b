"""Chains of methods in words: `df.groupby("a")["b"].sum()` groups by `"a"`, takes `"b"`, sums."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass

Quote = Callable[[ast.AST], str]
"""The code of a node, as a span of markdown."""

LINKS = 12
"""Links of one chain that are told."""

# fmt: off
TABLE = {
    "groupby": "groups by {}", "value_counts": "counts each value", "nunique": "counts distinct values",
    "describe": "summarises", "sort_values": "sorts by {}", "sort_index": "sorts by index",
    "dropna": "drops missing values", "fillna": "fills missing values with {}", "ffill": "fills gaps forward",
    "bfill": "fills gaps backward", "drop_duplicates": "drops duplicates",
    "reset_index": "turns the index into columns", "set_index": "makes {} the index",
    "pivot_table": "pivots", "melt": "turns columns into rows", "resample": "groups into periods of {}",
    "rolling": "takes a rolling window of {}", "nlargest": "takes the largest {}", "nsmallest": "takes the smallest {}",
    "astype": "converts to {}", "cumsum": "sums cumulatively", "pct_change": "takes relative changes",
    "isna": "marks missing values", "isnull": "marks missing values", "notna": "marks values that are not missing",
    "notnull": "marks values that are not missing", "idxmax": "takes the label of the maximum",
    "idxmin": "takes the label of the minimum", "between": "marks values between {}", "isin": "marks values that are in {}",
}
"""Methods whose name alone tells that they are a table's, a column's or an array's; {} is what they are given."""
ON_A_TABLE = {
    "agg": "aggregates by {}", "aggregate": "aggregates by {}", "sum": "sums", "mean": "averages",
    "median": "takes the median", "std": "takes the standard deviation", "var": "takes the variance",
    "max": "takes the maximum", "min": "takes the minimum", "count": "counts", "size": "counts rows",
    "unique": "keeps distinct values", "drop": "drops {}", "rename": "renames {}", "merge": "merges with {}",
    "join": "joins {}", "query": "keeps rows where {}", "assign": "adds columns", "apply": "applies {}",
    "map": "maps by {}", "transform": "transforms by {}", "pivot": "pivots", "head": "takes the first {}",
    "tail": "takes the last {}", "sample": "takes a random sample of {}", "copy": "copies", "reshape": "reshapes to {}",
    "round": "rounds to {} decimals", "transpose": "transposes", "diff": "takes differences", "shift": "shifts by {}",
    "stack": "turns columns into an index level", "unstack": "turns an index level into columns",
    "replace": "replaces {}", "clip": "clips to {}", "rank": "ranks", "abs": "takes absolute values",
}
"""The same for names that other things have too: told of what is known to be a table, a column or an array."""
BARE = {
    "head": "takes the first rows", "tail": "takes the last rows", "sample": "takes a random row", "round": "rounds",
    "shift": "shifts by one", "set_index": "sets the index", "fillna": "fills missing values",
    "rolling": "takes a rolling window", "sort_values": "sorts",
}
"""The same for those that are given nothing."""
# fmt: on
ACCESSORS = frozenset(("str", "dt", "cat"))
TABULAR = ACCESSORS | {"loc", "iloc"}
MEANT = ("by", "on", "value", "n", "expr", "dtype", "keys", "rule", "window", "func")
"""Keywords that say what a method's first argument does."""
GROUPED = {
    "size": "counts rows",
    "count": "counts values",
    "first": "takes the first of each",
    "last": "takes the last of each",
}


@dataclass(frozen=True)
class Chain:
    """What is done with a value, link by link."""

    of: str
    links: tuple[str, ...]
    in_place: bool
    """Whether the last link changes the value itself."""

    def __str__(self) -> str:
        """Return the links as a list in words."""
        return ", ".join(self.links)


def chain(value: ast.expr, quote: Quote, modules: Collection[str], tables: Collection[str]) -> Chain | None:
    """Read a chain whose links are known; None where the names do not tell enough.

    `tables` are names that hold tables, columns or arrays, `modules` what imports brought.
    """
    nodes: list[ast.Call | ast.Subscript | ast.Attribute] = []
    base: ast.expr = value
    while isinstance(base, (ast.Call, ast.Subscript, ast.Attribute)) and len(nodes) < 4 * LINKS:
        if isinstance(base, ast.Call):
            if (
                not isinstance(base.func, ast.Attribute)
                or base.func.attr.startswith(("read_", "from_"))
                or (isinstance(base.func.value, ast.Name) and base.func.value.id in modules)
            ):
                break
            nodes.append(base)
            base = base.func.value
        else:
            nodes.append(base)
            base = base.value
    nodes.reverse()
    if isinstance(base, ast.Name) and (base.id in modules or base.id == "self"):
        return None
    known = isinstance(base, ast.Name) and base.id in tables
    methods = [each.func.attr for each in nodes if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)]
    known = known or any(name in TABLE for name in methods) or any(
        isinstance(each, ast.Attribute) and each.attr in TABULAR for each in nodes
    )  # fmt: skip
    if not known or not any(name in TABLE or name in ON_A_TABLE for name in methods):
        return None
    links = [text for text in (_link(each, quote, "groupby" in methods) for each in nodes) if text]
    if len(links) > LINKS:
        return None
    last = nodes[-1]
    in_place = isinstance(last, ast.Call) and any(
        each.arg == "inplace" and isinstance(each.value, ast.Constant) and each.value.value is True
        for each in last.keywords
    )
    return Chain(quote(base), tuple(links), in_place)


def _link(node: ast.Call | ast.Subscript | ast.Attribute, quote: Quote, grouped: bool) -> str:
    if isinstance(node, ast.Attribute):
        return "" if node.attr in TABULAR else f"takes its {quote_name(node.attr)}"
    if isinstance(node, ast.Subscript):
        return f"keeps where {quote(node.slice)}" if is_condition(node.slice) else f"takes {quote(node.slice)}"
    assert isinstance(node.func, ast.Attribute)
    name = node.func.attr
    words = (GROUPED.get(name) if grouped else None) or TABLE.get(name) or ON_A_TABLE.get(name)
    accessed = isinstance(node.func.value, ast.Attribute) and node.func.value.attr in ACCESSORS
    given, more = _given(node, quote)
    if words is None or accessed:
        shown = ", ".join(filter(None, [given, *more]))
        where = f"{node.func.value.attr}." if accessed and isinstance(node.func.value, ast.Attribute) else ""
        return f"calls {quote_name(where + name)}{f' with {shown}' if shown else ''}"
    if "{}" in words:
        text = words.format(given) if given else BARE.get(name, words.partition(" {}")[0].removesuffix(" by"))
    else:
        text, more = words, [*([given] if given else []), *more]
    return f"{text} ({', '.join(more)})" if more else text


def _given(call: ast.Call, quote: Quote) -> tuple[str, list[str]]:
    """What a method is given first, and the rest."""
    first = [quote(each) for each in call.args[:1]]
    rest = [quote(each) for each in call.args[1:]]
    if rest and isinstance(call.func, ast.Attribute) and call.func.attr == "reshape":
        return " x ".join([*first, *rest]), []
    for each in call.keywords:
        if each.arg == "inplace":
            continue
        if not first and each.arg in MEANT:
            first = [quote(each.value)]
        elif not first and each.arg in ("columns", "index", "labels", "subset"):
            first = [quote(each)]
        elif each.arg == "ascending" and isinstance(each.value, ast.Constant):
            rest += [] if each.value.value else ["descending"]
        else:
            rest.append(quote(each))
    return (first[0] if first else ""), rest[:4] + (["…"] if rest[4:] else [])


def is_condition(node: ast.expr) -> bool:
    """Whether what stands in square brackets is a comparison: it keeps some rows or items."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
        return is_condition(node.left) or is_condition(node.right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in (
            "isin",
            "isna",
            "isnull",
            "notna",
            "notnull",
            "between",
            "contains",
            "startswith",
            "endswith",
        )
    return isinstance(node, ast.Compare)


def quote_name(name: str) -> str:
    """Return a name of Python's as a span."""
    return f"`{name}`"


def estimated(call: ast.Call, quote: Quote, modules: Collection[str], target: str = "") -> str | None:
    """Say what a call has a model do (and where the result goes), if it is of the methods that all models share."""
    func = call.func
    if not isinstance(func, ast.Attribute) or not call.args or not isinstance(func.value, (ast.Name, ast.Call)):
        return None
    if isinstance(func.value, ast.Name) and func.value.id in modules:
        return None
    model, data = quote(func.value), " and ".join(quote(each) for each in call.args[:3])
    if func.attr == "fit":
        return f"Fits {model} on {data}{f' and keeps it in {target}' if target else ''}."
    if func.attr == "fit_transform":
        return f"Fits {model} on {data}, and {f'keeps {data} transformed by it in {target}' if target else 'transforms it'}."
    if not target:
        return None
    if func.attr in ("predict", "predict_proba"):
        what = "probabilities that" if func.attr == "predict_proba" else "what"
        return f"Makes {target}: {what} {model} predicts for {data}."
    return f"Makes {target}: the score of {model} on {data}." if func.attr == "score" else None
