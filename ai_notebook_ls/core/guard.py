"""Why a candidate that runs is still no fix: it dodges the failure instead of repairing it.

A small model made 24 of 49 failing cells run, 15 of those by deleting the failing code (notes/models.md §2.4): a clean
re-run is no proof. The guard compares texts only; it cannot see a wrong file name or constant.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.added import reach_added
from ai_notebook_ls.core.cells import LINE_END
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.dodges import dodges, invents
from ai_notebook_ls.core.dotted import Names
from ai_notebook_ls.core.shapes import called, is_empty, is_made_up, nodes
from ai_notebook_ls.core.statements import (
    Statement,
    changes_in_place,
    close_to_any,
    heirs,
    is_import,
    kept,
    likeness,
    statements,
    stored,
    substance,
    words_of,
)

KEPT_OF_CELL = 0.5
KEPT_OF_LINE = 0.6
"""Least share of the old words that a repair keeps."""

EFFECTS = re.compile(
    r"print|pprint|display|show|fit|fit_\w+|plot|\w*save\w*|\w*write\w*|dump|commit"
    r"|to_(?:csv|excel|json|parquet|sql|pickle|html|feather|hdf|markdown|latex|clipboard|file)"
)
"""Calls made for what they do, wherever they stand."""

EFFECTS_ALONE = re.compile(
    r"append|extend|insert|update|add|remove|send|post|put|execute|makedirs|mkdir|\w+plot|hist|scatter|bar"
)
"""Calls made for what they do when they are a whole statement."""

PASTED = re.compile(r"^\s*(?:(?:>>>|\.\.\.)(?: |$)|```\w*\s*$)")
"""What stands around pasted code: the prompts of the Python shell, markdown's fences."""

SCALARS = frozenset({"float", "int", "str", "bool"})
"""Calls whose value is one thing, where many were to be gathered."""

BROKEN_QUOTE = re.compile("[\u2018\u2019\u201c\u201d\u00ab\u00bb]")
"""What a word processor makes of a quote."""

PLACED = {
    "function": "it moves {} into a function, where it does not run",
    "class": "it moves {} into a class",
    "if": "it runs {} only under a condition",
    "try": "it wraps {} in a try",
    "while": "it moves {} into a loop, where it may not run",
}
"""What a statement may not be put into."""


def escape_reason(old: str, new: str, failure_line: int | None = None, names: Names | None = None) -> str | None:
    """Return why a candidate is no fix, as the end of a sentence for the user, or None if nothing speaks against it.

    `failure_line` is 0-based, in the old text; None for a cell that did not fail, but is edited for one that did.
    `names`: what names stand for where the cell runs, if that is known.
    """
    if magics.parse(new) is None:
        return "the new text is not valid Python."
    if old.strip() == new.strip() or _same_code(old, new):
        return "it changes nothing."
    reason = (
        reach_added(old, new, names)
        or dodges(old, new)
        or _loses_code(old, new, failure_line)
        or _loses_names(old, new)
        or _loses_effects(old, new, failure_line)
        or invents(old, new)
    )
    return f"{reason}." if reason else None


def _same_code(old: str, new: str) -> bool:
    """Whether only comments and layout differ."""
    before = _dumped(old)
    return bool(before) and before == _dumped(new) and magics.escaped_lines(old) == magics.escaped_lines(new)


@lru_cache(maxsize=64)
def _dumped(source: str) -> str:
    tree = magics.parse(source)
    return ast.dump(tree) if tree is not None else ""


def _loses_code(old: str, new: str, line: int | None) -> str | None:
    """Every statement must have its heir, which runs as before and computes from the same things."""
    if magics.parse(old) is None:
        return _loses_lines(old, new)
    olds, news, found = statements(old), statements(new), heirs(old, new)
    at = [each for each in olds if line is not None and line in each.lines]
    failing = min(at, key=lambda each: len(each.lines), default=None)
    if _kept_of_cell(olds, news, found) < KEPT_OF_CELL:
        return "it rewrites most of the cell"
    lost = [each for i, each in enumerate(olds) if i not in found]
    if failing in lost:
        return "it removes the failing line"
    twins = {(olds[i].words, olds[i].around) for i in found}
    for each in lost:
        if (each.words, each.around) not in twins:
            return f"it drops `{_shown(each.words)}`"
    for i, j in found.items():
        before, after = olds[i], news[j]
        what = "the failing line" if before is failing else f"`{_shown(before.words)}`"
        for kind in Counter(after.around) - Counter(before.around):
            if kind in PLACED:
                return PLACED[kind].format(what)
        values = _values(before.node, after.node)
        if before.words != after.words and (_is_stubbed(*values) or _is_emptied(*values, stored(after.node))):
            what = "the failing expression" if before is failing else what
            return f"it replaces {what} by a made-up value"
    return None


