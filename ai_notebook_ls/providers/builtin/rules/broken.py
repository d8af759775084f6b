"""A text that does not parse, where Python stopped, and what a repair of it looks like."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.candidates import Confidence
from ai_notebook_ls.core.cells import LINE_END

Repair = tuple[str, str, Confidence]
"""(title, the whole new text, confidence)."""

QUIET = re.compile(
    r"#[^\n]*|[rbfuRBFU]{0,2}(?:'''.*?(?:'''|\Z)|\"\"\".*?(?:\"\"\"|\Z)|'(?:\\.|[^'\\\n])*'?|\"(?:\\.|[^\"\\\n])*\"?)",
    re.DOTALL,
)
"""Comments and strings, ended or not."""


@dataclass(frozen=True)
class Broken:
    """A text that does not parse, and where Python stopped."""

    lines: tuple[str, ...]
    row: int
    """0-based."""
    column: int
    message: str

    @property
    def line(self) -> str:
        """The line where Python stopped."""
        return self.lines[self.row]

    @property
    def above(self) -> int | None:
        """The nearest row above that holds code."""
        rows = range(self.row - 1, -1, -1)
        return next((i for i in rows if self.lines[i].strip() and not self.lines[i].lstrip().startswith("#")), None)

    def with_line(self, text: str, row: int | None = None) -> str:
        """Return the text with one line replaced."""
        at = self.row if row is None else row
        return "\n".join([*self.lines[:at], text, *self.lines[at + 1 :]])

    def substituted(self, pattern: str, new: str, title: str, sure: Confidence) -> Iterator[Repair]:
        """Yield the text with all matches replaced that begin in the line's code, not in a string or comment."""
        code, comment = split_comment(self.line)
        blank = quiet(code)
        text, end = "", 0
        for found in re.finditer(pattern, code):
            first = found.start() + len(found[0]) - len(found[0].lstrip())
            if blank[first : first + 1] == code[first : first + 1]:
                text += code[end : found.start()] + found.expand(new)
                end = found.end()
        if end:
            yield title, self.with_line(text + code[end:] + comment), sure


def broken(source: str) -> Broken | None:
    """Return where a text fails to parse; None if it does not, or nobody can say where."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(magics.mask(source))
        except SyntaxError as error:
            lines = tuple(LINE_END.split(source))
            row = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
            return Broken(lines, row, max((error.offset or 1) - 1, 0), error.msg)
        except (ValueError, RecursionError, MemoryError):
            return None
    return None


def quiet(text: str) -> str:
    """Return a text whose strings and comments are blank, at the same places."""
    return QUIET.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def split_comment(line: str) -> tuple[str, str]:
    """Return a line's code and its comment, with the space before it."""
    for found in QUIET.finditer(line):
        if found[0].startswith("#"):
            code = line[: found.start()].rstrip()
            return code, line[len(code) :]
    return line, ""
