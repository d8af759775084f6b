"""Secrets beside their name in any text: JSON, YAML, .env, logs, comments, commands, connection strings, broken code."""

from __future__ import annotations

import ast
import builtins
import functools
import re
from collections import Counter
from collections.abc import Iterator

from ai_notebook_ls.providers.secrets.literals import spoken
from ai_notebook_ls.providers.secrets.names import Need, is_secret, looks_random, mentions, named, need

LONGEST = 300
"""Characters of a value without quotes; a longer one is told by its form."""


QUOTED = re.compile(
    r"(?:\\{0,3}[\"'`])?[)\]]{0,2}(?:\s{0,3}:\s{0,3}[\w.\[\]| ]{1,40}(?==))?"
    r"[ \t]{0,8}(?:==|!=|:=|=>|->|<-|=|:|,(?=\s{0,3}[rbuf]?[\"'])|\bis\b)[ \t]{0,8}(?:\(\s{0,8})?"
    r"(?:[\w.]{0,30}(?:Secret|str|bytes|quote)\w{0,10}\(\s{0,4})?(?i:[rbuf]{0,2})"
    r"(?:(?P<triple>\"\"\"|''')(?P<long>.{3,4000}?)(?P=triple)"
    r"|\\{1,3}(?P<escaped>[\"'])(?P<inner>[^\"'\\\n]{3,400})\\{1,3}(?P=escaped)"
    r"|\"(?P<double>[^\"\\\n]{0,400}(?:\\.[^\"\\\n]{0,400}){0,40})\"|'(?P<single>[^'\\\n]{0,400}(?:\\.[^'\\\n]{0,400}){0,40})'"
    r"|[\"'](?P<open>[^\"'\\\n]{3,200})(?=\n|\Z))",
    re.DOTALL,
)
BARE = re.compile(
    r"(?:\\{0,3}[\"'`*])?[)\]]?\s{0,3}(?:=>|->|=|:|\b(?:is|was|ist|est|es|=)\b)\s{0,3}"
    r"(?:!!str\s)?(\{[^}\n]{3,100}\}|[^\s\"'<>;&,`\\]{3,300})(?P<rest>[^\S\n]*(?:\n|\Z|[#;]|\\n))?"
)
LINE_START = re.compile(
    r"(?:^|\n|\\n)[\s>|#*+-]{0,8}(?:export|set|env|ENV|ARG|%env|%set_env|!export|!set|setx)?\s{0,3}[\"']?\Z"
)
SETTING_AFTER = re.compile(r"[ ;&]\w{1,40}=[^\s=]")
SETTING_BEFORE = re.compile(r"(?<!\w)\w{1,40}=[^\s=,()]{1,60}[ ;&]\Z")
ENVIRONMENT = re.compile(
    r"(?m)^[+>\s-]{0,4}(?P<command>(?:export|set|ENV|ARG|%env|%set_env|!export|!set|!?setx)[ \t]{1,3})?"
    r"(?P<name>[A-Za-z_][\w.]{1,60})"
    r"(?P<given>[ \t]?=[ \t]?|[ \t]{1,3}(?=\S))(?P<value>[^\s\"'(){}\[\]=][^\s\"'(){}\[\]]{2,300})[ \t]{0,20}$"
)
SHELL = re.compile(r"(?m)^[ \t]*(?:\w+[ \t]*=[ \t]*)?([!%].*)$")
YAML = re.compile(r"(?m)^[ \t-]{0,40}([\w-]{3,60}):[ \t]{1,4}(\S{1,40}(?: \S{1,40}){1,5})[ \t]*(?:\n|\Z)")
NO_YAML = re.compile(r",\Z| = |[|(\[{]")
KEY = re.compile(r"[ \t-]*[\w-]{1,60}:(?:\s|\Z)")
IDENTIFIER = re.compile(r"[A-Za-z_][\w.]*")
EXPRESSION = re.compile(r"[A-Za-z_][\w.]*[(\[]|[A-Za-z_]\w*\.[A-Za-z_][\w.]*\Z|\$[\w{(]|%[\w(]|lambda\b|not\b")
FILLED_IN = re.compile(r"[\w.\[\]!:]+|.*\{.*")


def find(text: str, tree: ast.Module | None) -> Iterator[tuple[str, str]]:
    """Yield the values that stand beside names of secrets."""
    if not mentions(text):
        return
    used = _Used(text)
    yield from _quoted(text)
    yield from _environment(text, used)
    for part, code in _loose(text, tree):
        yield from _bare(part, used if code else None)
    yield from _yaml(text)