def _kept_of_cell(olds: tuple[Statement, ...], news: tuple[Statement, ...], found: dict[int, int]) -> float:
    kept_words, all_words = 0.0, 0
    for i, each in enumerate(olds):
        if not is_import(each):
            all_words += len(each.words)
            kept_words += len(each.words) * (likeness(each, news[found[i]]) if i in found else 0.0)
    return kept_words / all_words if all_words else 1.0


def _loses_lines(old: str, new: str) -> str | None:
    """For text that was not Python: no line with a word in it may go, be it into a comment or a string.

    A word of the new text stands for one of the old. A line with a quote may have its words move into or out of a
    string, all but its first.
    """
    rows = [(Counter(code), Counter(raw)) for code, raw in _rows(new)]
    left: list[str] = []
    for text in LINE_END.split(old):
        line = PASTED.sub("", text)
        same = next((row for row in rows if row[0] and row[0] == Counter(words_of(line))), None)
        if same:
            rows.remove(same)
        elif any(word.isidentifier() or word[0] in "'\"" for word in words_of(line)):
            left.append(line)
    for line in left:
        if not _taken_from(rows, line):
            return f"it drops the line `{_shown(words_of(line))}`"
    return None


def _taken_from(rows: list[tuple[Counter[str], Counter[str]]], line: str) -> bool:
    """Whether the words of a line are still to be had from one of the rows; it loses them then."""
    words = tuple(word for word in words_of(line) if re.match(r"\w|['\"]", word))
    code, _ = max(rows, key=lambda row: _share(words, row[0]), default=(Counter[str](), None))
    if _share(words, code) >= KEPT_OF_LINE:
        code.subtract(words)
        return True
    quote = BROKEN_QUOTE.search(line) or (re.search("['\"]", line) if any(line.count(q) % 2 for q in "'\"") else None)
    plain = tuple(re.findall(r"\w+", line))
    outside = words_of(line[: quote.start()]) if quote else ()
    if BROKEN_QUOTE.search(line):
        outside += words_of(BROKEN_QUOTE.split(line)[-1])
    for code, raw in rows if outside else ():
        if _share(outside, code) == 1 and _share(plain, raw) >= KEPT_OF_LINE:
            raw.subtract(plain)
            return True
    return False


def _rows(source: str) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Yield each line's words as code, and its words as they are read; a text over several lines is one word."""
    masked = LINE_END.split(source)
    tree = nodes(source)
    inside = {
        row
        for node in tree
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno
        for row in range(node.lineno, node.end_lineno)
    }
    for row, text in enumerate(masked):
        if row not in inside:
            yield words_of(text), re.findall(r"\w+", text)


def _share(words: tuple[str, ...], pool: Counter[str]) -> float:
    return kept(words, tuple((+pool).elements())) / len(words)


def _values(old: ast.stmt, new: ast.stmt) -> tuple[ast.AST, ast.AST]:
    """The values of two statements, or all of them where one has none."""
    was, value = getattr(old, "value", None), getattr(new, "value", None)
    return (was, value) if isinstance(was, ast.expr) and isinstance(value, ast.expr) else (old, new)


def _is_stubbed(old: ast.AST, new: ast.AST) -> bool:
    """Whether something made up stands where names stood, or part of an expression is left out."""
    literals = {each.value for each in _literals(new)}
    lost, gained = _names_in(old) - _names_in(new), _names_in(new) - _names_in(old)
    # `df[price]` for `df["price"]`, `d.x` for `d["x"]`, `true` for `True` are misspelt literals, not stubs.
    keys = {each.value for sub in ast.walk(new) if isinstance(sub, ast.Subscript) for each in _literals(sub.slice)}
    lost -= {name for name in lost if name in keys or any(_spells(name, each) for each in literals)}
    lost -= {name for name in _names_in_brackets(old) if name in literals}
    lost -= {name for name in lost if close_to_any(name, gained)}
    if not lost:
        return False
    before, after = _made(old), _made(new)
    if isinstance(new, ast.expr) and is_made_up(new):
        if is_made_up(old):
            return before != after and _names_in(old) <= lost
        same = isinstance(new, ast.Call) and after and not after - before
        return not same or bool(lost & _inputs(old))
    return len(gained) < len(lost) and (bool(after - before) or _operators(new) < _operators(old))


