"""What a change lets a cell reach that it did not reach before, by the vocabulary of core/reach.py: to be told."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import LINE_END
from ai_notebook_ls.core.dotted import Names
from ai_notebook_ls.core.reach import ROOTS, Kind, module_kind, reaches
from ai_notebook_ls.core.shapes import count, nodes
from ai_notebook_ls.core.statements import close_to_any, kept, words_of

KEEPS_LINE = 0.5
"""Least share of a magic's words that its repaired form keeps."""

REPAIRS = frozenset({"mkdir", "makedirs"})
"""What may be all that a cell lacks that writes: the folder."""

MORE = frozenset({"threading", "shutil", "get_ipython", "importlib"})
"""What a repair has no use for, either: ways to what the vocabulary names."""

TELLS: dict[Kind, str] = {
    "programs": "it adds `{}`, which starts or stops programs",
    "network": "it adds `{}`, which uses the network",
    "deletes": "it adds `{}`, which deletes or moves files",
    "code": "it adds `{}`, which runs text as code",
    "writes": "it writes to a file that the cell did not write before",
}


def reach_added(old: str, new: str, names: Names | None = None) -> str | None:
    """Return what the new text reaches that the old one did not, as the beginning of a sentence; None for nothing.

    `names`: what names stand for where the cell runs, if that is known. It is told; it keeps nothing from happening.
    """
    if (reason := _magics(old, new)) is not None:
        return reason
    known = Names({root: root for root in ROOTS}) if names is None else names.copy()
    words = Counter(words_of(new)) - Counter(words_of(old))
    lost = [word for word in Counter(words_of(old)) - Counter(words_of(new)) if word.isidentifier()]
    for module in _modules(new):
        if module in MORE or module_kind(module):
            part = next((part for part in module.split(".") if words[part]), None)
            if part:
                return f"it adds `{part}`, which the cell did not use before"
    if "://" not in old and any("://" in word for word in words if word[-1:] in "'\""):
        return "it adds an address that the cell did not have before"
    for each in reaches(new, known):
        repaired = each.what in REPAIRS or (
            each.kind == "writes" and each.what != "open" and close_to_any(each.what, lost)
        )
        if words[each.what] and not repaired:
            return TELLS[each.kind].format(each.what)
    if count(new, _computed_attribute) > count(old, _computed_attribute):
        return "it adds a `getattr` whose name cannot be known"
    return None


def _magics(old: str, new: str) -> str | None:
    """Lines for IPython that came or went; one may have been misspelt."""
    gained = list((Counter(magics.escaped_lines(new)) - Counter(magics.escaped_lines(old))).elements())
    for line in (Counter(magics.escaped_lines(old)) - Counter(magics.escaped_lines(new))).elements():
        words = words_of(line)
        like = max(gained, key=lambda each: kept(words, words_of(each)), default=None)
        if like is not None and _same_kind(line, like) and kept(words, words_of(like)) >= KEEPS_LINE * len(words):
            gained.remove(like)
        elif line.lstrip("%?") not in map(str.strip, new.split("\n")):  # a stray mark goes, its line stays
            return f"it drops `{line}`"
    if gained:
        return f"it adds `{gained[0]}`, which the cell did not run before"
    inner = _indented(new) - _indented(old)
    return f"it moves `{next(iter(inner))}` to where it may not run" if inner else None


def _indented(source: str) -> Counter[str]:
    escaped = magics.escaped_lines(source)
    return Counter(line.strip() for line in LINE_END.split(source) if line[:1].isspace() and line.strip() in escaped)


def _same_kind(line: str, other: str) -> bool:
    """Whether two lines are for the same: a shell line stays one, and a magic's name was misspelt at most."""
    marks = [re.match(r"[%!?]*\s*(\w*)", each) for each in (line, other)]
    names = [found[1] if found else "" for found in marks]
    return (line[:1] == "!") == (other[:1] == "!") and (line[:1] == "!" or close_to_any(names[0], [names[1]]))


def _computed_attribute(node: ast.AST) -> bool:
    """`getattr(os, "sys" + "tem")`: a name that no reader sees."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr"):
        return False
    return any(not isinstance(each, (ast.Constant, ast.Name)) for each in node.args[1:2])


def _modules(source: str) -> Iterator[str]:
    """What is imported, or used as modules are: `os.system`, `get_ipython`."""
    for node in nodes(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module or ""
        elif isinstance(node, ast.Name):
            yield node.id
