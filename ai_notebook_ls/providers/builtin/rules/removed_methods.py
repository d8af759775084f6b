"""Methods and functions that are gone, where something else has to be written than another name (removed.py)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.removed import METHODS_GONE
from ai_notebook_ls.providers.builtin.rules.attributes import accesses, missing_attribute
from ai_notebook_ls.providers.builtin.site import Site

IMPORTS = {
    "np": ("numpy", "import numpy as np"),
    "pd": ("pandas", "import pandas as pd"),
    "math": ("math", "import math"),
    "pickle": ("pickle", "import pickle"),
    "subprocess": ("subprocess", "import subprocess"),
    "matplotlib": ("matplotlib", "import matplotlib"),
}
"""What a replacement may need: its name there -> the module, and how to import it."""


def gone(request: FixRequest) -> Iterator[Candidate]:
    """A removed method or function, as its library's release notes say to write it."""
    owner, name = missing_attribute(request)
    kind = f"module {owner}" if request.failure.evalue.startswith("module") else owner.rpartition(".")[2]
    template = METHODS_GONE.get((kind, name))
    if template is None:
        return
    site = Site.innermost(request)
    changes: list[tuple[ast.AST, str]] = []
    for node in accesses(site, name):
        call = site.call_of(node)
        given = [site.text(each) for each in (*call.args, *call.keywords)] if call else []
        if ("{args}" in template or "{arg" in template) and call is None:
            continue
        if len(given) < (2 if "{arg1}" in template else 1 if "{arg0}" in template or "{args}" in template else 0):
            continue
        text = site.text(node.value)
        bare = text if isinstance(node.value, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)) else f"({text})"
        new = template.format(
            owner=bare,
            args=", ".join(given),
            arg0=given[0] if given else "",
            arg1=", ".join(given[1:]),
            owners_args=", ".join([text, *given]),
        )
        changes.append(
            (call if call is not None and "(" in template + "(" and _whole(template) else node, _named(site, new))
        )
    if changes:
        source = site.splice(changes)
        for alias, (module, line) in IMPORTS.items():
            if re.search(rf"(?<![\w.]){alias}\.", changes[0][1]) and not _name_of(site, alias, module):
                source = site.with_import(line, source)
        title = f"Write `{changes[0][1]}`: `.{name}` was removed"
        yield from site.candidate("removed-api", title, source, "likely")


def _whole(template: str) -> bool:
    """Whether a template stands for the call, not for the member alone."""
    return template not in ("math", "str", "list", "dict", "int", "sys.maxsize")


def _named(site: Site, text: str) -> str:
    """The text with the notebook's own names for numpy and pandas."""
    for alias, (module, _) in IMPORTS.items():
        own = _name_of(site, alias, module)
        if own and own != alias:
            text = re.sub(rf"(?<![\w.]){alias}\.", f"{own}.", text)
    return text


def _name_of(site: Site, alias: str, module: str) -> str | None:
    return next((each for each in (alias, module) if each in site.known_names), None)


def unknown_errors_option(request: FixRequest) -> Iterator[Candidate]:
    """`errors="ignore"` of to_datetime and to_numeric is gone (pandas 3.0 release notes)."""
    if not re.search(r"errors must be one of|invalid error value", request.failure.evalue):
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        for each in call.keywords:
            if each.arg == "errors" and getattr(each.value, "value", None) == "ignore":
                source = site.splice([(each.value, '"coerce"')])
                yield from site.candidate(
                    "removed-api", 'Use `errors="coerce"`: what cannot be read becomes missing', source, "guess"
                )
                return


def level_of_reduction(request: FixRequest) -> Iterator[Candidate]:
    """`df.sum(level=0)` is `df.groupby(level=0).sum()` (pandas 2.0 release notes)."""
    if "unexpected keyword argument 'level'" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        level = next((each for each in call.keywords if each.arg == "level"), None)
        if level is not None and isinstance(call.func, ast.Attribute):
            end = site.span(call.func.value)[1]
            changes = [((end, end), f".groupby(level={site.text(level.value)})"), site.without_argument(level)]
            yield from site.candidate("removed-api", "Group by the level first", site.splice(changes), "certain")
            return


def projection_of_gca(request: FixRequest) -> Iterator[Candidate]:
    """`fig.gca(projection="3d")` is `fig.add_subplot(projection="3d")` (matplotlib 3.7 API changes)."""
    if not re.search(r"gca\(\) got an unexpected keyword", request.failure.evalue):
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "gca":
            owner = site.text(call.func.value)
            new = f"{owner}.axes" if owner in ("plt", "pyplot") else f"{owner}.add_subplot"
            yield from site.candidate(
                "removed-api", f"Use `{new}` with a projection", site.splice([(call.func, new)]), "certain"
            )
            return


def renamed_keys_of_row(request: FixRequest) -> Iterator[Candidate]:
    """`g["a", "b"]` of a groupby: several columns are a list (pandas 2.0 release notes)."""
    if "tuple with more than one element" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Subscript):
        if isinstance(node.slice, ast.Tuple):
            source = site.splice([(node.slice, f"[{site.text(node.slice)}]")])
            yield from site.candidate("keys", "Ask for several columns with a list", source, "certain")
            return


def sum_of_generator(request: FixRequest) -> Iterator[Candidate]:
    """`np.sum(x for x in xs)`: a generator is for Python's own `sum` (NumPy 2.4 release notes)."""
    if "np.sum(generator)" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sum" and call.args:
            yield from site.candidate(
                "removed-api", "Use Python's own `sum`", site.splice([(call.func, "sum")]), "certain"
            )
            return
