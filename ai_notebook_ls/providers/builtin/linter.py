"""ruff's own fixes of removed names, over the whole notebook: alone, a cell does not show what `np` is."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from dataclasses import dataclass
from typing import Any

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.cells import LINE_END, Cell
from ai_notebook_ls.core.requests import FixRequest

RULES = "NPY,UP035,PD007,PD008,PD009,PD010,F632,F502,F507,F523,F524"
"""What breaks at run time and has a fix. Never F401: another cell may use the import."""

TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Edit:
    """One of ruff's edits in the joined text: 0-based lines, columns in code points."""

    first_line: int
    first_column: int
    last_line: int
    last_column: int
    text: str


async def linted(request: FixRequest) -> tuple[Candidate, ...]:
    """Return ruff's safe fixes of the failing cell as one candidate; nothing if ruff is not there or says nothing."""
    cells = (*request.notebook.above(request.cell.id), request.cell)
    if magics.parse(request.cell.source) is None:
        return ()
    start = sum(len(cell.lines) for cell in cells[:-1])
    joined = "\n".join("\n".join(_lines(cell)) for cell in cells)
    # A fix that also changes another cell (an import up there) is left to the other rules.
    fixes = [edits for edits in await _check(joined) if all(edit.first_line >= start for edit in edits)]
    source = _applied(request.cell.lines, [edit for edits in fixes for edit in edits], start)
    if source == request.cell.source or magics.parse(source) is None:
        return ()
    title = "Write what has replaced the removed names"
    return (Candidate(title, "builtin:ruff", "certain", (CellEdit(request.cell.id, source),)),)


def _lines(cell: Cell) -> list[str]:
    """A cell's lines with magics masked; blank ones for a cell that is not Python, which ruff could not read past."""
    masked = magics.mask(cell.source)
    lines = LINE_END.split(masked)
    return lines if magics.parse(masked) is not None and len(lines) == len(cell.lines) else [""] * len(cell.lines)


async def _check(text: str) -> list[list[Edit]]:
    """Run ruff on a text; return the edits of each safe fix."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--exit-zero", "--output-format", "json"]
    process = await asyncio.create_subprocess_exec(
        *(*command, "--select", RULES, "--stdin-filename", "notebook.py", "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(text.encode("utf-8", "replace")), TIMEOUT)
        found = json.loads(out)
    except (asyncio.TimeoutError, ValueError):
        return []
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return [_edits(each["fix"]) for each in found if (each.get("fix") or {}).get("applicability") == "safe"]


def _edits(fix: Any) -> list[Edit]:
    return [
        Edit(
            each["location"]["row"] - 1,
            each["location"]["column"] - 1,
            each["end_location"]["row"] - 1,
            each["end_location"]["column"] - 1,
            each["content"],
        )
        for each in fix["edits"]
    ]


def _applied(lines: list[str], edits: list[Edit], start: int) -> str:
    """Return a cell's text with edits of the joined text applied, last first; overlapping ones are left out."""
    text = "\n".join(lines)
    starts = [0, *itertools.accumulate(len(line) + 1 for line in lines)]
    limit = len(text)
    for edit in sorted(edits, key=lambda each: (each.first_line, each.first_column), reverse=True):
        first = starts[edit.first_line - start] + edit.first_column
        last = starts[min(edit.last_line - start, len(lines))] + edit.last_column
        if last <= limit:
            text = text[:first] + edit.text + text[last:]
            limit = first
    return text
