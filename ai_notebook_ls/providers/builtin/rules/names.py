"""NameError: a name that is not there."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site
from ai_notebook_ls.providers.builtin.spelling import close

BUILTINS = tuple(name for name in dir(builtins) if not name.startswith("_"))

PYTHON_2 = {
    "xrange": "range",
    "unicode": "str",
    "raw_input": "input",
    "basestring": "str",
    "long": "int",
    "unichr": "chr",
    "izip": "zip",
    "imap": "map",
    "ifilter": "filter",
}
"""Builtins of Python 2 (docs.python.org/3/whatsnew/3.0.html)."""

OTHER_LANGUAGES = {
    "true": "True",
    "false": "False",
    "null": "None",
    "none": "None",
    "nil": "None",
    "NULL": "None",
    "TRUE": "True",
    "FALSE": "False",
}
"""Constants as JSON, JavaScript, R and SQL write them; `nan` and `inf` belong to libraries."""


def missing_name(request: FixRequest) -> str | None:
    """Return the name that a NameError is about."""
    if request.evidence is not None and request.evidence.missing:
        return request.evidence.missing
    found = re.search(r"name '(\w+)'|variable '(\w+)'", request.failure.evalue)
    return found[1] or found[2] if found else None


def uses(site: Site, name: str) -> list[ast.Name]:
    """Return the real occurrences of a name in a cell."""
    return [node for node in site.everywhere(ast.Name) if node.id == name]


def other_spelling(request: FixRequest) -> Iterator[Candidate]:
    """A builtin of Python 2, or a constant of another language."""
    name = missing_name(request)
    new = PYTHON_2.get(name or "") or OTHER_LANGUAGES.get(name or "")
    if name is None or new is None:
        return
    site = Site.innermost(request)
    known = {**PYTHON_2, **OTHER_LANGUAGES}
    # The next one would fail as well: JSON brings true, false and null together.
    nodes = [node for node in site.everywhere(ast.Name) if node.id in known and not site.has(node.id)]
    source = site.splice((node, known[node.id]) for node in nodes)
    yield from site.candidate("names", f"Write `{new}` for `{name}`", source, "certain")


def misspelt(request: FixRequest) -> Iterator[Candidate]:
    """A slip of the fingers: a name of the namespace, or a builtin, is spelt almost like it."""
    name = missing_name(request)
    if name is None or name in PYTHON_2 or name in OTHER_LANGUAGES:
        return
    site = Site.innermost(request)
    nodes = uses(site, name)
    around = _locals(site)
    options = [*around, *(each for each in site.known_names if each not in around)]
    found = close(name, options)
    if not any(confidence == "likely" for _, confidence in found):
        found = [*close(name, (*BUILTINS, *keyword.softkwlist)), *found]
    for new, confidence in found:
        source = site.splice((node, new) for node in nodes)
        yield from site.candidate("names", f"Rename `{name}` to `{new}`", source, confidence)


def _locals(site: Site) -> list[str]:
    """The local names of the functions around the failing line: the kernel tells of globals only."""
    found: list[str] = []
    for node in site.everywhere(ast.FunctionDef, ast.AsyncFunctionDef):
        if site.line is not None and node.lineno - 1 <= site.line < (node.end_lineno or node.lineno):
            found += [each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)]
            found += [
                each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            ]
    for comprehension in site.everywhere(ast.comprehension):
        found += [each.id for each in ast.walk(comprehension.target) if isinstance(each, ast.Name)]
    return list(dict.fromkeys(found))


def unquoted_column(request: FixRequest) -> Iterator[Candidate]:
    """`df[price]` for `df["price"]`: a key without its quotes."""
    name = missing_name(request)
    site = Site.innermost(request)
    for node in site.nodes(ast.Subscript):
        inside = node.slice.elts if isinstance(node.slice, ast.List) else [node.slice]
        keys = [each for each in inside if isinstance(each, ast.Name) and each.id == name]
        if keys and name and not close(name, site.known_names):
            source = site.splice((key, f'"{name}"') for key in keys)
            yield from site.candidate("names", f"Put quotes round `{name}`", source, "guess")
            return


def global_in_function(request: FixRequest) -> Iterator[Candidate]:
    """UnboundLocalError: a function assigns to a global, which makes the name its own (Python FAQ, "UnboundLocalError")."""
    if request.failure.ename != "UnboundLocalError":
        return
    name, site = missing_name(request), Site.innermost(request)
    if name is None or name not in site.known_names:
        return
    for node in site.everywhere(ast.FunctionDef, ast.AsyncFunctionDef):
        inside = site.line is not None and node.lineno - 1 <= site.line < (node.end_lineno or node.lineno)
        if inside and node.body[0].lineno > node.lineno:
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            start = site.offset(first.lineno, 0)
            indent = " " * first.col_offset
            source = site.splice([((start, start), f"{indent}global {name}\n")])
            yield from site.candidate("names", f"Declare `{name}` as global in `{node.name}`", source)


def used_before_defined(request: FixRequest) -> Iterator[Candidate]:
    """A function, class or import that stands below its first use in the same cell."""
    name, site = missing_name(request), Site.innermost(request)
    if name is None or site.line is None or name not in flow(site.cell.source).defines:
        return
    bodies = site.tree.body
    later = [node for node in bodies if node.lineno - 1 > site.line and name in _brought(node)]
    using = [node for node in bodies if node.lineno - 1 <= site.line < (node.end_lineno or node.lineno)]
    if not later or not using:
        return
    definition, use = later[0], using[0]
    if isinstance(use, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    lines = site.cell.lines
    first = min([definition.lineno, *(each.lineno for each in getattr(definition, "decorator_list", ()))]) - 1
    last = definition.end_lineno or definition.lineno
    moved = lines[first:last]
    at = use.lineno - 1
    source = "\n".join([*lines[:at], *moved, *lines[at:first], *lines[last:]])
    yield from site.candidate("names", f"Move the definition of `{name}` above its use", source)


def _brought(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    return []
