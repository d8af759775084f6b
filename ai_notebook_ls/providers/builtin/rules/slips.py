# ruff: noqa: RUF001 - the characters that are replaced are those that look like others
"""Marks and words that are not Python's: of a word processor, of Python 2, of another language, or misspelt."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from ai_notebook_ls.providers.builtin.rules.broken import Broken, Repair, split_comment
from ai_notebook_ls.providers.builtin.spelling import close

TYPOGRAPHY = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-", "…": "...", "×": "*", "÷": "/"}
    | {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u200b": "",
        "\ufeff": "",
        "，": ",",
        "；": ";",
        "（": "(",
        "）": ")",
        "：": ":",
    }
)
"""Characters that word processors and web pages put in the place of Python's."""

PRINT = re.compile(r"(?P<head>\s*(?:[^#'\"]*[:;]\s*)?)(?P<name>print|exec)(?:\s+(?![=(.])|(?=['\"]))(?P<rest>.+)$")
PRINT_BRACKET = re.compile(r"(?P<head>\s*(?:[^#'\"]*[:;]\s*)?)(?P<name>print|exec)\s+(?P<rest>\(.*\)\s*[%,+].*)$")
EQUALS = r"(?<![=!<>+\-*/%&|^:@])=(?!=)"
WORDS = tuple(word for word in keyword.kwlist if word.islower() and len(word) > 1)

PYTHON_2 = (
    (r"except\s+([\w.]+|\([^)]*\))\s*,\s*(\w+)\s*:", r"except \1 as \2:", "Write `except … as …`"),
    (r"\braise\s+([\w.]+)\s*,\s*(.+)$", r"raise \1(\2)", "Raise the exception with its text in brackets"),
    (r"<>", "!=", "Write `!=` for `<>`"),
    (r"`([^`]+)`", r"repr(\1)", "Write `repr()` for backticks"),
    (r"\b0+([1-9]|\d*[89]\d*)\b(?!\.)", r"\1", "Write the number without leading zeros"),
    (r"\b0+([1-7][0-7]+)\b(?!\.)", r"0o\1", "Write the octal number with `0o`"),
    (r"\b(\d+)[lL]\b", r"\1", "Write the number without `L`"),
    (r"\bur(?=['\"])", "r", "Write `r` for `ur`"),
)
"""Pattern, what replaces it, title (docs.python.org/3/whatsnew/3.0.html)."""

OTHER_LANGUAGES = (
    (r"\belse\s+if\b|\belseif\b|\belsif\b", "elif", "Write `elif`"),
    (r"\s*&&\s*", " and ", "Write `and` for `&&`"),
    (r"\s*\|\|\s*", " or ", "Write `or` for `||`"),
    (r"(?<![\w)\]])!\s*(?=[\w(])", "not ", "Write `not` for `!`"),
    (r"^(\s*)(\w+)\s*\+\+\s*;?\s*$", r"\1\2 += 1", "Write `+= 1` for `++`"),
    (r"^(\s*)(\w+)\s*--\s*;?\s*$", r"\1\2 -= 1", "Write `-= 1` for `--`"),
    (r"=>(?=\s*[\w(-])", ">=", "Write `>=` for `=>`"),
    (r"=<(?=\s*[\w(-])", "<=", "Write `<=` for `=<`"),
    (r"=!(?=\s*[\w(-])", "!=", "Write `!=` for `=!`"),
    (r"([=!])==", r"\1=", "Compare with two signs"),
    (r"^(\s*)(?:var|let|const|int|float|string|double)\s+(?=\w+\s*=)", r"\1", "Assign without a declaration"),
    (r"^(\s*)(?:function|func|fn|fun)\s+(?=\w+\s*\()", r"\1def ", "Write `def`"),
    (r"\s*\{\s*$|\s+then\s*:?\s*$|\s+do\s*$", ":", "Begin the block with a colon"),
    (r"(\s*)//(?!\s*\d)(.*)$", r"\1#\2", "Write the comment with `#`"),
    (r"(\w)\s*<-\s*", r"\1 = ", "Assign with `=`"),
)

