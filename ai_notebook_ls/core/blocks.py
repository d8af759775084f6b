r"""What jupyterlab-lsp makes of one cell in its virtual documents, and back (its ipython/overrides.ts, 5.0 to 5.3).

Its patterns are followed to the letter, slips included: only then can a cell be found in its text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ai_notebook_ls.core.cells import Cell

KEPT_AS_PYTHON = ("time", "capture")
"""Cell magics whose body stays Python; the body of any other becomes a string."""

_START = r"^(\s*|\s*\S+\s*=\s*)"
_NAME = r"([^?\s'\"()*+/#]+)"
SHELL = re.compile(_START + r"!([^=\s]+.*)")
HELP_BEFORE = re.compile(rf"^(\s*)(\?{{1,2}}){_NAME}$")
HELP_AFTER = re.compile(rf"^(\s*){_NAME}(\?{{1,2}})")
LINE_MAGIC = re.compile(_START + r"%(\S+)(.*)")
CELL_MAGIC = re.compile(r"^%%(\S+)(.*)\n([\s\S]*)")

_CALL = r"get_ipython\(\)\."
SHELL_CALL = re.compile(rf'{_START}{_CALL}getoutput\("(.*)"\)$')
HELP_CALL = re.compile(rf"^(\s*){_CALL}run_line_magic\('pinfo(2?)',( {{1,2}})'(.*)'\)$")
LINE_CALL = re.compile(rf'{_START}{_CALL}run_line_magic\("(.*?)", "(.*)"\)$')
CELL_CALL = re.compile(rf'^{_CALL}run_cell_magic\("(.*?)", "(.*?)", """([\s\S]*)"""\)$')
KEPT_CALL = re.compile(r'^# START_CELL_MAGIC\("(.*?)", "(.*?)"\)$')
KEPT_END = "# END_CELL_MAGIC"
ENDS = {"get_ipython().run_cell_magic(": '""")', "# START_CELL_MAGIC(": KEPT_END}
"""How the block of a cell magic begins, and how its last line ends."""


def block(cell: Cell) -> tuple[str, ...]:
    """Return the lines that stand for a cell."""
    return _block(cell.source) if cell.kind == "code" else ("",)


@lru_cache(maxsize=16384)
def _block(source: str) -> tuple[str, ...]:
    magic = CELL_MAGIC.match(source)
    if magic is None:
        return tuple(map(_rewritten, source.split("\n")))
    name, arguments, body = magic[1], _quoted(magic[2]), magic[3].replace('"""', r"\"\"\"")
    if name in KEPT_AS_PYTHON:
        return f'# START_CELL_MAGIC("{name}", "{arguments}")', *body.split("\n"), KEPT_END
    return tuple(f'get_ipython().run_cell_magic("{name}", "{arguments}", """{body}""")'.split("\n"))


def _rewritten(line: str) -> str:
    """A line with its magic as Python; what a pattern does not reach stays."""
    if found := SHELL.match(line):
        return f'{found[1]}get_ipython().getoutput("{found[2]}")'
    if found := HELP_BEFORE.match(line):
        return f"{found[1]}get_ipython().run_line_magic('{_pinfo(found[2])}', '{found[3]}')"
    if found := HELP_AFTER.match(line):  # two spaces say that the mark came last
        return f"{found[1]}get_ipython().run_line_magic('{_pinfo(found[3])}',  '{found[2]}'){line[found.end() :]}"
    if found := LINE_MAGIC.match(line):
        return f'{found[1]}get_ipython().run_line_magic("{found[2]}", "{_quoted(found[3])}")'
    return line


def source_of(lines: Sequence[str]) -> str:
    """Return the cell that a block was made of, as far as the block tells."""
    magic = CELL_CALL.match("\n".join(lines))
    if magic is not None:
        return f"%%{magic[1]}{_unquoted(magic[2])}\n{_unescaped(magic[3])}"
    if lines and (magic := KEPT_CALL.match(lines[0])):
        body = lines[1:-1] if lines[-1] == KEPT_END else lines[1:]
        return "\n".join([f"%%{magic[1]}{_unquoted(magic[2])}", *map(_unescaped, body)])
    return "\n".join(map(_read_back, lines))


def magic_end(lines: Sequence[str], begin: int) -> int:
    """Return the line on which the block of a cell magic ends that begins on a line; that line where none does."""
    ending = next((ending for beginning, ending in ENDS.items() if lines[begin].startswith(beginning)), None)
    if ending is None:
        return begin
    return next((line for line in range(begin, len(lines)) if lines[line].endswith(ending)), begin)


def _read_back(line: str) -> str:
    if "get_ipython()" not in line:
        return line
    if found := SHELL_CALL.match(line):
        return f"{found[1]}!{found[2]}"
    if found := HELP_CALL.match(line):
        marks = "??" if found[2] else "?"
        return f"{found[1]}{marks}{found[4]}" if len(found[3]) == 1 else f"{found[1]}{found[4]}{marks}"
    if found := LINE_CALL.match(line):
        return f"{found[1]}%{found[2]}{_unquoted(found[3])}"
    return line


def _pinfo(marks: str) -> str:
    return "pinfo" if marks == "?" else "pinfo2"


def _quoted(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)


def _unquoted(text: str) -> str:
    return re.sub(r'\\([\\"])', r"\1", text)


def _unescaped(text: str) -> str:
    return text.replace(r"\"\"\"", '"""')
