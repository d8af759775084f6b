"""Arguments that a function does not take: misspelt, renamed, removed, by place that go by name, or left out.

Sources: the function's own signature, asked of the kernel; the libraries' release notes (tables.py) where there is none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate, Confidence
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.moved import KEYWORDS_RENAMED
from ai_notebook_ls.providers.builtin.removed import KEYWORDS_GONE
from ai_notebook_ls.providers.builtin.site import Site
from ai_notebook_ls.providers.builtin.spelling import close
from ai_notebook_ls.providers.builtin.tables import KEYWORDS

UNKNOWN = (
    r"got (?:an |some )?unexpected keyword arguments? ['\"{]*(\w+)",
    r"(?:has|got) no property '?(\w+)'?|[Uu]nknown property:? '?(\w+)'?|no such property:? '?(\w+)",
    r"'(\w+)' is an invalid keyword argument",
    r"keyword grid_(\w+) is not recognized",
    r"Invalid parameter '?(\w+)'? for estimator",
)
"""How Python, matplotlib and scikit-learn say that they do not know a keyword."""


NO_OPTION = (
    r"'(\w[\w\- .]*)' is not (?:a valid|a recogni[sz]ed|supported|one of)"
    r"|(?:[Ii]nvalid|[Uu]nknown|[Uu]nrecognized|[Uu]nsupported|[Ii]mproper)[^'\"]*['\"](\w[\w\- .]*)['\"]"
    r"|[gG]ot '?([\w\-]+)'? instead"
)
"""How libraries say that a value is none of their options."""


def _unknown(request: FixRequest) -> str | None:
    for pattern in UNKNOWN:
        if found := re.search(pattern, request.failure.evalue):
            return next(each for each in found.groups() if each)
    return None


def wrong_keyword(request: FixRequest) -> Iterator[Candidate]:
    """A keyword that is misspelt, or that the library has renamed or removed."""
    old = _unknown(request)
    if old is None:
        return
    for site in reversed(list(Site.all(request))):
        found = [(call, each) for call in site.nodes(ast.Call) for each in call.keywords if each.arg == old]
        if not found:
            continue
        call, keyword = found[0]
        known = _parameters(request, site, call)
        gone = [*_gone(site, call, keyword)]
        yield from gone
        for new, confidence in _meant(request, old, known):
            start = site.span(keyword)[0]
            yield from site.candidate(
                "arguments",
                f"Rename the argument `{old}` to `{new}`",
                site.splice([((start, start + len(old)), new)]),
                confidence,
            )
        return


def _gone(site: Site, call: ast.Call, keyword: ast.keyword) -> Iterator[Candidate]:
    """What the release notes say of a keyword that was removed."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    for (function, old, value), new in KEYWORDS_GONE.items():
        if old != keyword.arg or not re.fullmatch(function, name) or value not in ("", site.text(keyword.value)):
            continue
        given = site.text(keyword.value)
        if new == "":
            changes = [site.without_argument(keyword)]
            title = f"Remove `{old}=`, which is gone"
        elif new.startswith("."):
            end = site.span(call)[1]
            changes = [site.without_argument(keyword), ((end, end), new.format(value=given))]
            title = f"Use `{new.format(value=given)}` for `{old}=`, which is gone"
        else:
            changes = [(site.span(keyword), new.format(value=given))]
            title = f"Use `{new.format(value=given)}` for `{old}=`, which is gone"
        yield from site.candidate("arguments", title, site.splice(changes), "certain")
        return


def _meant(request: FixRequest, old: str, known: list[str]) -> list[tuple[str, Confidence]]:
    said = re.search(r"Did you mean '(\w+)'", request.failure.evalue)
    renamed = KEYWORDS_RENAMED.get(old)
    if said:
        return [(said[1], "likely")]
    if known:
        return [(renamed, "likely")] if renamed in known else close(old, known)
    others = [(new, sure) for new, sure in close(old, sorted(KEYWORDS)) if new != renamed]
    return [(renamed, "likely"), *others] if renamed else others


