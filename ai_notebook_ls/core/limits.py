"""How much is taken on, in one place (docs/limits.md has the same numbers as a table; a test compares).

The event loop serves all notebooks and sessions, so a single step should hold it, or the interpreter's lock, for no more than
50 ms. What C code does in one go cannot be interrupted: 20,000 characters of dense Python take the parser about that long.
"""

from __future__ import annotations

CELL = 20_000
"""Characters of a cell that is analysed; a larger one is run, but nothing is told of it."""

CELL_RUN = 2_000_000
"""Characters of a cell that is run."""

CELLS = 5_000
"""Code cells of a notebook that is analysed; in a larger one each cell may need all above it."""

SCRIPT = 1_000_000
"""Characters of a script or of a notebook in one text; a larger one is a single cell."""

ERROR_NAME, ERROR_MESSAGE, TRACEBACK = 200, 10_000, 50_000
"""Characters kept of an error; of its traceback, all lines together."""

PROPOSED_OUTPUT = 4_000_000
"""Bytes of output in all receipts of one answer; the best candidates come first."""

HOVER, DIAGNOSTIC = 20_000, 500
"""Characters shown in a hover, and of a message in a diagnostic."""

FINDINGS = 500
"""Findings told of one notebook."""


def cut(text: str, limit: int) -> str:
    """Return a text of at most about `limit` characters: its head and tail, and between them how much was cut."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} […{len(text) - 2 * half:,} characters cut…] {text[-half:]}"


def cut_lines(lines: tuple[str, ...], limit: int) -> tuple[str, ...]:
    """Return lines of at most about `limit` characters together, cut as `cut` does."""
    if _fitting(lines, limit) == len(lines):
        return lines
    shorter = tuple(cut(line, limit // 8) for line in lines)
    head, tail = _fitting(shorter, limit // 2), _fitting(shorter[::-1], limit // 2)
    if head + tail >= len(lines):
        return shorter
    return *shorter[:head], f"[…{len(lines) - head - tail:,} lines cut…]", *shorter[len(lines) - tail :]


def _fitting(lines: tuple[str, ...], room: int) -> int:
    """How many of the first lines fit into so many characters."""
    for count, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return count
    return len(lines)
