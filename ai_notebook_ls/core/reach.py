"""What a change lets a cell reach that it did not reach before: shell, processes, network, files, text as code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import lru_cache

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import LINE_END
from ai_notebook_ls.core.shapes import called, count, nodes
from ai_notebook_ls.core.statements import close_to_any, kept, words_of

# fmt: off
REACHES_OUT = frozenset({
    "subprocess", "socket", "requests", "urllib", "urllib3", "httpx", "aiohttp", "ftplib", "smtplib", "paramiko",
    "ctypes", "shutil", "popen", "system", "unlink", "rmtree", "rmdir", "removedirs", "urlopen", "urlretrieve",
    "run_line_magic", "run_cell_magic", "run_cell", "getoutput", "get_ipython", "__import__", "import_module",
    "threading", "multiprocessing",
})
# fmt: on
"""Words that give code a reach which the old cell did not have: processes, network, deletion, code from text."""

OF_OS = frozenset({"remove", "kill", "rename", "replace", "putenv", "truncate", "fork"})
"""What changes files or processes, of the module `os`."""

WRITES = re.compile(
    r"to_(?:csv|excel|json|parquet|sql|pickle|html|feather|hdf)|write_\w+|writelines|savefig|dump|touch"
)

KEEPS_LINE = 0.5
"""Least share of a magic's words that its repaired form keeps."""


def reaches_out(old: str, new: str) -> str | None:
    """Return what the new text reaches that the old one did not, as the beginning of a sentence; None for nothing."""
    if (reason := _magics(old, new)) is not None:
        return reason
    words = Counter(words_of(new)) - Counter(words_of(old))
    if found := sorted(words.keys() & REACHES_OUT):
        return f"it adds `{found[0]}`, which the cell did not use before"
    more = _calls(new) - _calls(old)
    lost = [name.lstrip(".") for name in _calls(old) - _calls(new)]
    for name in ("eval", "exec", "compile"):
        if more[name]:
            return f"it adds `{name}`, which runs text as code"
    if count(new, _computed_attribute) > count(old, _computed_attribute):
        return "it adds a `getattr` whose name cannot be known"
    if count(new, _touches_os) > count(old, _touches_os):
        return "it adds a call of `os` that changes files or processes"
    writes = {name for name in _writes(new) - _writes(old) if more[name] or more[f".{name}"]}
    if any(name == "open" or not close_to_any(name.lstrip("."), lost) for name in writes):
        return "it writes to a file that the cell did not write before"
    if "://" not in old and any("://" in word for word in words if word[-1:] in "'\""):
        return "it adds an address that the cell did not have before"
    return None


def _magics(old: str, new: str) -> str | None:
    """Lines for IPython that came or went; one may have been misspelt."""
    gained = list((Counter(magics.escaped_lines(new)) - Counter(magics.escaped_lines(old))).elements())
    for line in (Counter(magics.escaped_lines(old)) - Counter(magics.escaped_lines(new))).elements():
        words = words_of(line)
        like = max(gained, key=lambda each: kept(words, words_of(each)), default=None)
        if like is not None and _same_kind(line, like) and kept(words, words_of(like)) >= KEEPS_LINE * len(words):
            gained.remove(like)
        elif line.lstrip("%?") not in map(str.strip, new.split("\n")):  # a stray mark goes, its line stays
            return f"it drops `{line}`"
    if gained:
        return f"it adds `{gained[0]}`, which the cell did not run before"
    inner = _indented(new) - _indented(old)
    return f"it moves `{next(iter(inner))}` to where it may not run" if inner else None


def _indented(source: str) -> Counter[str]:
    escaped = magics.escaped_lines(source)
    return Counter(line.strip() for line in LINE_END.split(source) if line[:1].isspace() and line.strip() in escaped)


def _same_kind(line: str, other: str) -> bool:
    """Whether two lines are for the same: a shell line stays one, and a magic's name was misspelt at most."""
    marks = [re.match(r"[%!?]*\s*(\w*)", each) for each in (line, other)]
    names = [found[1] if found else "" for found in marks]
    return (line[:1] == "!") == (other[:1] == "!") and (line[:1] == "!" or close_to_any(names[0], [names[1]]))


def _is_call_of(name: str, node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _computed_attribute(node: ast.AST) -> bool:
    """`getattr(os, "sys" + "tem")`: a name that no reader sees."""
    if not (isinstance(node, ast.Call) and _is_call_of("getattr", node)):
        return False
    return any(not isinstance(each, (ast.Constant, ast.Name)) for each in node.args[1:2])


def _touches_os(node: ast.AST) -> bool:
    """A call that changes files or processes, or the module under a name that would hide one."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(alias.name in OF_OS for alias in node.names)
    if isinstance(node, ast.Import):
        return any(alias.name == "os" and alias.asname for alias in node.names)
    return isinstance(node, ast.Attribute) and node.attr in OF_OS and getattr(node.value, "id", "") == "os"


@lru_cache(maxsize=64)
def _calls(source: str) -> Counter[str]:
    """What is called, by its last name; what is called on something, like `df.eval` and `re.compile`, with a dot."""
    calls = (node for node in nodes(source) if isinstance(node, ast.Call))
    return Counter("." * isinstance(call.func, ast.Attribute) + called(call) for call in calls)


def _writes(source: str) -> Counter[str]:
    """The calls that write: `open` by its mode, the others by their name."""
    calls = [node for node in nodes(source) if isinstance(node, ast.Call)]
    opened = sum(called(call) == "open" and _opens_for_writing(call) for call in calls)
    return Counter({"open": opened}) + Counter(
        name for name in _calls(source).elements() if WRITES.fullmatch(name.lstrip("."))
    )


def _opens_for_writing(call: ast.Call) -> bool:
    modes = (*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "mode"))
    return any(isinstance(each, ast.Constant) and set(str(each.value)) & set("wax+") for each in modes)
