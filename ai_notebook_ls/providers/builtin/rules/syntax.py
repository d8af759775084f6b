"""SyntaxError: slips that leave a cell no Python at all. A repair is proposed only if the whole cell then parses.

Sources: the messages of CPython 3.10 to 3.14 (Parser/pegen_errors.c, Grammar/python.gram) and of IPython's transformers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.candidates import Candidate, CellEdit, Confidence
from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.context import FixRequest

CLOSING = {"(": ")", "[": "]", "{": "}"}
INDENT = "    "
TYPOGRAPHY = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-", "…": "...", "×": "*", "，": ","}
    | {"\u00a0": " ", "\u200b": "", "\ufeff": "", "（": "(", "）": ")", "：": ":", "；": ";"}
)
"""Characters that word processors and web pages put in the place of Python's."""

PRINT = re.compile(r"^(?P<indent>\s*)print\s+(?P<rest>(?![(=]).+?)(?P<comment>\s+#[^'\"]*)?$")
KEYWORDS = {"else if": "elif", "elseif": "elif", "&&": "and", "||": "or"}
"""How other languages write Python's words."""


def missing_colon(request: FixRequest) -> Iterator[Candidate]:
    """A compound statement's head without its colon."""
    if "expected ':'" in request.failure.evalue or "invalid syntax" in request.failure.evalue:
        for line in _lines_from(request, 1):
            code, comment = _split_comment(request.cell.lines[line])
            if re.match(r"\s*(if|elif|else|for|while|def|class|with|try|except|finally|async|match|case)\b", code):
                text = code.rstrip() + ":" + comment
                yield from _line(request, line, text, f"Add the missing colon on line {line + 1}", "certain")


def unclosed_bracket(request: FixRequest) -> Iterator[Candidate]:
    """A bracket that is opened and never closed: it is closed at the end of a line, the nearest first."""
    found = re.search(r"'([(\[{])' was never closed|f-string: expecting '}'", request.failure.evalue)
    incomplete = re.search(r"incomplete input|unexpected EOF|does not match|invalid syntax", request.failure.evalue)
    if found is None and incomplete is None:
        return
    brackets = [CLOSING[found[1] or "{"]] if found else list(CLOSING.values())
    made = 0
    for line in _lines_from(request, 12):
        code, comment = _split_comment(request.cell.lines[line])
        for bracket in brackets:
            for text in _closed(code, bracket):
                for candidate in _line(
                    request, line, text + comment, f"Add the missing `{bracket}` on line {line + 1}", "certain"
                ):
                    yield candidate
                    made += 1
        if made:
            return


def _closed(code: str, bracket: str) -> Iterator[str]:
    bare = code.rstrip()
    if bracket == "}":  # within an f-string
        yield from (bare[: m.start()] + bracket + bare[m.start() :] for m in re.finditer(r"(?<=[\w)\]])[\"']", bare))
    if bare.endswith(":"):
        yield f"{bare[:-1]}{bracket}:"
    yield f"{bare.rstrip(',')}{bracket}" if bare.endswith(",") and bracket == ")" else f"{bare}{bracket}"


def wrong_bracket(request: FixRequest) -> Iterator[Candidate]:
    """A closing bracket of the wrong kind, or one too many."""
    message = request.failure.evalue
    if found := re.search(r"closing parenthesis '(.)' does not match opening parenthesis '(.)'", message):
        wrong, right = found[1], CLOSING[found[2]]
        for line in _lines_from(request, 1):
            text = request.cell.lines[line]
            for place in [match.start() for match in re.finditer(re.escape(wrong), text)][::-1]:
                title = f"Write `{right}` for `{wrong}` on line {line + 1}"
                yield from _line(request, line, text[:place] + right + text[place + 1 :], title)
                title = f"Add the missing `{right}` on line {line + 1}"
                yield from _line(request, line, text[:place] + right + text[place:], title)
    elif found := re.search(r"unmatched '(.)'", message):
        for line in _lines_from(request, 1):
            text = request.cell.lines[line]
            for place in [match.start() for match in re.finditer(re.escape(found[1]), text)][::-1]:
                title = f"Remove the `{found[1]}` too many on line {line + 1}"
                yield from _line(request, line, text[:place] + text[place + 1 :], title, "guess")


