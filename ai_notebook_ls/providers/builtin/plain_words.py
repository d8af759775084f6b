"""What common errors mean, in plain words; and markdown that text from a notebook cannot break out of."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Sequence

from ai_notebook_ls.core.outcomes import Failure, strip_ansi
from ai_notebook_ls.providers.builtin.tables import PACKAGES

NONE = re.compile(r"\bNoneType\b")
"""In the message of an error: something is `None`."""

SPAN_LIMIT = 160
"""Characters of notebook text quoted within a sentence."""

Meaning = tuple[str, str, str]
"""(error names, what its message looks like, what it means). Groups of the pattern are quoted as code."""

MEANINGS: tuple[Meaning, ...] = (
    # Names
    (
        "UnboundLocalError",
        r"local variable '(?P<name>\w+)'",
        "The function gives {name} a value somewhere, so Python treats {name} as the function's own variable throughout. "
        "Here it has no value yet. Give it one first, or pass it in as an argument.",
    ),
    (
        "NameError",
        r"free variable '(?P<name>\w+)'",
        "An inner function uses {name} before the function around it has given it a value.",
    ),
    (
        "NameError",
        r"name '(?P<name>[^']+)' is not defined",
        "{name} has no value here. Either it is misspelt, or the code that makes it has not run.",
    ),
    # Attributes
    (
        "AttributeError",
        r"'NoneType' object has no attribute '(?P<attr>\w+)'",
        "{owner} is `None`, and `None` has no {attr}.",
    ),
    (
        "AttributeError",
        r"partially initialized module '(?P<module>[^']+)' has no attribute '(?P<attr>\w+)'",
        "{module} was not fully imported when {attr} was asked of it. Often a file of your own has the module's name and "
        "is imported in its place.",
    ),
    (
        "AttributeError",
        r"module '(?P<module>[^']+)' has no attribute '(?P<attr>\w+)'",
        "The module {module} has nothing called {attr}. It is misspelt, lives in another module, or is missing from "
        "the installed version.",
    ),
    (
        "AttributeError",
        r"type object '(?P<type>[^']+)' has no attribute '(?P<attr>\w+)'",
        "The class {type} has no attribute or method {attr}.",
    ),
    (
        "AttributeError",
        r"'(?P<type>[^']+)' object has no attribute '(?P<attr>\w+)'",
        "{owner} is of type {type}, which has no attribute or method {attr}. `dir(…)` lists those it has.",
    ),
    (
        "AttributeError",
        r"Can only use \.(?P<accessor>\w+) accessor with (?P<kind>\w+)",
        "The accessor {accessor} is only for columns of {kind} values, and this column holds others. Convert it first.",
    ),
    # Keys and places
    (
        "KeyError",
        r"(?P<what>.*(?:not in index|are in the).*)",
        "pandas could not find some of the labels asked for: {what}. Names must match exactly, capitals and spaces too.",
    ),
    (
        "KeyError",
        r"(?P<key>.+)",
        "{owner} has no {label} {key}. It must match exactly: spelling, capitals, spaces, and type "
        "(`1` is not `'1'`).",
    ),
    ("IndexError", r"pop from (?:an )?empty (?P<type>\w+)", "There is nothing left to `pop`: the {type} is empty."),
    (
        "IndexError",
        r"index (?P<index>-?\d+) is out of bounds for axis (?P<axis>\d+) with size (?P<size>\d+)",
        "Index {index} was asked for, but axis {axis} has {size} entries. Counting starts at 0.",
    ),
    (
        "IndexError",
        r"too many indices for array: array is (?P<n>\d+)-dimensional, but (?P<given>\d+) were indexed",
        "The array has {n} dimension(s), but {given} indices were given.",
    ),
    (
        "IndexError",
        r"out of range|out-of-bounds|out of bounds",
        "{owner} has no item at that place. Counting starts at 0, so the last of `n` items has index `n - 1`.",
    ),
    # Types
    (
        "TypeError",
        r"can only concatenate (?P<one>\w+) \(not \"(?P<other>[^\"]+)\"\)",
        "`+` joins a {one} only to another {one}, but the other value is of type {other}. Convert one of them first: "
        "`str(…)` makes text, `int(…)` or `float(…)` a number.",
    ),
    (
        "AttributeError TypeError",
        r"'coroutine' (?:object|and)|and 'coroutine'",
        "A value here is a coroutine: what an `async` function gives before it is awaited. Write `await` before its call.",
    ),
    (
        "TypeError",
        r"unsupported operand type\(s\) for (?P<op>[^:]+): '(?P<one>[^']*NoneType)' and|"
        r"unsupported operand type\(s\) for (?P<op2>[^:]+): '[^']+' and '(?P<two>NoneType)'",
        "One side of {op}{op2} is `None`.",
    ),
    (
        "TypeError",
        r"unsupported operand type\(s\) for (?P<op>[^:]+): '(?P<one>[^']+)' and '(?P<two>[^']+)'",
        "{op} does not work between a value of type {one} and one of type {two}. Convert one of them first.",
    ),
    (
        "TypeError",
        r"'(?P<op>[<>=]+)' not supported between instances of '(?P<one>[^']+)' and '(?P<two>[^']+)'",
        "A value of type {one} cannot be compared with one of type {two} by {op}. Make them the same type first.",
    ),
    (
        "TypeError",
        r"'module' object is not callable",
        "A module is called as if it were a function. The function is probably inside it: `module.function(…)`.",
    ),
    (
        "TypeError",
        r"'(?P<type>[^']+)' object is not callable",
        "The parentheses call a value of type {type}, which is not a function. Perhaps it needs no parentheses, square "
        "brackets were meant, or a variable has taken over the function's name.",
    ),
    (
        "TypeError",
        r"'NoneType' object is not (?P<how>subscriptable|iterable)|cannot unpack non-iterable (?P<none>NoneType)",
        "The value is `None`, where something with items was expected.",
    ),
    (
        "TypeError",
        r"'(?P<type>zip|map|filter|generator|set|frozenset|enumerate|reversed|dict_\w+|odict_\w+)' object is not subscriptable",
        "The items of a {type} have no places to ask for them by. Make a list of it first: `list(…)`.",
    ),
    (
        "TypeError",
        r"'(?P<type>[^']+)' object is not subscriptable",
        "The square brackets ask a value of type {type} for an item, but it holds no items to ask for. "
        "If it is a function or a method, call it first, with parentheses.",
    ),
    (
        "TypeError",
        r"'(?P<type>[^']+)' object is not iterable|cannot unpack non-iterable (?P<type2>\w+)",
        "A value of type {type}{type2} holds no items to go through one by one. To count up to a number, "
        "use `range(…)`.",
    ),
    (
        "TypeError",
        r"(?P<function>[\w.]+)\(\) got an unexpected keyword argument '(?P<name>\w+)'",
        "{function} has no parameter called {name}. It is misspelt, or belongs to another version of the function.",
    ),
    (
        "TypeError",
        r"got an unexpected keyword argument '(?P<name>\w+)'",
        "What is called has no parameter named {name}. It is misspelt, or belongs to another version.",
    ),
    (
        "TypeError",
        r"(?P<function>[\w.]+)\(\) missing \d+ required (?P<sort>positional|keyword-only) arguments?: (?P<names>.+)",
        "{function} was called without what it needs: {names}.",
    ),
    (
        "TypeError",
        r"(?P<function>[\w.]+)\(\) takes (?P<n>.+?) positional arguments? but (?P<given>\d+) (?:was|were) given",
        "{function} takes {n} positional argument(s), and {given} were given. For a method, the object before the dot "
        "counts as one.",
    ),
    (
        "TypeError",
        r"unhashable type: '(?P<type>[^']+)'",
        "Values of type {type} cannot be dictionary keys or members of a set. Use something that cannot change: "
        "a `tuple` in place of a `list`, for instance.",
    ),
    (
        "TypeError",
        r"(?P<type>\w+) indices must be integers",
        "The items of a {type} are asked for by position, with a whole number. Names work as keys only in "
        "dictionaries and tables.",
    ),
    (
        "TypeError",
        r"'(?P<type>[^']+)' object does not support item assignment",
        "A {type} cannot be changed in place. Make a new one with the change in it.",
    ),
    ("TypeError", r"object of type '(?P<type>[^']+)' has no len", "A value of type {type} has no length."),
    (
        "TypeError",
        r"'(?P<type>[^']+)' object cannot be interpreted as an integer",
        "A whole number was needed, but the value is of type {type}. `int(…)` converts it; `//` divides without "
        "a remainder.",
    ),
    (
        "TypeError",
        r"Object of type (?P<type>\w+) is not JSON serializable",
        "JSON has no form for values of type {type}. Convert them to a number, text, list or dictionary first.",
    ),
    # Values
    (
        "ValueError",
        r"operands could not be broadcast together with (?:remapped )?shapes (?P<shapes>[^A-Za-z]+)",
        "The arrays have shapes that do not fit together: {shapes}. Lengths must be equal, or 1, axis by axis from the "
        "last one.",
    ),
    (
        "ValueError",
        r"matmul: .*size (?P<one>\d+) is different from (?P<two>\d+)|shapes (?P<shapes>.+?) not aligned",
        "The matrices cannot be multiplied: the first must have as many columns as the second has rows. "
        "Look at the `.shape` of both.",
    ),
    (
        "ValueError",
        r"cannot reshape array of size (?P<size>\d+) into shape (?P<shape>.+)",
        "The array has {size} elements, which do not fill the shape {shape} exactly.",
    ),
    (
        "ValueError",
        r"must be of the same length|does not match length|same first dimension|inconsistent numbers of samples",
        "Values that belong together have different lengths. Compare their `len(…)` or `.shape`.",
    ),
    (
        "ValueError",
        r"could not convert string to (?P<kind>float|int|complex): (?P<text>.+?)(?:: Error while|$)",
        "The text {text} cannot be read as a number. Look for letters, blanks, currency signs, or a comma in place of "
        "the decimal point.",
    ),
    (
        "ValueError",
        r"invalid literal for int\(\) with base (?P<base>\d+): (?P<text>.+?)(?:: Error while|$)",
        "The text {text} is not a whole number, and `int(…)` reads nothing else. For decimals, use `float(…)`.",
    ),
    (
        "ValueError",
        r"not enough values to unpack \(expected (?:at least )?(?P<n>\d+), got (?P<given>\d+)\)",
        "There are {n} names to the left, but only {given} value(s) to put into them.",
    ),
    (
        "ValueError",
        r"too many values to unpack \(expected (?P<n>\d+)",
        "There are only {n} name(s) to the left, and more values than that to put into them.",
    ),
    (
        "ValueError",
        r"truth value of (?:a|an) (?P<type>\w+)",
        "A whole {type} was used where one true or false is needed. Say which you mean with `.any()` or `.all()`; "
        "to combine conditions, write `&` and `|` with parentheses in place of `and` and `or`.",
    ),
    ("ValueError", r"contains NaN|float NaN to integer", "There are missing values (`NaN`) where none are allowed."),
    (
        "ValueError",
        r"time data (?P<text>.+?) (?:does not|doesn't) match format (?P<format>[\"'][^\"']+[\"'])",
        "The text {text} is not a date written as {format}.",
    ),
    ("ValueError", r"math domain error|expected a nonnegative input|expected a positive input",
     "The function is not defined for that number: the square root or logarithm of a negative one, for instance."),
    ("ValueError", r"not in list|substring not found", "What was looked for is not in there."),
    ("ValueError", r"closed file", "The file is closed already. Read or write it inside its `with` block."),
    # Syntax
    ("IndentationError SyntaxError", r"expected an indented block(?: after (?P<what>.+?) on line (?P<n>\d+))?",
     "After a line that ends in `:`, the lines that belong to it must be indented."),
    ("IndentationError", r"unexpected indent", "The line is indented, but nothing above it opens a block."),
    ("IndentationError", r"unindent does not match",
     "The line is indented less than the one above, but not as far as any block that is open."),
    ("TabError", r"", "Tabs and spaces are mixed in the indentation. Use spaces only."),
    ("SyntaxError", r"Missing parentheses in call to '(?P<name>\w+)'",
     "{name} needs parentheses around what follows it. Without them it is Python 2."),
    ("SyntaxError", r"expected ':'", "A `:` is missing at the end of the line."),
    ("SyntaxError", r"'(?P<open>[(\[{])' was never closed", "The bracket {open} is opened and never closed."),
    ("SyntaxError", r"unmatched '(?P<close>.)'", "The bracket {close} closes nothing: none is open there."),
    ("SyntaxError", r"closing parenthesis '(?P<close>.)' does not match opening parenthesis '(?P<open>.)'",
     "{open} is closed by {close}, which is the wrong kind of bracket."),
    ("SyntaxError", r"unterminated (?P<f>f-)?(?:triple-quoted )?(?:string|f-string)|EOL while scanning|EOF while scanning",
     "A text is opened with a quotation mark and never closed."),
    ("SyntaxError", r"forgot a comma", "Two things stand side by side. Perhaps a comma is missing between them."),
    ("SyntaxError", r"Maybe you meant '=='", "`=` gives a value to a name. To compare two values, write `==`."),
    ("SyntaxError", r"cannot assign to (?P<what>.+?)(?: here|\. Maybe|$)",
     "What stands to the left of `=` ({what}) cannot be given a value."),
    ("SyntaxError", r"'(?P<word>return|yield|await)' outside (?:async )?function",
     "{word} stands outside the function it belongs to. Check the indentation."),
    ("SyntaxError", r"'(?P<word>break|continue)'", "{word} only makes sense inside a loop. Check the indentation."),
    ("SyntaxError", r"invalid (?:non-printable )?character (?P<char>.+)",
     "There is a character that Python does not read as code: {char}. Typographic quotes, dashes and blanks from a web "
     "page or a document do that; type them anew."),
    ("SyntaxError", r"invalid decimal literal|leading zeros",
     "A number is not written as Python expects. Names cannot begin with a digit, nor whole numbers with 0."),
    ("SyntaxError", r"positional argument follows keyword argument",
     "In a call, arguments without a name come before those with `name=`."),
    ("SyntaxError", r"expected 'except' or 'finally'", "A `try` needs an `except` or a `finally` after it."),
    ("SyntaxError", r"^invalid syntax(?! ?\. )",
     "Python cannot read this line. Something is missing or too much, on it or on the line above."),
    ("SyntaxError", r"unexpected EOF|incomplete input", "The cell ends in the middle of something: look for an open "
     "bracket, or a line ending in `:` with nothing below."),
    # The rest
    (
        "ZeroDivisionError",
        r"",
        "Something is divided by zero here. Look at {divisor}: an empty list or an "
        "empty selection often gives 0.",
    ),
    (
        "ModuleNotFoundError",
        r"No module named '(?P<module>[^']+)'",
        "Python finds no module {module} in this kernel's environment. If the name is right, install it: {install}.",
    ),
    (
        "ImportError",
        r"cannot import name '(?P<name>[^']+)' from (?:partially initialized module )?'(?P<module>[^']+)'",
        "The module {module} is there, but has nothing called {name}. It is misspelt, or was moved or removed in the "
        "installed version.",
    ),
    (
        "FileNotFoundError",
        r"(?:directory|exist): (?:b)?(?P<path>['\"].+['\"])",
        "There is no file or folder {path}. A relative path starts at the folder the kernel runs in; `%pwd` shows it.",
    ),
    ("FileNotFoundError", r"", "A file or folder that is needed is not there. `%pwd` shows where relative paths start."),
    ("PermissionError", r"(?:.*: (?P<path>['\"].+['\"]))?",
     "The system does not let this kernel open or change the file {path}."),
    ("RecursionError", r"", "Functions called each other, or one called itself, too many times in a row. Usually the case "
     "that should end it is missing or never reached."),
    ("MemoryError", r"", "There is not enough memory for this. Work on less data at a time."),
    ("StopIteration", r"", "`next(…)` was asked for one more item, but there are none left. `next(…, None)` gives `None` "
     "in that case."),
    ("AssertionError", r"^\s*$", "The condition after `assert` is false."),
    ("AssertionError", r"", "The condition after `assert` is false; the error's text says what was expected."),
    ("JSONDecodeError", r"Expecting value: line 1 column 1 \(char 0\)",
     "The text is not JSON from its first character on: it may be empty, or a web page."),
    ("JSONDecodeError", r"property name enclosed in double quotes",
     "The text is not JSON: names need double quotes, and no comma may follow the last item."),
    ("JSONDecodeError", r"line (?P<n>\d+) column (?P<column>\d+)",
     "The text is not valid JSON; reading it stopped at its line {n}, column {column}."),
    ("UnicodeDecodeError", r"'(?P<codec>[^']+)' codec",
     "The bytes are not text in the encoding {codec}. Name the right one with `encoding=…`; `'cp1252'` and `'latin-1'` "
     "are common."),
    ("SystemExit", r"", "The cell asked the kernel to end."),
    ("KeyboardInterrupt", r"", "The cell was interrupted while it ran. The code itself need not be wrong."),
    ("RuntimeError", r"changed size during iteration",
     "The loop goes through something and changes it at the same time. Go through a copy of it: `list(…)`."),
    ("RuntimeError", r"asyncio\.run\(\) cannot be called|event loop is already running",
     "A notebook runs in an event loop already. Write `await` before the call, without `asyncio.run` or `run_until_complete`."),
    ("ConnectionError ConnectTimeout ConnectionRefusedError gaierror URLError SSLError ProxyError",
     r"", "The connection to the server failed. Look at the address, and at whether this kernel may use the network."),
    ("OperationalError", r"no such table: (?P<name>\S+)", "The database has no table {name}."),
    ("OperationalError", r"no such column: (?P<name>\S+)", "None of the tables in the query has a column {name}."),
    ("OperationalError", r"near \"(?P<word>[^\"]+)\": syntax error", "The SQL cannot be read from {word} on."),
    ("OperationalError", r"database is locked", "Another connection is writing to the database."),
    ("NotFittedError", r"", "The model was asked for something before `fit` was called on it."),
    ("EmptyDataError", r"", "The file holds no table: it is empty."),
    ("ParserError", r"Expected (?P<n>\d+) fields in line (?P<line>\d+), saw (?P<given>\d+)",
     "Line {line} of the file has {given} values, the lines above {n}. The separator may be another one."),
    ("TimeoutError", r"", "Something took longer than it was allowed to."),
    ("NotImplementedError", r"", "This part of the code is only announced, not written."),
)  # fmt: skip

FAMILY = {
    "ImportError": ("ModuleNotFoundError",),
    "SyntaxError": ("IndentationError", "TabError", "_IncompleteInputError"),
}
"""A name whose meanings hold for others too."""


def meaning(failure: Failure, line: str = "") -> str:
    """Say in one to three sentences what an error means, empty if we know no more than its own text says.

    `line` is the line of code that failed.
    """
    names = {failure.ename.rpartition(".")[2]}
    names |= {base for base, others in FAMILY.items() if names & set(others)}
    message = strip_ansi(failure.evalue)[:2_000]
    for kinds, pattern, words in MEANINGS:
        if names & set(kinds.split()) and (found := re.search(pattern, message)):
            groups = {
                name: text if (text or "0").isdigit() else code(text or "") for name, text in found.groupdict().items()
            }
            return words.format_map(
                {**{name: text or "" for name, text in groups.items()}, **_read_off(failure, line, found.groupdict())}
            ).replace(" .", ".")
    return ""


def _read_off(failure: Failure, line: str, groups: dict[str, str | None]) -> dict[str, str]:
    """What a meaning can say besides the message's own words."""
    tree = fragment(line)
    top = (groups.get("module") or "").partition(".")[0]
    return {
        "owner": code(owner) if (owner := _owner(tree, line, groups)) else "The value",
        "label": "column or label" if any("pandas" in text for text in failure.traceback) else "key",
        "divisor": code(divisor) if (divisor := _divisor(tree, line)) else "the value to the right of `/`, `//` or `%`",
        "install": code(f"%pip install {PACKAGES.get(top, top)}"),
    }


