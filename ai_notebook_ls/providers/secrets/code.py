"""Secrets in code, by its syntax tree: what is given to names, keys and parameters that say so, and to calls that take them."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from ai_notebook_ls.core import magics
from ai_notebook_ls.providers.secrets import calls, forms, structure
from ai_notebook_ls.providers.secrets.given import Given, concatenations, given, names_of, operands, secret_need
from ai_notebook_ls.providers.secrets.literals import pieces, segment, value_of
from ai_notebook_ls.providers.secrets.names import INNOCENT, Need, is_secret, mentions

PREFIX = re.compile(r"(?m)^(?:[+-](?![+-])|>>> |\.\.\. |(?:-+> ?|\s{0,6})\d{1,5}(?: \|)? )")
WHOLE = 100_000
"""Characters; a longer text is parsed in pieces, only where there may be something."""
PIECE = 20_000
PIECES, LINES = 2_000, 500
"""How many pieces, and lines that are in no piece that parses, are read; the rest is left to the other finders."""
JOINED = "+ "


def parsed(text: str) -> ast.Module | None:
    """Return the tree of a text, magics masked; None where it is no code as a whole, or too long to parse at once."""
    return _parse(text) if len(text) <= WHOLE else None


def find(text: str, tree: ast.Module | None) -> Iterator[tuple[str, str]]:
    """Yield the spelling of each, and its kind; what does not parse is read by pieces, then line by line."""
    if not _worth_parsing(text):
        return
    text = _lines_ended(text)
    for source, part in _trees(text) if tree is None else [(text, tree)]:
        lines = source.split("\n")
        for wanted, node in _secrets(part):
            yield from _spellings(wanted, node, lines)
        for expression in concatenations(part):
            yield from _across(expression, lines)


def _spellings(wanted: Need, nodes: Given, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    value = "".join(value_of(node) or "" for node in nodes)
    if not is_secret(value, wanted):
        return
    try:
        spelled = [piece for node in nodes for piece in pieces(segment(lines, node))]
    except IndexError:  # a line end within a literal that the tree counts otherwise
        spelled = []
    found = [each for each in spelled if len(each.strip()) >= 3 and not INNOCENT.match(each.strip())]
    for piece in found:
        yield "password", piece
    if value not in found:
        yield "password", value


def _worth_parsing(text: str) -> bool:
    return ("'" in text or '"' in text) and (
        mentions(text) or any(hint in text for hint in calls.HINTS) or JOINED in text
    )


def _across(expression: ast.expr, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What is a secret only when the parts of a concatenation are read together: "mysql://root:" + "…" + "@host"."""
    try:
        parts = list(_parts(expression, lines))
    except IndexError:
        return
    whole = "".join(parts)
    for kind, secret in (*forms.find(whole), *structure.find(whole)):
        start, place = whole.find(secret), 0
        for part in parts:
            piece = part[max(0, start - place) : max(0, start + len(secret) - place)]
            place += len(part)
            if len(piece) >= 3 and "{}" not in piece:
                yield kind, piece


def _parts(expression: ast.expr, lines: Sequence[str]) -> Iterator[str]:
    if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Add):
        for operand in operands(expression):
            yield from _parts(operand, lines)
    elif value_of(expression) is not None:
        yield from pieces(segment(lines, expression))
    else:
        yield "{}"


def _trees(text: str) -> Iterator[tuple[str, ast.Module]]:
    """Those pieces of a text that parse."""
    left, pieces_left = LINES, PIECES
    plain = PREFIX.sub("", text) if len(text) <= 10 * WHOLE else text
    for block in _blocks(plain):
        if not pieces_left or len(block) > PIECE or not _worth_parsing(block):
            continue
        pieces_left -= 1
        if (tree := _parse(block)) is not None:
            yield block, tree
            continue
        for line in block.split("\n"):
            if left and _worth_parsing(line):
                left -= 1
                yield from _line(line.strip())


def _parse(text: str) -> ast.Module | None:
    # Not the parser that remembers: what is read here may be an output of megabytes.
    return magics.parse.__wrapped__(_lines_ended(text))


