"""TypeError about calls: what is called, how, and with which arguments."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site

CONTAINERS = r"list|tuple|dict|str|DataFrame|Series|numpy\.ndarray|_LocIndexer|_iLocIndexer|ndarray"


TAKES_ONE = frozenset(
    {"array", "asarray", "sum", "list", "tuple", "set", "sorted", "len", "mean", "Series", "DataFrame"}
)
"""Functions of one sequence: what stood in their square brackets is its items."""


def called_container(request: FixRequest) -> Iterator[Candidate]:
    """`xs(0)`, `df("a")`, `df.loc(0)`: items are taken with square brackets."""
    if not re.search(rf"'(?:\w+\.)*({CONTAINERS})' object is not callable", request.failure.evalue):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if hasattr(builtins, name) or not node.args or node.keywords:
            continue
        inner = ", ".join(site.text(each) for each in node.args)
        source = site.splice([(node, f"{site.text(node.func)}[{inner}]")])
        yield from site.candidate("calls", "Take items with square brackets", source, "likely")
        return
    for node in site.nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
            source = site.splice([(node, site.text(node.func))])
            yield from site.candidate("calls", f"Read `.{node.func.attr}` without calling it", source, "likely")
            return


def called_value(request: FixRequest) -> Iterator[Candidate]:
    """`df.shape()`: a value, not a method."""
    if not re.search(
        r"'(?:\w+\.)*(tuple|int|float|Index|RangeIndex|Series|property|ndarray|str)' object is not callable",
        request.failure.evalue,
    ):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
            source = site.splice([(node, site.text(node.func))])
            yield from site.candidate("calls", f"Read `.{node.func.attr}` without calling it", source, "likely")
            return


def uncalled(request: FixRequest) -> Iterator[Candidate]:
    """`f[0]`, `df.head[5]`, `for k in d.items`: a function or method that was not called."""
    message = request.failure.evalue
    found = re.search(
        r"type '\w+' is not (subscriptable)|'(?:\w+\.)*(?:builtin_function_or_method|method|function|type|method_descriptor)'"
        r" object is not (subscriptable|iterable)"
        r"|object of type '(?:method|builtin_function_or_method|function)' has no (len)"
        r"|unsupported operand type\(s\) for .*'(?:builtin_function_or_method|method|function)'"
        r"|argument of type '(?:method|builtin_function_or_method)' is not",
        message,
    )
    if not found:
        return
    site = Site.innermost(request)
    if "subscriptable" in found.groups():
        for node in site.nodes(ast.Subscript):
            inner = site.text(node.slice)
            name = getattr(node.value, "attr", getattr(node.value, "id", ""))
            inner = f"[{inner}]" if name in TAKES_ONE and isinstance(node.slice, ast.Tuple) else inner
            source = site.splice([(node, f"{site.text(node.value)}({inner})")])
            yield from site.candidate("calls", f"Call `{site.text(node.value)}` with round brackets", source, "likely")
            return
    called = {id(node.func) for node in site.everywhere(ast.Call)}
    for method in site.nodes(ast.Attribute):
        kind = site.type_of(method)
        if id(method) not in called and ("method" in kind or not kind):
            source = site.splice([(method, f"{site.text(method)}()")])
            yield from site.candidate("calls", f"Call `{site.text(method)}`", source, "likely")
            return


def fill_method(request: FixRequest) -> Iterator[Candidate]:
    """`fillna(method="ffill")` is `ffill()`: pandas 3 removed the argument (pandas 2.1 release notes)."""
    if "unexpected keyword argument 'method'" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "fillna":
            method = next((each.value for each in node.keywords if each.arg == "method"), None)
            new = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}.get(
                getattr(method, "value", "")
            )
            if new:
                rest = ", ".join(
                    site.text(each) for each in (*node.args, *node.keywords) if getattr(each, "arg", None) != "method"
                )
                source = site.splice([(node, f"{site.text(node.func.value)}.{new}({rest})")])
                yield from site.candidate(
                    "removed-api", f"Use `.{new}()`: pandas has removed `method=`", source, "certain"
                )
                return


def numeric_only(request: FixRequest) -> Iterator[Candidate]:
    """`df.mean()` over text columns: since pandas 2.0 `numeric_only=True` has to be said (pandas 2.0 release notes)."""
    message = request.failure.evalue
    said = (
        "could not convert string to float|Could not convert .* to numeric|agg function failed|does not support|"
        "can only concatenate|unsupported operand|Cannot perform|dtype 'str'|not supported for"
    )
    if not re.search(said, message):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        reductions = (
            "mean",
            "median",
            "std",
            "var",
            "corr",
            "cov",
            "sem",
            "skew",
            "kurt",
            "quantile",
            "prod",
            "corrwith",
        )
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in reductions
            and not any(each.arg == "numeric_only" for each in node.keywords)
        ):
            kind = site.type_of(node.func.value)
            if kind and "DataFrame" not in kind:
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy", "statistics"):
                continue
            end = site.span(node)[1] - 1
            comma = ", " if node.args or node.keywords else ""
            source = site.splice([((end, end), f"{comma}numeric_only=True")])
            yield from site.candidate(
                "removed-api", f"Take `.{node.func.attr}()` of the numeric columns only", source, "likely"
            )
            return