def print_statement(request: FixRequest) -> Iterator[Candidate]:
    """Python 2's print statement; all of them in the cell, since the next one would fail as well."""
    if "print" not in request.failure.evalue:
        return
    lines = list(request.cell.lines)
    for number, text in enumerate(lines):
        if found := PRINT.match(text):
            rest = found["rest"].rstrip()
            ending = ", end=' '" if rest.endswith(",") else ""
            lines[number] = f"{found['indent']}print({rest.rstrip(',')}{ending}){found['comment'] or ''}"
    yield from _cell(request, lines, "Call `print` as a function", "certain")


def missing_indent(request: FixRequest) -> Iterator[Candidate]:
    """A block that is not indented: its first line, or all lines up to the next gap."""
    if "expected an indented block" not in request.failure.evalue:
        return
    for line in _lines_from(request, 1):
        lines = request.cell.lines
        head = next((each for each in range(line - 1, -1, -1) if lines[each].strip()), None)
        if head is None:
            return
        indent = _indent(lines[head]) + INDENT
        own = _indent(lines[line])
        end = line
        while end + 1 < len(lines) and lines[end + 1].strip() and _indent(lines[end + 1]) == own:
            end += 1
        alone: Confidence = "certain" if end == line else "guess"
        yield from _cell(request, _reindented(lines, line, line, own, indent), f"Indent line {line + 1}", alone)
        if end > line:
            title = f"Indent lines {line + 1} to {end + 1}"
            yield from _cell(request, _reindented(lines, line, end, own, indent), title, "guess")


def wrong_indent(request: FixRequest) -> Iterator[Candidate]:
    """A line that stands further in, or elsewhere, than the lines around it."""
    message = request.failure.evalue
    if "inconsistent use of tabs" in message:
        lines = [each.expandtabs(4) for each in request.cell.lines]
        yield from _cell(request, lines, "Indent with spaces only", "certain")
    if "unexpected indent" not in message and "unindent does not match" not in message:
        return
    for line in _lines_from(request, 1):
        lines = request.cell.lines
        own = _indent(lines[line])
        end = line
        while end + 1 < len(lines) and (not lines[end + 1].strip() or _indent(lines[end + 1]).startswith(own)) and own:
            end += 1
        above = {_indent(each): None for each in reversed(lines[:line]) if each.strip()} or {"": None}
        for number, indent in enumerate(above):
            confidence: Confidence = "likely" if number == 0 else "guess"
            title = f"Indent line {line + 1} like the lines above"
            yield from _cell(request, _reindented(lines, line, end, own, indent), title, confidence)


def unterminated_text(request: FixRequest) -> Iterator[Candidate]:
    """A text whose closing quote is missing, at the end of its line or before the brackets that end it."""
    if not re.search(r"unterminated (f-)?string literal|EOL while scanning", request.failure.evalue):
        return
    for line in _lines_from(request, 1):
        text = request.cell.lines[line].rstrip()
        tail = len(text) - len(text.rstrip(")]}:,"))
        for quote in ("'", '"'):
            if text.count(quote) % 2:
                for place in range(tail, -1, -1):
                    at = len(text) - place
                    title = f"Close the text on line {line + 1}"
                    yield from _line(request, line, text[:at] + quote + text[at:], title)


def missing_comma(request: FixRequest) -> Iterator[Candidate]:
    """Two values side by side: a comma between them."""
    if not re.search(r"forgot a comma|invalid syntax", request.failure.evalue):
        return
    for line in _lines_from(request, 1):
        text = request.cell.lines[line]
        for found in list(re.finditer(r"(?<=[\w)\]}'\"])\s+(?=[\w(\[{'\"])", text))[:6]:
            title = f"Add the missing comma on line {line + 1}"
            yield from _line(request, line, text[: found.start()] + "," + text[found.start() :], title)


