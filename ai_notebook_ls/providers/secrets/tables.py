"""Secrets in tables: below or beside a heading that says so, as pandas prints, in Markdown and in HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_notebook_ls.providers.secrets.names import Need, is_secret, mentions, need

WORD = re.compile(r"[^\s|]+")
HEADING = re.compile(r"\s*\|?\s*[^\W\d][\w-]*(?:[ \t|]+[^\W\d][\w-]*){1,40}[ \t|]*\Z")
BESIDE = re.compile(r"[\s|>]{0,20}([^\W\d][\w. -]{1,60}?)(?:[ \t]{2,60}|[ \t]*\|[ \t]*|\t)([^\s|]{3,400})[ \t|]*\Z")
HEADS = re.compile(r"(?i)<th[^>]{0,100}>([^<]{0,80})</th>")
ROW = re.compile(r"(?i)<tr[^>]{0,100}>(.{0,20000}?)</tr>", re.DOTALL)
DATA = re.compile(r"(?i)<t[dh][^>]{0,100}>([^<]{0,400})</t[dh]>")
ROWS = 2_000
"""How many lines below a heading are its table's, at most."""


def find(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands in columns and rows of secrets."""
    if not mentions(text):
        return
    columns: list[tuple[int, int, Need]] = []
    left = 0
    for line in text.split("\n"):
        if len(line) > 4000:
            columns = []
            continue
        found = _columns(line) if not columns or not line.strip() else []
        if found or not line.strip() or not left:
            columns, left = found, ROWS
        elif columns:
            left -= 1
            yield from _below(line, columns)
        if (beside := BESIDE.match(line)) and is_secret(beside[2], need(beside[1])) and "=" not in beside[2]:
            yield "password", beside[2]
    if "<th" in text:
        yield from _html(text)


def _columns(line: str) -> list[tuple[int, int, Need]]:
    """Where the columns of secrets are, if the line is a table's head: words two blanks apart or more, or in pipes."""
    if not ("  " in line or "|" in line or "\t" in line) or not HEADING.match(line) or not mentions(line):
        return []
    words = ((match, need(match[0])) for match in WORD.finditer(line))
    return [(match.start(), match.end(), wanted) for match, wanted in words if wanted is not None]


def _below(line: str, columns: list[tuple[int, int, Need]]) -> Iterator[tuple[str, str]]:
    for match in WORD.finditer(line):
        for start, end, wanted in columns:
            if match.start() < end and match.end() > start and is_secret(match[0], wanted):
                yield "password", match[0]


def _html(text: str) -> Iterator[tuple[str, str]]:
    heads: list[str] = []
    for row in ROW.finditer(text):
        cells = DATA.findall(row[1])
        if HEADS.search(row[1]) and "<td" not in row[1]:
            heads = cells
            continue
        for head, cell in zip(heads, cells, strict=False):
            if is_secret(cell, need(head.strip())):
                yield "password", cell.strip()
        if len(cells) == 2 and is_secret(cells[1], need(cells[0].strip())):
            yield "password", cells[1].strip()
