"""Blocks: their colons and their indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_notebook_ls.providers.builtin.rules.broken import Broken, Repair, quiet, split_comment

BLOCK = re.compile(r"\s*(if|elif|else|for|while|def|class|try|except|finally|with|async|match|case)\b")
STEP = 4


def missing_colon(trouble: Broken) -> Iterator[Repair]:
    """A block's first line without its colon, with another mark for it, or with its body behind it."""
    for row in dict.fromkeys((trouble.row, trouble.above)):
        if row is None or not (BLOCK.match(trouble.lines[row]) or "expected ':'" in trouble.message):
            continue
        code, comment = split_comment(trouble.lines[row])
        if not code.rstrip().endswith(":"):
            yield (
                "Add the missing colon",
                trouble.with_line(re.sub(r"[;,.]?\s*$", "", code) + ":" + comment, row),
                "certain",
            )
        head, body = code[: trouble.column], code[trouble.column :]
        if "expected ':'" in trouble.message and row == trouble.row and body.strip():
            yield "Add the missing colon", trouble.with_line(f"{head.rstrip()}: {body.lstrip()}{comment}"), "certain"


def tabs(trouble: Broken) -> Iterator[Repair]:
    """Tabs and spaces in one block: a tab is read as four spaces, and as eight if that fits better."""
    if any("\t" in line for line in trouble.lines) and re.search(r"tab|indent", trouble.message):
        for width in (4, 8):
            yield "Indent with spaces, not tabs", "\n".join(_spaces(line, width) for line in trouble.lines), "certain"
        if "tab" in trouble.message and trouble.above is not None:
            lines = tuple(_spaces(line) for line in trouble.lines)
            by = _depth(lines[trouble.above]) - _depth(lines[trouble.row])
            yield "Indent the line as the one above", _moved(lines, trouble.row, trouble.row + 1, by), "likely"


def missing_block(trouble: Broken) -> Iterator[Repair]:
    """A block that is not indented: its first line alone, or the lines up to the next gap; or one that is empty."""
    if "expected an indented block" not in trouble.message:
        return
    lines, row, above = trouble.lines, trouble.row, trouble.above
    if above is not None and trouble.line.strip() and BLOCK.match(lines[above]):
        by = _depth(lines[above]) + STEP - _depth(trouble.line)
        end = row + 1
        while end < len(lines) and lines[end].strip() and _depth(lines[end]) >= _depth(trouble.line):
            end += 1
        alone = end == row + 1
        yield f"Indent line {row + 1}", _moved(lines, row, row + 1, by), "certain" if alone else "likely"
        if not alone:
            yield f"Indent lines {row + 1} to {end}", _moved(lines, row, end, by), "guess"
    head = above if above is not None and BLOCK.match(lines[above]) else row
    if BLOCK.match(lines[head]):
        text = " " * (_depth(lines[head]) + STEP) + "pass"
        yield "Give the empty block a `pass`", "\n".join([*lines[: head + 1], text, *lines[head + 1 :]]), "guess"


def uneven_indent(trouble: Broken) -> Iterator[Repair]:
    """Lines that stand further in, or elsewhere, than those around them."""
    message, lines, row = trouble.message, trouble.lines, trouble.row
    if "unexpected indent" not in message and "unindent does not match" not in message:
        return
    own = _depth(trouble.line)
    end = next((i for i in range(row, len(lines)) if lines[i].strip() and _depth(lines[i]) < own), len(lines))
    known = sorted({_depth(line) for line in lines[:row] if line.strip()} | {0}, key=lambda each: abs(each - own))
    above = [_depth(lines[trouble.above])] if trouble.above is not None and "unexpected" in message else []
    for i, depth in enumerate(dict.fromkeys([*above, *known])):
        if depth != own:
            for last in (end, row + 1) if "unexpected" in message else (row + 1, end):
                moved = _moved(lines, row, last, depth - own)
                yield "Indent it like the lines around", moved, "likely" if i == 0 else "guess"


def _spaces(line: str, width: int = 4) -> str:
    return line[: len(line) - len(line.lstrip())].expandtabs(width) + line.lstrip()


def _depth(line: str) -> int:
    return len(_spaces(line)) - len(line.lstrip())


def _moved(lines: tuple[str, ...], first: int, end: int, by: int) -> str:
    """The text with some lines moved in or out; the insides of multi-line strings stay as they are."""
    blank = quiet("\n".join(lines)).split("\n")
    moved = [
        " " * max(0, _depth(line) + by) + line.lstrip() if blank[first + i].strip() else line
        for i, line in enumerate(lines[first:end])
    ]
    return "\n".join([*lines[:first], *moved, *lines[end:]])