def _is_emptied(was: ast.AST, value: ast.AST, bound: set[str]) -> bool:
    """Whether a value of which nothing is left stands where another stood: `x = None` for `x = {}`, `x = x`."""
    if not isinstance(value, ast.expr) or ast.dump(value) == ast.dump(was):
        return False
    if isinstance(value, ast.Name):
        return value.id in bound
    before, after = substance(was), substance(value)
    if not is_made_up(value) or any(_spells(name, each.value) for name in before for each in _literals(value)):
        return False
    if not before:
        return isinstance(value, ast.Constant) or (isinstance(value, ast.Call) and called(value) in SCALARS)
    return not kept(tuple(before.elements()), tuple(after.elements()))


def _inputs(value: ast.AST) -> frozenset[str]:
    """The names that a value is computed from, without what it calls."""
    called_ones = {id(each.func) for each in ast.walk(value) if isinstance(each, ast.Call)}
    return frozenset(each.id for each in ast.walk(value) if isinstance(each, ast.Name) and id(each) not in called_ones)


def _made(node: ast.AST) -> Counter[str]:
    return Counter(ast.dump(each) for each in ast.walk(node) if isinstance(each, ast.Constant) or is_empty(each))


def _operators(node: ast.AST) -> int:
    return sum(isinstance(each, (ast.BinOp, ast.BoolOp, ast.Compare)) for each in ast.walk(node))


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Constant))


def _spells(name: str, literal: object) -> bool:
    """Whether a name is one of Python's constants in another case, with swapped letters, or as other languages say it."""
    word = "none" if name.lower() in ("null", "nil") else name.lower()
    return literal in (True, False, None) and sorted(word) == sorted(repr(literal).lower())


def _names_in_brackets(node: ast.AST) -> frozenset[str]:
    slices = (each.slice for each in ast.walk(node) if isinstance(each, ast.Subscript))
    return frozenset(name for each in slices for name in _names_in(each))


def _names_in(node: ast.AST) -> frozenset[str]:
    names = (getattr(each, "id", None) or getattr(each, "attr", None) for each in ast.walk(node))
    return frozenset(name for name in names if isinstance(name, str))


def _loses_names(old: str, new: str) -> str | None:
    """What the cell defined or changed, cells below may need."""
    before, after = flow(old), flow(new)
    gained = (after.defines - before.defines) | (after.reads.keys() - before.reads.keys())
    renamed = _renamed(old, new)
    for name in sorted(before.defines - after.defines - renamed):
        if not name.startswith("_") and not close_to_any(name, gained):
            return f"it no longer defines `{name}`"
    for name in sorted(before.changes - after.changes - after.defines - after.reads.keys() - renamed):
        if not close_to_any(name, after.changes):
            return f"it no longer changes `{name}`"
    return None


def _renamed(old: str, new: str) -> frozenset[str]:
    """The names that have another now where they were made, or stay what they were: `x = x.append(1)`, `x.append(1)`."""
    olds, news = statements(old), statements(new)
    names: set[str] = set()
    for i, j in heirs(old, new).items():
        lost = stored(olds[i].node) - stored(news[j].node)
        if changes_in_place(olds[i].node, news[j].node) or stored(news[j].node) - stored(olds[i].node):
            names |= lost
    return frozenset(names)


def _loses_effects(old: str, new: str, line: int | None) -> str | None:
    """Calls that are made for their effect: printing, plotting, fitting, saving."""
    olds, found = statements(old), heirs(old, new)
    calls = [call for i in found for call in ast.walk(olds[i].node) if isinstance(call, ast.Call)]
    whole = [olds[i].node for i in found if line not in olds[i].lines]
    alone = [each.value for each in whole if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)]
    before = Counter(called(call) for call in calls if EFFECTS.fullmatch(called(call)))
    after = Counter(called(call) for call in nodes(new) if isinstance(call, ast.Call))
    gained = [name for name in after if after[name] > sum(called(call) == name for call in calls)]
    returned = {ast.dump(each.value) for each in nodes(new) if isinstance(each, ast.Return) and each.value}
    for call in calls:
        name = called(call)
        if name == "print" and call.args and ast.dump(call.args[0]) in returned:
            after[name] += 1
    for name in before - after:
        if not close_to_any(name, gained):
            return f"it drops the call of `{name}`"
    for name in map(called, alone):
        if EFFECTS_ALONE.fullmatch(name) and not after[name] and not close_to_any(name, gained):
            return f"it drops the call of `{name}`"
    return None


def _shown(words: tuple[str, ...], limit: int = 60) -> str:
    text = re.sub(r"\s*([.()\[\],:])\s*", r"\1", " ".join(words)).replace(",", ", ")
    return text if len(text) <= limit else text[: limit - 1] + "…"