def _owner(tree: ast.AST | None, line: str, groups: dict[str, str | None]) -> str:
    """The expression whose attribute or item was asked for; empty where the line has none or several."""
    if tree is None:
        return ""
    attr, key = groups.get("attr"), groups.get("key")
    nodes = list(ast.walk(tree))
    if attr:
        owners = [each.value for each in nodes if isinstance(each, ast.Attribute) and each.attr == attr]
    else:
        asked = [each for each in nodes if isinstance(each, ast.Subscript)]
        same = [each for each in asked if isinstance(each.slice, ast.Constant) and repr(each.slice.value) == key]
        owners = [each.value for each in (same or asked)]
    texts = {ast.get_source_segment(line.strip(), owner) or "" for owner in owners}
    return texts.pop() if len(texts) == 1 else ""


def _divisor(tree: ast.AST | None, line: str) -> str:
    """The only divisor on a line that is no number; empty where there are several."""
    if tree is None:
        return ""
    division = (ast.Div, ast.FloorDiv, ast.Mod)
    right = [each.right for each in ast.walk(tree) if isinstance(each, ast.BinOp) and isinstance(each.op, division)]
    texts = [ast.get_source_segment(line.strip(), each) or "" for each in right if not isinstance(each, ast.Constant)]
    return texts[0] if len(texts) == 1 else ""