OTHER_ORDER = (
    (r"^(\s*)import\s+([\w.]+)\s+from\s+([\w.]+)", r"\1from \3 import \2", "Write `from … import …`"),
    (r"^(\s*)from\s+([\w.]+)\s+(?!import\b)(\w+)\s*$", r"\1from \2 import \3", "Write `from … import …`"),
    (r"^(\s*import\s(?:.*[\s,])?[\w.]+)\s+(?!as\b)(\w+)\s*$", r"\1 as \2", "Write `as`"),
    (r"^(\s*for\s+\w+)\s+(?:on|of|from|=)\s+", r"\1 in ", "Write `in`"),
    (r"^(\s*for\s+\w+)\s+(?!in\b)(?=\w)", r"\1 in ", "Add `in`"),
    (r"\b(?:is\s+not\s+in|not\s+is\s+in)\b", "not in", "Write `not in`"),
    (r"^(\s*)def(?=\w+\s*\()", r"\1def ", "Write `def` and the name apart"),
)
"""Words of Python in another order, or left out."""


def typography(trouble: Broken) -> Iterator[Repair]:
    """Quotes, dashes and spaces of a word processor or a web page."""
    text = "\n".join(trouble.lines)
    if re.search(r"invalid (non-printable )?character|unterminated|invalid syntax", trouble.message):
        yield "Use plain quotes, dashes and spaces", text.translate(TYPOGRAPHY), "certain"


def pasted(trouble: Broken) -> Iterator[Repair]:
    """Lines pasted with what stood around them: markdown's fences, the prompts of the Python shell."""
    lines = [line for line in trouble.lines if not re.match(r"\s*```\w*\s*$", line)]
    yield "Remove the markdown fence", "\n".join(lines), "certain"
    prompts = [re.match(r"\s*(?:>>>|\.\.\.)(?: |$)", line) for line in trouble.lines]
    if any(found and ">>>" in found[0] for found in prompts):
        kept = [line[found.end() :] for line, found in zip(trouble.lines, prompts, strict=True) if found]
        yield "Remove the prompts", "\n".join(kept), "guess" if len(kept) < len(lines) else "certain"


def print_statement(trouble: Broken) -> Iterator[Repair]:
    """`print x` and `exec "x"` of Python 2; all of them, since the next one would fail as well."""
    if "Missing parentheses" not in trouble.message and not re.search(r"\b(print|exec)\b", trouble.line):
        return
    lines = list(trouble.lines)
    for row, line in enumerate(lines):
        code, comment = split_comment(line)
        found = PRINT.match(code) or PRINT_BRACKET.match(code)
        if found:
            rest = found["rest"].rstrip()
            to = re.match(r">>\s*([\w.]+)\s*,\s*(.*)", rest)
            rest = f"{to[2]}, file={to[1]}" if to else f"{rest[:-1].rstrip()}, end=' '" if rest.endswith(",") else rest
            lines[row] = f"{found['head']}{found['name']}({rest}){comment}"
    yield "Call `print` as a function", "\n".join(lines), "certain"


def python_2(trouble: Broken) -> Iterator[Repair]:
    """Spellings of Python 2."""
    for pattern, new, title in PYTHON_2:
        yield from trouble.substituted(pattern, new, title, "certain")


def other_language(trouble: Broken) -> Iterator[Repair]:
    """Spellings of C, JavaScript, R and friends."""
    for pattern, new, title in OTHER_LANGUAGES:
        yield from trouble.substituted(pattern, new, title, "likely")


def other_order(trouble: Broken) -> Iterator[Repair]:
    """Python's own words, in another order or left out."""
    for pattern, new, title in OTHER_ORDER:
        yield from trouble.substituted(pattern, new, title, "likely")


def comparison(trouble: Broken) -> Iterator[Repair]:
    """`if x = 3`: one sign assigns, two compare."""
    code = split_comment(trouble.line)[0]
    if re.match(r"\s*(if|elif|while|assert)\b", code):
        yield from trouble.substituted(EQUALS, "==", "Compare with `==`", "certain")
    elif found := re.search(rf"\bif\b.*?({EQUALS})", code):
        at = found.start(1)
        yield "Compare with `==`", trouble.with_line(f"{trouble.line[:at]}={trouble.line[at:]}"), "certain"