class _Used:
    """How often each name stands in a text; counted once, when first asked."""

    def __init__(self, text: str) -> None:
        self._text = text

    @functools.cached_property
    def _names(self) -> Counter[str]:
        return Counter(IDENTIFIER.findall(self._text))

    def is_code(self, value: str) -> bool:
        """Whether a bare value is an expression, or a name that the text uses elsewhere."""
        if EXPRESSION.match(value):
            return True
        if not IDENTIFIER.fullmatch(value):
            return False
        return self._names[value] > 1 or (value[0].isupper() and not any(map(str.isdigit, value)))


def _quoted(text: str) -> Iterator[tuple[str, str]]:
    for name, _, match in _beside(text, QUOTED):
        value = match["long"] or match["inner"] or match["double"] or match["single"] or match["open"] or ""
        wanted = need(name)
        if "," in match[0][:4] and wanted is Need.ANYTHING:
            wanted = Need.NO_WORD  # ["password", "email"] are columns
        if is_secret(value, wanted):
            yield "password", value


def _bare(text: str, used: _Used | None) -> Iterator[tuple[str, str]]:
    """`password: hunter2`, `Pwd={p;w};`, `# token = …`; `used` where there may be code in the text."""
    for name, start, match in _beside(text, BARE):
        value, wanted = match[1], need(name)
        if wanted is None or len(value) >= LONGEST:
            continue
        if value[0] == "{":
            value = value[1:-1]
            if FILLED_IN.fullmatch(value):
                continue
        else:
            value = value.rstrip(")]}") if match["rest"] is not None else value.rstrip(".)]}")
        if wanted is Need.ANYTHING and not _alone(text, start, match) and not _among_settings(text, start, match):
            wanted = Need.NO_WORD
        if is_secret(value, wanted) and not (used and used.is_code(value)):
            yield "password", value


def _alone(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a name and its value are all of a line."""
    return match["rest"] is not None and LINE_START.search(text, max(0, start - 40), start) is not None


def _among_settings(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether there is another setting beside it: `dbname=shop password=tulip host=x`."""
    if match[0][0] != "=" or match[0][1:].startswith((" ", "=")):
        return False
    return (
        SETTING_AFTER.match(text, match.end()) is not None
        or SETTING_BEFORE.search(text, max(0, start - 100), start) is not None
    )


def _yaml(text: str) -> Iterator[tuple[str, str]]:
    """A value of several words, in a line between lines of keys and values."""
    for match in YAML.finditer(text):
        if need(match[1]) is Need.ANYTHING and is_secret(match[2], Need.ANYTHING):
            above = text[max(0, match.start() - 200) : max(0, match.start() - 1)].rpartition("\n")[2]
            if NO_YAML.search(match[2]) is None and (KEY.match(above) or KEY.match(text, match.end())):
                yield "password", match[2].strip("\"'")


def _environment(text: str, used: _Used) -> Iterator[tuple[str, str]]:
    """Lines of .env files, `export A=b`, `%env A b`: in Python nobody writes `A=b` without blanks."""
    for match in ENVIRONMENT.finditer(text):
        command, name, value = match["command"], match["name"], match["value"]
        wanted = need(name)
        blanks = match["given"] != "="
        if wanted is None or len(value) >= LONGEST or (blanks and not command and not looks_random(value)):
            continue
        sure = command or name.isupper() or any(map(str.isdigit, value))
        if sure and is_secret(value, wanted) and (command or not used.is_code(value)):
            yield "password", value


def _loose(text: str, tree: ast.Module | None) -> Iterator[tuple[str, bool]]:
    """What is not code of a text: comments, the insides of strings and commands, or all where it does not parse.

    And whether there may be code in it.
    """
    if tree is None or not tree.body or any(map(_is_configuration, tree.body)):
        yield text, True
        return
    yield from spoken(text)
    yield from ((match[1].strip(), False) for match in SHELL.finditer(text))
    if "%%" in text[:200]:
        yield text, True


def _is_configuration(statement: ast.stmt) -> bool:
    """Whether it is YAML or INI that happens to parse: `password: hunter2`, `[default]`."""
    if isinstance(statement, ast.AnnAssign) and statement.value is None and isinstance(statement.annotation, ast.Name):
        return statement.annotation.id.islower() and not hasattr(builtins, statement.annotation.id)
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.List) and len(statement.value.elts) == 1


def _beside(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, int, re.Match[str]]]:
    """Each name that may be one of a secret, where it begins, and what the pattern finds behind it."""
    for name, start, end in named(text):
        if match := pattern.match(text, end):
            yield name, start, match