def fragment(line: str) -> ast.AST | None:
    """Parse one line of code, also the head of a block; None where it is not Python by itself."""
    text = line.strip()
    if len(text) > 2_000:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" in a cell is the user's affair
        for tail in ("", " pass", "\nexcept: pass"):
            try:
                return ast.parse(text + tail)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return None


def code(text: str) -> str:
    """Quote text as an inline code span that nothing in it can end."""
    text = " ".join(_clean(text).split())
    text = text if len(text) <= SPAN_LIMIT else text[: SPAN_LIMIT - 1] + "…"
    if not text:
        return "` `"
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if "`" in (text[0], text[-1]) else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str, language: str = "python") -> str:
    """Quote text as a code block that nothing in it can end."""
    text = _clean(text)  # before counting: what is dropped may join two runs of backticks
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def _clean(text: str) -> str:
    """Lone surrogates cannot be sent as UTF-8; control characters are not for showing."""
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", strip_ansi(text))
    return text.encode("utf-8", "replace").decode("utf-8")


def listed(texts: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def counted(texts: Iterable[str], most: int = 8, total: int = 0) -> str:
    """Return the first ones, each once, and how many more there are: of `total`, if that is more than are known."""
    texts = list(dict.fromkeys(texts))
    more = max(len(texts), total) - len(texts[:most])
    return listed([*texts[:most], f"{more:,} more"] if more > 0 else texts)
