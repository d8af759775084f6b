"""Names whose import is missing, modules that are misspelt, moved or not installed."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate, Confidence
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.moved import MODULES_MOVED, NAMES_MOVED, OTHER_DATA
from ai_notebook_ls.providers.builtin.rules.names import missing_name, uses
from ai_notebook_ls.providers.builtin.site import Site
from ai_notebook_ls.providers.builtin.spelling import close
from ai_notebook_ls.providers.builtin.tables import ALIASES, MEMBERS, PACKAGES

STANDARD = frozenset(sys.stdlib_module_names) - {"this", "antigravity", "idlelib", "turtle", "turtledemo", "test"}


def missing_import(request: FixRequest) -> Iterator[Candidate]:
    """A name that everybody imports in one way: `np`, `plt`, `train_test_split`, a module of the standard library."""
    name, site = missing_name(request), Site.innermost(request)
    if name is None or (line := _usual_import(name)) is None:
        return
    accessed = {
        node.attr
        for node in site.everywhere(ast.Attribute)
        if isinstance(node.value, ast.Name) and node.value.id == name
    }
    for member in accessed:
        # `datetime.now()` wants the class of that name, `datetime.timedelta()` the module.
        if name == "datetime" and member not in _members("datetime"):
            line = "from datetime import datetime"
        if name == "time" and member not in _members("time"):
            return
    others = [other for each in unknown_names(site) if (other := _usual_import(each)) is not None and each != name]
    lines = _joined([line, *others])
    yield from site.candidate("imports", f"Add `{'`, `'.join(lines)}`", site.with_import("\n".join(lines)), "likely")


def _usual_import(name: str) -> str | None:
    return ALIASES.get(name) or (f"import {name}" if name in STANDARD else None)


def _joined(lines: list[str]) -> list[str]:
    """Import lines, the names of one module together."""
    found: dict[str, list[str]] = {}
    for line in dict.fromkeys(lines):
        module, _, name = line.partition(" import ") if line.startswith("from ") else (line, "", "")
        found.setdefault(module, []).append(name)
    return [f"{module} import {', '.join(names)}" if names[0] else module for module, names in found.items()]


def unknown_names(site: Site) -> list[str]:
    """Return the names that a cell reads and that are not there: the next ones to fail."""
    return [name for name in flow(site.cell.source).reads if not site.has(name)]


def missing_prefix(request: FixRequest) -> Iterator[Candidate]:
    """A member of a module that is imported: `sqrt` after `import math`, `DataFrame` after `import pandas as pd`."""
    name, site = missing_name(request), Site.innermost(request)
    if name is None:
        return
    for module, members in _homes(site):
        if name in members:
            names = [name, *(each for each in unknown_names(site) if each != name and each in members)]
            source = site.splice((node, f"{module}.{each}") for each in names for node in uses(site, each))
            shown = ", ".join(f"`{module}.{each}`" for each in names)
            yield from site.candidate("imports", f"Write {shown}", source, "likely")


def _homes(site: Site) -> Iterator[tuple[str, frozenset[str]]]:
    """The imported modules and what they have: as the kernel says, else as is well known."""
    told = [(offer.expression, frozenset(offer.names)) for offer in site.offers("attributes")]
    if told:
        yield from told
        return
    for module, kind in site.known_names.items():
        if "module" in kind:
            yield module, _members_of(site, module)


def missing_member(request: FixRequest) -> Iterator[Candidate]:
    """A function of a well-known module that is not imported at all."""
    name, site = missing_name(request), Site.innermost(request)
    for module, members in MEMBERS.items():
        if name in members and module in STANDARD and module not in site.known_names:
            others = [each for each in unknown_names(site) if each in members and each != name]
            line = f"from {module} import {', '.join([name, *others])}"
            yield from site.candidate("imports", f"Add `{line}`", site.with_import(line), "likely")
            return


def _members_of(site: Site, alias: str) -> frozenset[str]:
    """The public members of an imported module: known by the usual alias, or of the standard library."""
    if alias in MEMBERS:
        return MEMBERS[alias]
    return _members(alias) if alias in STANDARD else frozenset()


def _members(module: str) -> frozenset[str]:
    """The public names of a module of the standard library that this process has already, or a known pure one."""
    if module not in sys.modules and module not in ("math", "random", "statistics", "itertools", "functools", "string"):
        return MEMBERS.get(module, frozenset())
    return frozenset(name for name in dir(importlib.import_module(module)) if not name.startswith("_"))


def missing_module(request: FixRequest) -> str | None:
    """Return the dotted name of the module that an import did not find."""
    found = re.search(r"No module named '([\w.]+)'", request.failure.evalue)
    return found[1] if found else None


def moved_module(request: FixRequest) -> Iterator[Candidate]:
    """A module that was renamed or moved: Python 2's, pandas.util.testing, sklearn.cross_validation."""
    name, site = missing_module(request), Site.innermost(request)
    if name is None:
        return
    for node in site.everywhere(ast.Import, ast.ImportFrom):
        for old, new in _module_names(node):
            moved = next((key for key in MODULES_MOVED if old == key or old.startswith(key + ".")), None)
            if moved is None or not (name == old or old.startswith(name + ".") or name.startswith(moved)):
                continue
            target = MODULES_MOVED[moved] + old[len(moved) :]
            source = site.splice([(new, _import_text(node, old, target))])
            yield from site.candidate("imports", f"Import `{target}`, the new place of `{old}`", source, "certain")
            return


