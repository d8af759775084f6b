"""Where code has its literals: whether those of a changed cell stand where the cell had them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from ai_notebook_ls.core import magics
from ai_notebook_ls.providers.secrets.code import pairs
from ai_notebook_ls.providers.secrets.given import WRAPPERS, called, names_of, secret_need
from ai_notebook_ls.providers.secrets.literals import column, value_of

Place = tuple[object, ...]
"""What a literal is given to, and what it is put together with on the way there."""

ALIKE = 0.7
"""How much of a called function's name may be another, by difflib: a fix often mends just that."""


def in_place(source: str, own: str, mark: re.Pattern[str]) -> bool:
    """Whether each mark in a cell's changed text stands where its own text has it: given to the same, in the same literal.

    What the code gives to something that is called like a secret may be a literal from elsewhere in the cell. In comments
    and commands, and where one of the two is no Python, a mark stands by its whole line.
    """
    source, own = (text.replace("\r\n", "\n").replace("\r", "\n") for text in (source, own))
    tree, known = magics.parse(source), magics.parse(own)
    if tree is None or known is None:
        return _by_lines(source, source, own, mark)
    had = list(_literals(known, mark))
    return all(_had(each, had, mark) for each in _literals(tree, mark)) and _by_lines(
        _outside(source, tree), source, own, mark
    )


def _had(literal: tuple[Place, str], had: list[tuple[Place, str]], mark: re.Pattern[str]) -> bool:
    place, text = literal
    if place[0] == "to" and secret_need(str(place[1])) is not None and any(text == each for _, each in had):
        return True
    there = [each for other, each in had if _same(place, other)]
    if text in there or "\n" not in text:
        return text in there
    lines = {line.strip() for each in there for line in each.split("\n")}
    return all(line.strip() in lines for line in text.split("\n") if mark.search(line))


def _same(one: Place, other: Place) -> bool:
    if one[0] != "argument" or other[0] != "argument":
        return one == other
    (_, function, place, beside), (_, other_function, other_place, other_beside) = one, other
    if beside and beside == other_beside:
        return True
    return place == other_place and _alike(str(function), str(other_function))


def _alike(one: str, other: str) -> bool:
    mine, others = one.split("."), other.split(".")
    return mine[0] == others[0] or mine[-1] == others[-1] or SequenceMatcher(None, one, other).ratio() >= ALIKE


def _literals(tree: ast.Module, mark: re.Pattern[str]) -> Iterator[tuple[Place, str]]:
    """The literals that hold a mark, f-strings' parts too, and where they stand."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    given = {value: target for node in ast.walk(tree) for target, value in pairs(node)}
    for node in ast.walk(tree):
        text = value_of(node) if isinstance(node, ast.Constant) else None
        if text is not None and mark.search(text):
            yield _place(node, parents, given), text


def _place(node: ast.AST, parents: dict[ast.AST, ast.AST], given: dict[ast.expr, ast.expr | str]) -> Place:
    within: list[str] = []
    while (parent := parents.get(node)) is not None:
        target = given.get(node) if isinstance(node, ast.expr) else None
        if target is not None and not isinstance(parent, ast.Compare):
            names = names_of(target)
            return ("to", names[0] if names else _text(target), *within)
        place = next((place for place, each in enumerate(_arguments(parent)) if each is node), None)
        if place is not None and isinstance(parent, ast.Call) and called(parent) not in WRAPPERS:
            if within:
                return ("within an argument", _text(parent), *within)
            others = [each for each in (*parent.args, *parent.keywords) if each is not node]
            return ("argument", _text(parent.func), place, tuple(map(_text, others)))
        if isinstance(parent, ast.JoinedStr):
            at = next(place for place, each in enumerate(parent.values) if each is node)
            within += [_text(each) for each in parent.values[:at] if value_of(each) is not None]
            within.append("f")
        elif isinstance(parent, ast.expr):
            within.append(_text(parent))
        else:
            return ("in", type(parent).__name__, *within)
        node = parent
    return ("in", "", *within)


def _arguments(node: ast.AST) -> list[ast.expr]:
    return node.args if isinstance(node, ast.Call) else []


def _text(node: ast.AST | str) -> str:
    if isinstance(node, str):
        return node
    try:
        return ast.unparse(node)
    except (ValueError, RecursionError):
        return ast.dump(node)


def _outside(source: str, tree: ast.Module) -> str:
    """The code without its literals, line by line."""
    lines = source.split("\n")
    spans = [
        (node.lineno - 1, node.col_offset, (node.end_lineno or node.lineno) - 1, node.end_col_offset or 0)
        for node in ast.walk(tree)
        if isinstance(node, (ast.JoinedStr, ast.Constant)) and value_of(node) is not None
    ]
    left = list(lines)
    for first, start, last, end in sorted(spans, reverse=True):
        if last >= len(lines):
            continue
        for number in range(first, last + 1):
            begin = column(lines[number], start) if number == first else 0
            stop = column(lines[number], end) if number == last else len(lines[number])
            left[number] = left[number][:begin] + " " * (stop - begin) + left[number][stop:]
    return "\n".join(left)


def _by_lines(looked_at: str, source: str, own: str, mark: re.Pattern[str]) -> bool:
    """Whether the lines that have a mark, as far as they are looked at, are lines of the cell."""
    had = set(_lines(own))
    shown = [
        line for line, looked in zip(source.split("\n"), looked_at.split("\n"), strict=True) if mark.search(looked)
    ]
    return {pair for pair in _lines(source) if pair[1] in {line.strip() for line in shown}} <= had


BARE = re.compile(r"[rbfuRBFU]{0,2}([\"']).*\1[,)\]}]*")


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Each line, and before it the one above where it says nothing but a literal: that could stand anywhere."""
    above = ""
    for line in filter(None, map(str.strip, text.split("\n"))):
        yield (above if BARE.fullmatch(line) else ""), line
        above = line
