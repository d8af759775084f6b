"""AttributeError: something that an object does not have."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site
from ai_notebook_ls.providers.builtin.spelling import close
from ai_notebook_ls.providers.builtin.tables import OTHER_METHODS

RETURNS_NONE = frozenset(
    {"sort", "append", "extend", "reverse", "insert", "update", "add", "remove", "clear", "shuffle"}
)
"""Methods of the standard library that change their object and return None (docs.python.org, sequence types)."""


def missing_attribute(request: FixRequest) -> tuple[str, str]:
    """Return (owner as the message says it, attribute); empty texts where it does not say."""
    text = request.failure.evalue
    found = re.search(
        r"(?:(?:'([\w.]+)'|type) object(?: '([\w.]+)')?|module '([\w.]+)') has no attribute '(\w+)'", text
    )
    if found:
        return found[1] or found[2] or found[3] or "", found[4]
    found = re.search(
        r"'?([\w.]+)'?(?:\(\))? (?:object )?(?:has no|got an unexpected|does not have)[\w ]* '?(\w+)", text
    )
    evidence = request.evidence
    return (found[1] if found else ""), (
        evidence.missing if evidence and evidence.missing else found[2] if found else ""
    )


def accesses(site: Site, name: str) -> list[ast.Attribute]:
    """Return the accesses of an attribute on the failing line."""
    return [node for node in site.nodes(ast.Attribute) if node.attr == name]


def misspelt(request: FixRequest) -> Iterator[Candidate]:
    """A method, attribute, member or column is spelt almost like it."""
    owner, name = missing_attribute(request)
    site = Site.innermost(request)
    here = accesses(site, name)
    if not here or owner == "NoneType":
        return
    written = site.text(here[0].value)
    same = [node for node in site.everywhere(ast.Attribute) if node.attr == name and site.text(node.value) == written]
    for new, confidence in close(name, _options(site, written)):
        if not new.isidentifier():
            source = site.splice((node, f'{site.text(node.value)}["{new}"]') for node in (*here[:1],))
        else:
            spans = {site.attribute_span(node) for node in (here[0], *same)}
            source = site.splice((span, new) for span in spans)
        yield from site.candidate("attributes", f"Rename `.{name}` to `.{new}`", source, confidence)


def _options(site: Site, written: str) -> list[str]:
    offers = site.offers("attributes", "columns")
    if offers:
        return [name for offer in offers for name in offer.names]
    # Without a kernel's word: the members of a class of this notebook, or of a type everybody knows.
    owner, _ = missing_attribute(site.request)
    found: list[str] = []
    for cell in site.request.notebook.code:
        for node in Site(site.request, cell, None).everywhere(ast.ClassDef):
            if node.name == owner:
                found += _members(node)
    plain = {"str": str, "list": list, "dict": dict, "set": set, "tuple": tuple, "int": int, "float": float}.get(owner)
    return found or ([each for each in dir(plain) if not each.startswith("_")] if plain else [])


def _members(node: ast.ClassDef) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield each.name
        elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
            yield each.attr


def other_idiom(request: FixRequest) -> Iterator[Candidate]:
    """The method of another type or language: `xs.push(1)`, `text.length`, `s.contains("a")`."""
    owner, name = missing_attribute(request)
    kind = owner.rpartition(".")[2]
    site = Site.innermost(request)
    known = {method: idiom for (type_, method), idiom in OTHER_METHODS.items() if type_ in (kind, "")}
    own = [each for offer in site.offers("attributes") for each in offer.names]
    if name not in known and not close(name, own):
        name_of_other = next((new for new, sure in close(name, known) if sure == "likely"), name)
    else:
        name_of_other = name
    template = known.get(name_of_other)
    if template is None:
        return
    for node in accesses(site, name):
        call = next((each for each in site.everywhere(ast.Call) if each.func is node), None)
        arguments = [site.text(each) for each in call.args] if call else []
        if (template.needs != "either" and (call is None) == (template.needs == "call")) or len(
            arguments
        ) < template.arguments:
            continue
        text = template.text.format(owner=_bracketed(site, node.value), args=", ".join(arguments))
        alone = isinstance(site.parents.get(call or node), ast.Expr)
        if alone and text.startswith("np.append") and isinstance(node.value, ast.Name):
            text = f"{node.value.id} = {text}"  # arrays do not grow in place
        source = site.splice([(call or node, text)])
        yield from site.candidate("attributes", f"Write `{template.shown}` for `.{name}`", source, "likely")
        return


def _bracketed(site: Site, node: ast.expr) -> str:
    plain = isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant, ast.List))
    return site.text(node) if plain else f"({site.text(node)})"


def member_of_namesake(request: FixRequest) -> Iterator[Candidate]:
    """A module and a class in it share a name: `datetime.now()` after `import datetime`, and the other way round."""
    owner, name = missing_attribute(request)
    site = Site.innermost(request)
    for node in accesses(site, name):
        written = site.text(node.value)
        last = owner.rpartition(".")[2]
        if name == last or (owner == "datetime.datetime" and name in ("datetime", "date", "timedelta", "timezone")):
            if name == last:
                source = site.splice([(node, written)])
                yield from site.candidate("attributes", f"Write `{written}` for `{written}.{name}`", source)
            elif isinstance(node.value, ast.Name):
                source = site.splice([(node, name)])
                line = f"from datetime import {name}"
                yield from site.candidate("attributes", f"Import `{name}` by itself", site.with_import(line, source))
            return
        inner = {"datetime": ("now", "today", "strptime", "utcnow", "fromtimestamp", "fromisoformat", "combine")}.get(
            owner, ()
        )
        if request.failure.evalue.startswith("module") and name in inner:
            source = site.splice([(node.value, f"{written}.{owner}")])
            yield from site.candidate("attributes", f"Write `{written}.{owner}.{name}`", source)
            return
