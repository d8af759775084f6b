"""Places in a cell's text, as `ast` counts them, and texts put there."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from ai_notebook_ls.core.cells import LINE_END


@dataclass(frozen=True, slots=True)
class Splice:
    """Put a text in place of a range: 1-based lines, columns in UTF-8 bytes."""

    first: tuple[int, int]
    last: tuple[int, int]
    text: str

    @classmethod
    def of(cls, node: ast.expr | ast.stmt, text: str) -> Splice:
        """Replace a node."""
        return cls((node.lineno, node.col_offset), end_of(node), text)

    @classmethod
    def after(cls, node: ast.expr | ast.stmt | ast.arg, text: str) -> Splice:
        """Insert behind a node."""
        return cls(end_of(node), end_of(node), text)


def end_of(node: ast.expr | ast.stmt | ast.arg) -> tuple[int, int]:
    """Return where a node ends."""
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def spliced(source: str, splices: Iterable[Splice]) -> str:
    """Return the text with all of them done; of two that overlap, the one further up stays out."""
    lines = [line.encode("utf-8", "surrogatepass") for line in LINE_END.split(source)]
    limit = (len(lines) + 1, 0)
    for splice in sorted(splices, key=lambda each: (each.first, each.last), reverse=True):
        if splice.last > limit:
            continue
        (row, start), (end_row, end) = splice.first, splice.last
        middle = splice.text.encode("utf-8", "surrogatepass")
        lines[row - 1 : end_row] = [lines[row - 1][:start] + middle + lines[end_row - 1][end:]]
        limit = splice.first
    return "\n".join(line.decode("utf-8", "surrogatepass") for line in lines)


def text_of(source: str, node: ast.expr | ast.stmt) -> str:
    """Return a node's own text."""
    lines = [line.encode("utf-8", "surrogatepass") for line in LINE_END.split(source)]
    (row, start), (end_row, end) = (node.lineno, node.col_offset), end_of(node)
    rows = lines[row - 1 : end_row]
    rows[-1] = rows[-1][:end]
    rows[0] = rows[0][start:]
    return b"\n".join(rows).decode("utf-8", "surrogatepass")


def without_lines(source: str, rows: Iterable[range]) -> str:
    """Return the text without some lines (0-based); no blank line is left at the ends, nor two where there was one."""
    gone = {row for each in rows for row in each}
    lines = LINE_END.split(source)
    kept: list[str] = []
    cut = True
    for row, line in enumerate(lines):
        if row in gone:
            cut = True
        elif line.strip() or not (cut and (not kept or not kept[-1].strip())):
            kept.append(line)
            cut = False
    while kept and not kept[-1].strip() and gone:
        kept.pop()
    return "\n".join(kept)


def has_lines_alone(source: str, node: ast.stmt) -> bool:
    """Whether nothing but a statement, and a comment behind it, stands on its lines."""
    lines = LINE_END.split(source)
    first, (last, end) = lines[node.lineno - 1], end_of(node)
    before = first.encode("utf-8", "surrogatepass")[: node.col_offset]
    behind = lines[last - 1].encode("utf-8", "surrogatepass")[end:].strip()
    return not before.strip() and (not behind or behind.startswith(b"#"))