def _lines_ended(text: str) -> str:
    """The text with its lines ended alike, and without an indentation that all of them have."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return textwrap.dedent(text) if text[:1] in " \t" else text


def _line(line: str) -> Iterator[tuple[str, ast.Module]]:
    """A line out of code that does not parse, in what could be around it."""
    for source in (line, f"{line} pass", f"f({line})", f"{{{line.rstrip(',')}}}", f"f({line}"):
        if (tree := _parse(source)) is not None:
            yield source, tree
            return


def _blocks(text: str) -> Iterator[str]:
    """The text from each line at the margin to the next; lines that close what is open belong to the one before."""
    block: list[str] = []
    size = 0
    for line in text.split("\n"):
        if block and (
            size > PIECE or (line[:1].strip() and line[0] not in ")]}" and not line.startswith(("else", "exc")))
        ):
            yield "\n".join(block)
            block, size = [], 0
        block.append(line)
        size += len(line)
    yield "\n".join(block)


def _secrets(tree: ast.Module) -> Iterator[tuple[Need, Given]]:
    for node in ast.walk(tree):
        for target, value in pairs(node):
            yield from _of_pair(target, value)
        if isinstance(node, ast.Call):
            yield from calls.of_call(node)
        elif isinstance(node, (ast.List, ast.Tuple)):
            yield from calls.of_sequence(node.elts)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _returned(node)


def pairs(node: ast.AST) -> Iterator[tuple[ast.expr | str, ast.expr]]:
    """Yield what a node gives to what."""
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, ast.Dict):
        yield from ((key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None)
    elif isinstance(node, ast.arguments):
        named = [*node.posonlyargs, *node.args]
        yield from zip((each.arg for each in named[len(named) - len(node.defaults) :]), node.defaults, strict=True)
        yield from (
            (each.arg, value)
            for each, value in zip(node.kwonlyargs, node.kw_defaults, strict=True)
            if value is not None
        )
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        if isinstance(node.iter, (ast.List, ast.Tuple, ast.Set)):
            yield from ((node.target, each) for each in node.iter.elts)
    elif isinstance(node, ast.Compare):
        yield from _compared(node)
    elif isinstance(node, ast.Match):
        for case in node.cases:
            yield from (
                (node.subject, each.value) for each in ast.walk(case.pattern) if isinstance(each, ast.MatchValue)
            )


def _compared(node: ast.Compare) -> Iterator[tuple[ast.expr, ast.expr]]:
    sides = [node.left, *node.comparators]
    for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
        if isinstance(operator, (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)):
            yield left, right
        if isinstance(operator, (ast.Eq, ast.NotEq)):
            yield right, left


def _of_pair(target: ast.expr | str, value: ast.expr) -> Iterator[tuple[Need, Given]]:
    if isinstance(target, (ast.Tuple, ast.List)):
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
            for inner, its in zip(target.elts, value.elts, strict=True):
                yield from _of_pair(inner, its)
        elif isinstance(value, ast.Call) and Need.ANYTHING in (secret_need(each) for each in target.elts):
            yield from ((Need.NO_WORD, each) for each in given(value))  # "me:pw".split(":")
        return
    names = names_of(target)
    if names and names[0].lower().endswith(
        ("auth", "credentials", "creds", "login", "userpwd", "basicauth", "auth_tuple")
    ):
        yield from calls.user_and_password(value)
    wanted = secret_need(target)
    if wanted is not None:
        yield from ((wanted, each) for each in given(value))


GETTERS = ("get", "load", "fetch", "read", "default")


def _returned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[Need, Given]]:
    """What a function `get_password` returns."""
    wanted = secret_need(node.name)
    words = node.name.strip("_").split("_")
    if wanted is None or (len(words) > 1 and words[0] in calls.VERBS and words[0] not in GETTERS):
        return
    returns: Iterable[ast.AST] = ast.walk(node)
    for each in returns:
        if isinstance(each, ast.Return) and each.value is not None:
            yield from ((wanted, literal) for literal in given(each.value))