def assignment_for_comparison(request: FixRequest) -> Iterator[Candidate]:
    """`=` in a condition, where a comparison was meant."""
    if not re.search(r"Maybe you meant '=='|cannot assign to|invalid syntax", request.failure.evalue):
        return
    for line in _lines_from(request, 1):
        text = request.cell.lines[line]
        if re.match(r"\s*(if|elif|while|assert|return)\b", text):
            changed = re.sub(r"(?<![=!<>:+\-*/%&|^@])=(?!=)", "==", text)
            yield from _line(request, line, changed, f"Compare with `==` on line {line + 1}")


def typography(request: FixRequest) -> Iterator[Candidate]:
    """Quotes, dashes and spaces from a word processor."""
    if re.search(r"invalid (non-printable )?character|unterminated|invalid syntax", request.failure.evalue):
        lines = [each.translate(TYPOGRAPHY) for each in request.cell.lines]
        yield from _cell(request, lines, "Replace typographic characters by Python's", "certain")


def words_of_other_languages(request: FixRequest) -> Iterator[Candidate]:
    """`else if`, `&&`, `||`, `!x`, `i++`: Python has words or other marks for them."""
    lines = list(request.cell.lines)
    for line in _lines_from(request, 1):
        text = lines[line]
        for foreign, own in KEYWORDS.items():
            text = text.replace(foreign, own)
        text = re.sub(r"!(?=[\w(])(?<![=!]!)", "not ", text) if not text.lstrip().startswith("!") else text
        text = re.sub(r"^(\s*)(\w+)(\+\+|--);?$", lambda m: f"{m[1]}{m[2]} {m[3][0]}= 1", text)
        yield from _line(request, line, text, f"Write line {line + 1} in Python's words")


def python_2(request: FixRequest) -> Iterator[Candidate]:
    """`except E, e:`, `raise E, "text"`, `<>`, `0777`: Python 2 (docs.python.org/3/whatsnew/3.0.html)."""
    lines = [re.sub(r"^(\s*except\s+[\w.]+)\s*,\s*(\w+)\s*:", r"\1 as \2:", each) for each in request.cell.lines]
    lines = [re.sub(r"^(\s*raise\s+[\w.]+)\s*,\s*(.+)$", r"\1(\2)", each) for each in lines]
    lines = [each.replace("<>", "!=") if "<>" in each else each for each in lines]
    yield from _cell(request, lines, "Write it as in Python 3", "certain")


# -- edits of lines: there is no tree to go by ---------------------------------------------------------------------------


def _lines_from(request: FixRequest, most: int) -> range:
    """The failing line and those below it; the cell's last line where the message names none."""
    last = len(request.cell.lines) - 1
    line = request.failure.line
    first = last if line is None else min(line, last)
    return range(first, min(first + most, last + 1))


def _line(
    request: FixRequest, line: int, text: str, title: str, confidence: Confidence = "likely"
) -> Iterator[Candidate]:
    lines = request.cell.lines
    yield from _cell(request, [*lines[:line], text, *lines[line + 1 :]], title, confidence)


def _cell(request: FixRequest, lines: list[str], title: str, confidence: Confidence) -> Iterator[Candidate]:
    cell: Cell = request.cell
    source = "\n".join(lines)
    if lines != cell.lines and magics.parse(source) is not None:
        yield Candidate(title, "builtin:syntax", confidence, (CellEdit(cell.id, source),))


def _reindented(lines: list[str], first: int, last: int, old: str, new: str) -> list[str]:
    block = [new + each[len(old) :] if each.strip() else each for each in lines[first : last + 1]]
    return [*lines[:first], *block, *lines[last + 1 :]]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _split_comment(line: str) -> tuple[str, str]:
    """A line's code and its comment; a `#` within quotes is no comment."""
    quote = ""
    for place, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#":
            code = line[:place].rstrip()
            return code, line[len(code) :]
    return line, ""