def _module_names(node: ast.Import | ast.ImportFrom) -> list[tuple[str, ast.AST]]:
    if isinstance(node, ast.Import):
        return [(alias.name, node) for alias in node.names]
    return [(node.module or "", node)]


def _import_text(node: ast.Import | ast.ImportFrom, old: str, new: str) -> str:
    """The import with another module, bound to the same names."""
    if isinstance(node, ast.ImportFrom):
        names = ", ".join(alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in node.names)
        if len(node.names) == 1 and node.names[0].name == new.rpartition(".")[2] and old.endswith(".externals"):
            return f"import {new}"
        return f"from {new} import {names}"
    parts = []
    for alias in node.names:
        name = new if alias.name == old else alias.name
        bound = alias.asname or (old if alias.name == old and "." not in old and name != old else None)
        parts.append(name + (f" as {bound}" if bound else ""))
    return "import " + ", ".join(parts)


def misspelt_module(request: FixRequest) -> Iterator[Candidate]:
    """A module's name with a slip: `pandsa`, `matplotlib.pyplt`."""
    name, site = missing_module(request), Site.innermost(request)
    if name is None:
        return
    package, _, last = name.rpartition(".")
    offered = [each for offer in site.offers("attributes") if offer.expression == package for each in offer.names]
    options = [each for each in offered if not each.startswith("_")]
    if not package:
        options += [*sorted(STANDARD), *PACKAGES.values(), *PACKAGES, *_usual_modules()]
    elif not options:
        options = [each.rpartition(".")[2] for each in _usual_modules() if each.rpartition(".")[0] == package]
    for new, confidence in close(last, options):
        target = f"{package}.{new}" if package else new
        source = site.splice(_renamed_module(site, name, target))
        yield from site.candidate("imports", f"Import `{target}`, not `{name}`", source, confidence)


def _renamed_module(site: Site, old: str, new: str) -> Iterator[tuple[tuple[int, int], str]]:
    """The edits that rename a module in the imports, and where its bare name is used."""
    pattern = re.compile(rf"(?<![\w.]){re.escape(old)}(?!\w)")
    bound = False
    for node in site.everywhere(ast.Import, ast.ImportFrom):
        start, _ = site.span(node)
        head = site.text(node).partition(" import ")[0] if isinstance(node, ast.ImportFrom) else site.text(node)
        for found in pattern.finditer(head):
            yield (start + found.start(), start + found.end()), new
        if isinstance(node, ast.Import):
            bound = bound or any(alias.name == old and not alias.asname for alias in node.names)
    if bound and "." not in old:
        for name in uses(site, old):
            yield site.span(name), new


def _usual_modules() -> list[str]:
    lines = (re.match(r"(?:from|import) ([\w.]+)", line) for line in ALIASES.values())
    return sorted({found[1] for found in lines if found})