def text_not_ended(trouble: Broken) -> Iterator[Repair]:
    """A text without its second quote, or ended by an apostrophe or a quote within it."""
    line, message = trouble.line, trouble.message
    for found in re.finditer(r"(?<=\w)'(?=(?:s|t|re|ve|ll|d|m)\b)", line):
        yield "Escape the apostrophe", trouble.with_line(f"{line[: found.start()]}\\{line[found.start() :]}"), "likely"
    if re.search(r"unterminated (f-)?string|EOL while scanning", message):
        body = line.rstrip()
        tail = len(body) - len(body.rstrip(")]}:,"))
        for quote in (mark for mark in "'\"" if body.count(mark) % 2):
            for place in range(tail, -1, -1):
                at = len(body) - place
                yield "Close the text", trouble.with_line(body[:at] + quote + body[at:]), "likely"
    if "unicodeescape" in message:
        yield from _raw(trouble)
    if "triple-quoted" in message:
        mark = '"""' if line.count('"""') % 2 else "'''"
        yield "Close the text", "\n".join([*trouble.lines, mark]), "guess"
    if re.search(r"\bf['\"]", line):
        for old, new in (("'", '"'), ('"', "'")):
            swapped = re.sub(r"\{[^{}]*\}", lambda field: field[0].replace(old, new), line)  # noqa: B023
            yield "Use the other quotes inside the f-string", trouble.with_line(swapped), "certain"


def _raw(trouble: Broken) -> Iterator[Repair]:
    """A Windows path, in which backslash and U start an escape, unless the text is raw."""
    for found in re.finditer(r"(?<![rR])(['\"])(?=[A-Za-z]:\\|\\\\)", trouble.line):
        yield (
            "Make the path a raw text",
            trouble.with_line(f"{trouble.line[: found.start()]}r{trouble.line[found.start() :]}"),
            "certain",
        )
        return


def misspelt_word(trouble: Broken) -> Iterator[Repair]:
    """A word of Python's own that is misspelt, or written with capitals."""
    code, comment = split_comment(trouble.line)
    found = list(re.finditer(r"(?<!\.)\b[A-Za-z]{2,9}\b", code))
    for word in sorted(found, key=lambda each: abs(each.start() - trouble.column)):
        lower = word[0].lower()
        capital = lower in WORDS and lower != word[0]
        meant = [lower] if capital else [new for new, _ in close(word[0], WORDS)]
        for new in meant:
            text = f"{code[: word.start()]}{new}{code[word.end() :]}{comment}"
            yield f"Write `{new}` for `{word[0]}`", trouble.with_line(text), "likely"


def word_as_name(trouble: Broken) -> Iterator[Repair]:
    """A word of Python's own that is used as a name: `lambda = 0.1`, `f(class=1)`."""
    clash = re.search(r"(?:^\s*|[(,]\s*|\.)(\w+)(?=\s*=[^=])", trouble.line)
    if clash and clash[1] in WORDS:
        name = re.compile(rf"(?<![\w.]){clash[1]}\b(?!\s+\w|\s*:)")
        every = "\n".join(name.sub(f"{clash[1]}_", line) for line in trouble.lines)
        yield f"Rename `{clash[1]}`, a word of Python's own, to `{clash[1]}_`", every, "likely"


def missing_comma(trouble: Broken) -> Iterator[Repair]:
    """Two values side by side: a comma between them, at the end of a line or within it."""
    if not re.search(r"comma|invalid syntax|never closed|expected", trouble.message):
        return
    depth = 0
    for row, line in enumerate(trouble.lines[:-1]):
        code, comment = split_comment(line)
        depth += len(re.findall(r"[(\[{]", code)) - len(re.findall(r"[)\]}]", code))
        if depth > 0 and re.search(r"[\w)\]}'\"]$", code):
            yield "Add the missing comma", trouble.with_line(f"{code},{comment}", row), "likely"
    places = [found.start() for found in re.finditer(r"(?<=[\w)\]}'\"])\s+(?=[\w(\[{'\"-])", trouble.line)]
    for place in sorted(places, key=lambda each: abs(each - trouble.column))[:8]:
        yield "Add the missing comma", trouble.with_line(f"{trouble.line[:place]},{trouble.line[place:]}"), "likely"


def missing_times(trouble: Broken) -> Iterator[Repair]:
    """`2x`: Python multiplies with a sign only."""
    if "invalid decimal literal" in trouble.message:
        yield from trouble.substituted(r"\b(\d+)([A-Za-z]\w*)", r"\1 * \2", "Multiply with `*`", "guess")
