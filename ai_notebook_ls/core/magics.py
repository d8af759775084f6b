"""IPython syntax masked, so that `ast.parse` reads a cell; lines and columns of the Python in it stay."""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache

from ai_notebook_ls.core import limits
from ai_notebook_ls.core.cells import LINE_END

RUNS_ITS_BODY = frozenset(
    {"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "debug", "pyinstrument", "snakeviz", "scalene"}
)
"""Cell magics whose body is the notebook's own Python; the body of any other is text for something else."""

RUNS_ITS_LINE = re.compile(r"%(?:time|timeit|prun|memit)[ \t]+(?:-\S+[ \t]+(?:\d+[ \t]+)?)*(?=[^\s-])")

CELL_MAGIC = re.compile(r"%%(?P<name>\w+)[ \t]*(?P<rest>.*)$")
CAPTURE_TO = re.compile(r"%%capture[ \t]+(?:--[\w-]+[ \t]+)*(?=[^\W\d]\w*[ \t]*$)")
ESCAPED = re.compile(r"\s*(?:%|!|\?)")
HELP = re.compile(r"\s*%{0,2}[^\W\d][\w.*]*(?:\[[^\]]*\])?\?{1,2}\s*$")
ASSIGNED = re.compile(r"(?P<target>\s*[^\W\d][\w.,\[\]'\" \t*]*=\s*)(?:![^=]|%[^\W\d])")
STRING_OR_BRACKET = re.compile(
    r"(?P<triple>'''|\"\"\")|(?P<quote>['\"])|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comment>#)"
)
EXPANDED = re.compile(r"(?<![{$\\])[{$]\s*(?P<name>[^\W\d]\w*)")


def too_large(source: str) -> bool:
    """Return whether a cell's text is not analysed (core/limits.py)."""
    return len(source) > limits.CELL


@lru_cache(maxsize=4096)
def parse(source: str) -> ast.Module | None:
    """Parse a cell, magics masked; None where it is not Python, or too deep, odd or large for the parser."""
    tree = _parse(source)
    return _parse(mask(source)) if tree is None else tree


def _parse(source: str) -> ast.Module | None:
    if too_large(source):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" in a cell is the user's affair, and an error under -W error
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            # NUL bytes and lone surrogates are ValueErrors before 3.12; deep nesting is one of the last two.
            return None


def mask(source: str) -> str:
    """Return the source with IPython syntax replaced by Python that stands at the same lines and columns.

    Line magics, shell lines and help become `pass`, their assignments `x = None`; `%time x = f()` keeps its statement,
    `%%time` its body. The body of `%%bash` and its like is blanked. Text that parses as Python comes back unchanged.
    """
    if too_large(source) or not any(mark in source for mark in "%!?") or _parse(source) is not None:
        return source
    lines = LINE_END.split(source)
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    while start < len(lines) and (magic := CELL_MAGIC.match(lines[start])):
        if magic["name"] not in RUNS_ITS_BODY:
            return "\n".join([*lines[:start], *("" for _ in lines[start:])])
        lines[start] = _keep_statement(CAPTURE_TO, lines[start], " = None")
        start += 1
    return "\n".join([*lines[:start], *_mask_lines(lines[start:])])


def escaped(source: str) -> dict[int, str]:
    """Return the magic, shell and help lines of a cell, stripped, by their places; a `%%bash` cell is all of its lines."""
    if too_large(source):
        return {}
    masked = LINE_END.split(mask(source))
    lines = LINE_END.split(source)
    pairs = enumerate(zip(lines, masked, strict=True))
    return {place: line.strip() for place, (line, other) in pairs if line != other and line.strip()}


def escaped_lines(source: str) -> tuple[str, ...]:
    """Return what `escaped` does, without the places."""
    return tuple(escaped(source).values())


def expanded_names(source: str) -> frozenset[str]:
    """Return the names that shell lines and magics take from the notebook: `!ls {folder}`, `%cd $home`."""
    return frozenset(name for line in escaped_lines(source) for name in EXPANDED.findall(line))


def _mask_lines(lines: list[str]) -> list[str]:
    masked: list[str] = []
    state = _Inside()
    continued = False
    for line in lines:
        if continued:
            masked.append("")
            continued = line.rstrip().endswith("\\")
            continue
        replaced = _mask_line(line) if state.outside else None
        if replaced is None:
            state.feed(line)
            masked.append(line)
            continue
        masked.append(replaced)
        continued = line.rstrip().endswith("\\")
    return masked


def _mask_line(line: str) -> str | None:
    """The Python that stands for a line of IPython syntax; None for a line of Python."""
    indent = line[: len(line) - len(line.lstrip())]
    if ESCAPED.match(line):
        kept = _keep_statement(RUNS_ITS_LINE, line, "")
        return kept or indent + "pass"
    if HELP.match(line):
        return indent + "pass"
    if assigned := ASSIGNED.match(line):
        return assigned["target"] + "None"
    return None


def _keep_statement(prefix: re.Pattern[str], line: str, tail: str) -> str:
    """`%time x = f()` as `if 1: x = f()`, at the same columns; empty where that is no statement."""
    indent = line[: len(line) - len(line.lstrip())]
    found = prefix.match(line, len(indent))
    if not found:
        return ""
    width = found.end() - len(indent)
    kept = f"{indent}if{'1: '.rjust(width - 2)}{line[found.end() :]}{tail}"
    return kept if _parse(kept.strip()) is not None else ""


class _Inside:
    """Whether the next line starts a statement, or continues a string, a bracket or a backslash."""

    def __init__(self) -> None:
        self.depth = 0
        self.quote = ""
        self.backslash = False

    @property
    def outside(self) -> bool:
        return not (self.depth or self.quote or self.backslash)

    def feed(self, line: str) -> None:
        """Take a line of Python."""
        place = 0
        self.backslash = False
        while place < len(line):
            if self.quote:
                place = self._end_of_string(line, place)
                continue
            found = STRING_OR_BRACKET.search(line, place)
            if found is None:
                break
            place = found.end()
            if found["comment"]:
                return
            self.quote = found["triple"] or found["quote"] or ""
            self.depth = max(0, self.depth + bool(found["open"]) - bool(found["close"]))
        if len(self.quote) == 1:
            self.quote = ""  # an unterminated string ends with its line
        self.backslash = line.endswith("\\")

    def _end_of_string(self, line: str, place: int) -> int:
        found = re.compile(rf"\\.|{self.quote}").search(line, place)
        while found and found[0] != self.quote:
            found = re.compile(rf"\\.|{self.quote}").search(line, found.end())
        if found is None:
            return len(line)
        self.quote = ""
        return found.end()
