"""Code's string literals as they are spelled: what must be replaced is the text, not the value."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

OPENING = re.compile(r"(?i)\b([rbuft]{1,2})?(\"\"\"|'''|\"|')|(?<!\w)(\"\"\"|'''|\"|')")
LEXEME = re.compile(
    r"\\.|(?P<comment>#[^\n]*)"
    r"|(?P<triple>\"\"\"|''')(?P<long>(?:\\.|(?!(?P=triple))[^\\])*)(?P=triple)"
    r"|\"(?P<double>[^\"\\\n]*(?:\\.[^\"\\\n]*)*)\"|'(?P<single>[^'\\\n]*(?:\\.[^'\\\n]*)*)'",
    re.DOTALL,
)


def spoken(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the comments and the insides of strings of some code, without what is between them; and which are comments."""
    for match in LEXEME.finditer(text):
        inside = match["comment"] or match["long"] or match["double"] or match["single"]
        if inside:
            yield inside, bool(match["comment"])


def pieces(source: str) -> Iterator[str]:
    """Yield what stands between the quotes of an expression's literals, for f-strings what is literal of it."""
    place = 0
    while opening := OPENING.search(source, place):
        prefix, quote = (opening[1] or "").lower(), opening[2] or opening[3]
        end, text = _end(source, opening.end(), quote), opening.end()
        if "f" in prefix or "t" in prefix:
            yield from _literal_parts(source[text:end])
        else:
            yield source[text:end]
        place = end + len(quote)


def _end(source: str, place: int, quote: str) -> int:
    while place < len(source):
        if source[place] == "\\":
            place += 2
        elif source.startswith(quote, place):
            return place
        else:
            place += 1
    return len(source)


def _literal_parts(inside: str) -> Iterator[str]:
    depth, start = 0, 0
    for place, character in enumerate(inside):
        if character == "{":
            if not depth:
                yield inside[start:place]
            depth += 1
        elif character == "}":
            depth = max(0, depth - 1)
            start = place + 1
    if not depth:
        yield inside[start:]


def value_of(node: ast.expr) -> str | None:
    """Return a literal's text, without what an f-string fills in; None where it is none."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bytes):
            return node.value.decode("latin-1")
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            each.value for each in node.values if isinstance(each, ast.Constant) and isinstance(each.value, str)
        )
    return None


def segment(lines: Sequence[str], node: ast.expr) -> str:
    """Return the text of a node; the tree counts columns in UTF-8 bytes."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    start, end = column(lines[first], node.col_offset), column(lines[last], node.end_col_offset or 0)
    if first == last:
        return lines[first][start:end]
    return "\n".join([lines[first][start:], *lines[first + 1 : last], lines[last][:end]])


def column(line: str, offset: int) -> int:
    """Return where in a line a column of the tree's is."""
    return offset if line.isascii() else len(line.encode("utf-8", "replace")[:offset].decode("utf-8", "ignore"))