def _parameters(request: FixRequest, site: Site, call: ast.Call) -> list[str]:
    """The names that a function takes: as the kernel says, else as the notebook defines it; none where it takes all."""
    callee = request.evidence.callee if request.evidence else None
    if callee is not None and callee.expression == site.text(call.func):
        names = [each.name for each in callee.parameters if not each.kind.startswith("VAR")]
        return [] if any(each.kind == "VAR_KEYWORD" for each in callee.parameters) else names
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    for cell in request.notebook.code:
        for node in Site(request, cell, None).everywhere(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
            if node.name == name:
                inits = [node] if not isinstance(node, ast.ClassDef) else [
                    each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"
                ]  # fmt: skip
                return [each.arg for f in inits for each in ast.walk(f.args) if isinstance(each, ast.arg)]
    return []


def by_name_only(request: FixRequest) -> Iterator[Candidate]:
    """`df.drop("a", 1)`: what the library takes by name only since pandas 2 (its signature says so)."""
    if not re.search(r"takes .*positional arguments? but \d+ (were|was) given", request.failure.evalue):
        return
    callee = request.evidence.callee if request.evidence else None
    if callee is None:
        return
    places = [each for each in callee.parameters if each.positional]
    named = [each for each in callee.parameters if each.kind == "KEYWORD_ONLY"]
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        extra = call.args[len(places) :]
        if site.text(call.func) != callee.expression or not extra or any(isinstance(e, ast.Starred) for e in call.args):
            continue
        given = {each.arg for each in call.keywords}
        free = [each.name for each in named if each.name not in given]
        if len(extra) > len(free):
            return
        if {"x", "y"} <= set(free) and len(places) <= 1:  # seaborn's: plot(x, y) of old, now plot(data, *, x, y)
            extra, free = call.args, ["x", "y", *(each for each in free if each not in ("x", "y"))]
        changes = [((site.span(node)[0],) * 2, f"{name}=") for node, name in zip(extra, free, strict=False)]
        shown = ", ".join(f"`{name}=`" for _, name in zip(extra, free, strict=False))
        yield from site.candidate("arguments", f"Say the argument by name: {shown}", site.splice(changes))
        return


def left_out(request: FixRequest) -> Iterator[Candidate]:
    """A required argument is missing, and the notebook has a value of just that name."""
    said = re.search(
        r"(\w+)\(\) missing (\d+) required (positional|keyword-only) arguments?: (.+)", request.failure.evalue
    )
    if not said:
        return
    names = re.findall(r"'(\w+)'", said[4])
    for site in Site.all(request):
        for call in site.nodes(ast.Call):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name != said[1] and said[1] != "__init__":
                continue
            known = {**site.known_names, **site.evidence.local}
            if names and all(each in known for each in names):
                by_name = said[3] == "keyword-only" or bool(call.keywords)
                text = ", ".join(f"{each}={each}" if by_name else each for each in names)
                yield from site.candidate(
                    "arguments", f"Give it `{text}` as well", site.splice([site.with_argument(call, text)])
                )
            return


def twice(request: FixRequest) -> Iterator[Candidate]:
    """`f(a, x=b)` where `x` is the first parameter: one value is given by place and by name."""
    said = re.search(r"got multiple values for (?:keyword )?argument '(\w+)'", request.failure.evalue)
    callee = request.evidence.callee if request.evidence else None
    if not said or callee is None:
        return
    site = Site.innermost(request)
    names = [each.name for each in callee.parameters if each.positional]
    for call in site.nodes(ast.Call):
        given = {each.arg for each in call.keywords}
        rest = [name for name in names if name not in given]
        if site.text(call.func) == callee.expression and said[1] in given and len(call.args) <= len(rest):
            changes = [((site.span(node)[0],) * 2, f"{name}=") for node, name in zip(call.args, rest, strict=False)]
            yield from site.candidate("arguments", "Say each argument by name", site.splice(changes), "guess")
            return


def wrong_option(request: FixRequest) -> Iterator[Candidate]:
    """A value that is not among those that the error itself lists: misspelt, or with other capitals."""
    message = request.failure.evalue
    said = re.search(NO_OPTION, message)
    if not said:
        return
    old = next(each for each in said.groups() if each)
    options = [each for each in re.findall(r"['\"]([\w\-]+)['\"]", message) if each != old]
    site = Site.innermost(request)
    for node in site.nodes(ast.Constant):
        if node.value == old and options:
            quote = site.text(node)[-1]
            for new, confidence in close(old, options):
                source = site.splice([(node, f"{quote}{new}{quote}")])
                yield from site.candidate("arguments", f"Write '{new}' for '{old}'", source, confidence)
            return
