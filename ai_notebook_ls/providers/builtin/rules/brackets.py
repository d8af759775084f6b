"""Brackets that do not match."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ai_notebook_ls.providers.builtin.rules.broken import Broken, Repair, quiet, split_comment

PAIRS = {"(": ")", "[": "]", "{": "}"}
HEAD = re.compile(r"\s*(if|elif|for|while|def|class|with|except|async|match|case)\b")
GOES_ON = re.compile(r"[-+*/=,(\[{.]$|\b(and|or|not|in|if|else)$")


def wrong_bracket(trouble: Broken) -> Iterator[Repair]:
    """A closing bracket of the wrong kind, one too many, or one left out before it."""
    mismatch = re.search(r"closing parenthesis '(.)' does not match opening parenthesis '(.)'", trouble.message)
    line, at = trouble.line, trouble.column
    if mismatch:
        right = PAIRS[mismatch[2]]
        yield f"Write `{right}` for `{mismatch[1]}`", trouble.with_line(line[:at] + right + line[at + 1 :]), "likely"
        yield f"Add the missing `{right}`", trouble.with_line(line[:at] + right + line[at:]), "likely"
    elif found := re.search(r"unmatched '([])}])'", trouble.message):
        yield f"Remove the `{found[1]}` too many", trouble.with_line(line[:at] + line[at + 1 :]), "likely"
        opening = next(mark for mark, closing in PAIRS.items() if closing == found[1])
        start = re.match(r"\s*(?:[\w.]+\s*=\s*)?", line)
        yield f"Add the missing `{opening}`", trouble.with_line(f"{start[0]}{opening}{line[start.end() :]}"), "guess"  # type: ignore[index, union-attr]


def unclosed_bracket(trouble: Broken) -> Iterator[Repair]:
    """A bracket that is never closed: closed at the end of a line, as early as the text allows."""
    if not re.search(r"never closed|unexpected EOF|incomplete|invalid syntax|comma|expected|f-string", trouble.message):
        return
    opened = _open_at(trouble.lines)
    for at, stack in enumerate(opened):
        if not stack or not trouble.lines[at].strip():
            continue
        closing = "".join(PAIRS[mark] for _, mark in reversed(stack))
        code, comment = split_comment(trouble.lines[at])
        title = f"Add the missing `{closing}`"
        if code.endswith(":") and HEAD.match(trouble.lines[stack[0][0]]):
            yield title, trouble.with_line(code[:-1] + closing + ":" + comment, at), "certain"
        bare = code.rstrip()
        bare = bare[:-1] if bare.endswith(",") and at + 1 < len(opened) else bare
        if not GOES_ON.search(bare):
            yield title, trouble.with_line(bare + closing + comment, at), "certain"


def unclosed_field(trouble: Broken) -> Iterator[Repair]:
    """An f-string's field that is not closed: `f"{x"`."""
    if "f-string" in trouble.message:
        for found in re.finditer(r"\{[^{}'\"]*(?=['\"])", trouble.line):
            end = found.end()
            yield "Add the missing `}`", trouble.with_line(f"{trouble.line[:end]}}}{trouble.line[end:]}"), "certain"


def left_open(lines: Sequence[str]) -> int:
    """Return how many brackets a text leaves open."""
    return len(_open_at(lines)[-1])


def _open_at(lines: Sequence[str]) -> list[list[tuple[int, str]]]:
    """What is open at the end of each line: (line, bracket), outermost first."""
    stack: list[tuple[int, str]] = []
    found = []
    for row, line in enumerate(quiet("\n".join(lines)).split("\n")):
        for mark in line:
            if mark in PAIRS:
                stack.append((row, mark))
            elif stack and mark == PAIRS[stack[-1][1]]:
                stack.pop()
        found.append(list(stack))
    return found