def install(request: FixRequest) -> Iterator[Candidate]:
    """A module that is not installed: which package brings it. Nothing is installed by us."""
    name = missing_module(request)
    if name is None or name.partition(".")[0] in STANDARD:
        return
    top = name.partition(".")[0]
    evidence = request.evidence
    if "." in name and evidence is not None and top in evidence.versions:
        return
    if any(confidence == "likely" for _, confidence in close(top, [*STANDARD, *_usual_modules()])):
        return
    package = PACKAGES.get(top, top)
    yield Candidate(f"Install `{package}` (run `%pip install {package}` in a cell)", "builtin:install", "action")


def local_module(request: FixRequest) -> Iterator[Candidate]:
    """A module of one's own in another folder: Python has to be told of that folder (sys.path)."""
    name, site = missing_module(request), Site.innermost(request)
    if name is None:
        return
    for path in request.evidence.files if request.evidence else ():
        folder = path.replace("\\", "/").rpartition("/")[0]
        if folder:
            line = f'import sys\nsys.path.append("{folder}")'
            title = f"Look for `{name}` in `{folder}`, where it is"
            yield from site.candidate("imports", title, site.with_import(line, at_top=True), "likely")
            return


def relative_import(request: FixRequest) -> Iterator[Candidate]:
    """`from .helpers import f`: a notebook is in no package, so its own folder is asked without the dot."""
    if "relative import" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.ImportFrom):
        if node.level and node.module:
            start = site.span(node)[0]
            head = re.match(r"from\s+\.+", site.text(node))
            end = start + (head.end() if head else 0)
            source = site.splice([((start, end), "from ")])
            yield from site.candidate("imports", f"Import from `{node.module}`, without the dot", source, "certain")
            return


def moved_name(request: FixRequest) -> Iterator[Candidate]:
    """`cannot import name`: it moved to another module, was renamed, or is misspelt."""
    found = re.search(r"cannot import name '(\w+)' from '([\w.]+)'", request.failure.evalue)
    if not found:
        return
    name, module = found[1], found[2]
    site = Site.innermost(request)
    for node in site.everywhere(ast.ImportFrom):
        alias = next((each for each in node.names if each.name == name), None)
        if alias is None:
            continue
        asked = node.module or module
        old = [f"{asked}.{name}", f"{module}.{name}"]
        target = next((known[each] for known in (NAMES_MOVED, OTHER_DATA) for each in old if each in known), None)
        if target is not None:
            sure: Confidence = "guess" if target in OTHER_DATA.values() else "certain"
            source = site.splice([*_moved(site, node, alias, target), *_renamed_uses(site, alias, target)])
            yield from site.candidate("imports", f"Import `{target}`, the new name of `{asked}.{name}`", source, sure)
            return
        options = [each for offer in site.offers("attributes") for each in offer.names]
        for new, confidence in close(name, options):
            target = f"{asked}.{new}"
            source = site.splice([*_moved(site, node, alias, target), *_renamed_uses(site, alias, target)])
            yield from site.candidate("imports", f"Import `{new}`, not `{name}`", source, confidence)


def _moved(
    site: Site, node: ast.ImportFrom, alias: ast.alias, target: str
) -> list[tuple[ast.AST | tuple[int, int], str]]:
    module, _, name = target.rpartition(".")
    tail = f" as {alias.asname}" if alias.asname else ""
    if module == node.module:
        return [(alias, name + tail)]
    # What has become a builtin only needs its old name.
    moved = f"from {module} import {name}{tail}" if module else f"{alias.asname or alias.name} = {name}"
    rest = ", ".join(site.text(each) for each in node.names if each is not alias)
    indent = " " * node.col_offset
    kept = f"from {node.module} import {rest}" if rest else ""
    return [(node, f"\n{indent}".join(part for part in (kept, moved) if part) or "pass")]


def _renamed_uses(site: Site, alias: ast.alias, target: str) -> list[tuple[ast.AST | tuple[int, int], str]]:
    new = target.rpartition(".")[2]
    if alias.asname or new == alias.name or "." not in target:
        return []
    return [(node, new) for node in uses(site, alias.name)]
