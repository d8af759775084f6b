"""Why a candidate that runs is still no fix: it dodges the failure instead of repairing it.

A small model made 24 of 49 failing cells run, 15 of those by deleting the failing code (notes/models.md §2.4): a clean
re-run is no proof. The guard compares texts only; it cannot see a wrong file name or constant.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache, partial

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import LINE_END
from ai_notebook_ls.core.dataflow import ALWAYS_THERE, flow
from ai_notebook_ls.core.statements import (
    ALIKE,
    close_to_any,
    is_import,
    kept,
    likeness,
    statements,
    unmatched,
    words_of,
)

KEPT_OF_CELL = 0.5
KEPT_OF_LINE = 0.6
"""Least share of the old words that a repair keeps."""

STATEMENTS = frozenset({"if", "while", "for", "try", "def", "class", "lambda", "return", "raise"})
"""Words that begin what runs code otherwise, later or not at all."""

EFFECTS = re.compile(
    r"print|pprint|display|show|fit|fit_\w+|plot|\w*save\w*|\w*write\w*|dump|commit"
    r"|to_(?:csv|excel|json|parquet|sql|pickle|html|feather|hdf|markdown|latex|clipboard|file)"
)
"""Calls made for what they do, wherever they stand."""

EFFECTS_ALONE = re.compile(
    r"append|extend|insert|update|add|remove|send|post|put|execute|makedirs|mkdir|\w+plot|hist|scatter|bar"
)
"""Calls made for what they do when they are a whole statement."""

PASTED = re.compile(r"^\s*(?:(?:>>>|\.\.\.)(?: |$)|```\w*\s*$)")
"""What stands around pasted code: the prompts of the Python shell, markdown's fences."""

DODGES = {
    "except": "it swallows the exception instead of mending its cause",
    "suppress": "it suppresses the exception instead of mending its cause",
    "raises": "it expects the exception instead of mending its cause",
    "hasattr": "it skips the failing code where the attribute is missing",
    "exit": "it ends the run before the error can come",
    "quit": "it ends the run before the error can come",
    "_exit": "it ends the run before the error can come",
    "SystemExit": "it ends the run before the error can come",
    "continue": "it skips the failing item",
    "break": "it leaves the loop before the failing item",
    "NotImplemented": "it puts a placeholder where the code was",
    "NotImplementedError": "it puts a placeholder where the code was",
}
"""A word that the old cell used less often -> what that does."""

# fmt: off
REACHES_OUT = frozenset({
    "subprocess", "socket", "requests", "urllib", "urllib3", "httpx", "aiohttp", "ftplib", "smtplib", "paramiko",
    "ctypes", "shutil", "popen", "system", "unlink", "rmtree", "rmdir", "removedirs", "urlopen", "urlretrieve",
    "run_line_magic", "run_cell_magic", "getoutput", "__import__",
})
# fmt: on
"""Words that give code a reach which the old cell did not have: processes, network, deletion, code from text."""


def escape_reason(old: str, new: str, failure_line: int | None = None) -> str | None:
    """Return why a candidate is no fix, as the end of a sentence for the user, or None if nothing speaks against it.

    `failure_line` is 0-based, in the old text.
    """
    if magics.parse(new) is None:
        return "the new text is not valid Python."
    if old.strip() == new.strip() or _same_code(old, new):
        return "it changes nothing."
    for check in (
        _reaches_out,
        _dodges,
        _dead_code,
        _loses_code,
        _loses_failing,
        _loses_names,
        _loses_effects,
        _invents,
    ):
        if (reason := check(old, new, failure_line)) is not None:
            return f"{reason}."
    return None


def _same_code(old: str, new: str) -> bool:
    """Whether only comments and layout differ."""
    before, after = magics.parse(old), magics.parse(new)
    same_magics = magics.escaped_lines(old) == magics.escaped_lines(new)
    return before is not None and after is not None and same_magics and ast.dump(before) == ast.dump(after)


def _reaches_out(old: str, new: str, _line: int | None) -> str | None:
    """New shell lines, magics, processes, network, deletions."""
    if added := Counter(magics.escaped_lines(new)) - Counter(magics.escaped_lines(old)):
        return f"it adds `{next(iter(added))}`, which the cell did not run before"
    words = Counter(words_of(new)) - Counter(words_of(old))
    if found := sorted(words.keys() & REACHES_OUT):
        return f"it adds `{found[0]}`, which the cell did not use before"
    for name in ("eval", "exec"):
        if _count(new, partial(_is_call_of, name)) > _count(old, partial(_is_call_of, name)):
            return f"it adds `{name}`, which runs text as code"
    if words["os"] and words.keys() & {"remove", "kill", "rename", "replace"}:
        return "it adds a call of `os` that changes files or processes"
    return None


def _is_call_of(name: str, node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _dodges(old: str, new: str, _line: int | None) -> str | None:
    """New words and shapes whose purpose is that the failure does not show."""
    before, after = Counter(words_of(old)), Counter(words_of(new))
    added, lost = after - before, before - after
    for word in added:
        if word in DODGES and not close_to_any(word, lost):
            return DODGES[word]
    if magics.parse(old) is None:
        # Repairing a slip replaces words; it has no need of a further statement.
        more = [word for word in added if word in STATEMENTS]
        return f"it adds a `{more[0]}`" if len(more) > sum(word.isidentifier() for word in lost) else None
    for shape, reason in SHAPES:
        if shape is _constant_return and magics.parse(old) is None and not added["return"]:
            continue  # a text that is no Python has no shapes to compare with, but it had this word
        if _count(new, shape) > _count(old, shape):
            return reason
    return None


def _never(test: ast.AST) -> bool:
    """Whether a condition is the same each time: `False`, `1 == 2`, `not True`."""
    return not any(isinstance(node, (ast.Name, ast.Call, ast.Attribute)) for node in ast.walk(test))


def _constant_branch(node: ast.AST) -> bool:
    if isinstance(node, (ast.If, ast.IfExp)):
        return _never(node.test)
    if isinstance(node, ast.While):
        return _never(node.test) and not getattr(node.test, "value", True)
    return isinstance(node, ast.BoolOp) and any(_never(each) for each in node.values[:-1])


def _empty_loop(node: ast.AST) -> bool:
    source = node.iter if isinstance(node, (ast.For, ast.comprehension)) else None
    if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id in ("range", "iter"):
        source = source.args[0] if source.args else None
        return (isinstance(source, ast.Constant) and not source.value) or _is_empty(source)
    return _is_empty(source)


def _is_empty(node: ast.AST | None) -> bool:
    return (isinstance(node, (ast.List, ast.Tuple)) and not node.elts) or (isinstance(node, ast.Dict) and not node.keys)


def _ignores_errors(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.keyword) and node.arg in ("errors", "on_bad_lines", "invalid") else None
    return isinstance(value, ast.Constant) and value.value in ("ignore", "skip")


def _defaults(node: ast.AST) -> bool:
    """`d.get("x")` and `getattr(o, "x", None)`: a silent None where something was missing."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id == "getattr" and len(node.args) == 3
    named = node.args and isinstance(node.args[0], ast.Constant)
    return isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "setdefault", "pop") and bool(named)


def _constant_return(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and (node.value is None or _is_made_up(node.value))


def _is_deferred(node: ast.AST) -> bool:
    """A lambda without parameters, or a lambda or generator that is kept and never consumed."""
    if isinstance(node, ast.Lambda):
        return not ast.unparse(node.args)
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) else None
    return isinstance(value, (ast.Lambda, ast.GeneratorExp))


SHAPES: tuple[tuple[Callable[[ast.AST], bool], str], ...] = (
    (_constant_branch, "it puts code where it never runs"),
    (_empty_loop, "it puts code in a loop that never runs"),
    (_ignores_errors, "it tells the call to ignore the error"),
    (_defaults, "it goes on with a default where something is missing"),
    (_constant_return, "it returns early with a made-up value"),
    (_is_deferred, "it wraps code where it does not run"),
)


def _dead_code(old: str, new: str, _line: int | None) -> str | None:
    """Statements behind a `return` or a `raise` of the same block."""
    if magics.parse(old) is not None and _dead(new) > _dead(old):
        return "it leaves code behind a `return` or `raise`, where it never runs"
    return None


def _dead(source: str) -> int:
    dead = 0
    for node in _nodes(source):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                ends = [i for i, each in enumerate(statements) if isinstance(each, (ast.Return, ast.Raise))]
                dead += len(statements) - 1 - ends[0] if ends else 0
    return dead


def _loses_code(old: str, new: str, line: int | None) -> str | None:
    """Most of the cell must stay, and every line of it must have its like."""
    olds, news = statements(old), statements(new)
    if not olds:
        return _loses_lines(old, new)
    before = tuple(word for each in olds if not is_import(each) for word in each.words)
    after = tuple(word for each in news if not is_import(each) for word in each.words)
    if kept(before, after) < KEPT_OF_CELL * len(before):
        return "it rewrites most of the cell"
    for statement in unmatched(olds, news):
        if line is None or line not in statement.lines:
            return f"it drops `{_shown(statement.words)}`"
    return None


def _loses_lines(old: str, new: str) -> str | None:
    """For text that was not Python: no line with a word in it may go, be it into a comment or a string.

    A line with a quote may have its words move into or out of a string, all but its first.
    """
    after = [(words_of(text), re.findall(r"\w+", text)) for text in LINE_END.split(new)]
    for text in LINE_END.split(old):
        line = PASTED.sub("", text)
        words = words_of(line)
        if not any(word.isidentifier() for word in words):
            continue
        best = max((kept(words, code) / len(words) for code, _ in after), default=0)
        if best < KEPT_OF_LINE and re.search(r"['\"]", line):
            plain = tuple(re.findall(r"\w+", line))
            same = (kept(plain, tuple(raw)) / len(plain) for code, raw in after if close_to_any(words[0], code))
            best = max(same, default=0)
        if best < KEPT_OF_LINE:
            return f"it drops the line `{_shown(words)}`"
    return None


def _loses_failing(old: str, new: str, line: int | None) -> str | None:
    """The failing statement must still be there, run as before, and compute its result from the same things."""
    olds = [each for each in statements(old) if line is not None and line in each.lines]
    if not olds:
        return None
    failing = min(olds, key=lambda each: len(each.lines))
    like = max(statements(new), key=lambda each: likeness(failing, each), default=None)
    if like is None or likeness(failing, like) < ALIKE:
        return "it removes the failing line"
    for kind in Counter(like.around) - Counter(failing.around):
        if kind in PLACED:
            return PLACED[kind]
    if _is_stubbed(failing.node, like.node):
        return "it replaces the failing expression by a made-up value"
    return None


PLACED = {
    "function": "it moves the failing line into a function, where it does not run",
    "class": "it moves the failing line into a class",
    "if": "it runs the failing line only under a condition",
    "try": "it wraps the failing line in a try",
    "while": "it moves the failing line into a loop, where it may not run",
}


def _is_stubbed(old: ast.stmt, new: ast.stmt) -> bool:
    """Whether constants stand where names stood."""
    lost, gained = _names_in(old) - _names_in(new), _names_in(new) - _names_in(old)
    literals = {each.value for each in ast.walk(new) if isinstance(each, ast.Constant)}
    # `df[price]` for `df["price"]` and `true` for `True` are misspelt literals, not stubs.
    lost -= {name for name in lost if any(_spells(name, each) for each in literals)}
    lost -= {name for name in _names_in_brackets(old) if name in literals}
    if not lost or len(gained) >= len(lost):
        return False
    before = Counter(ast.dump(each) for each in ast.walk(old) if isinstance(each, ast.Constant) or _is_empty(each))
    after = Counter(ast.dump(each) for each in ast.walk(new) if isinstance(each, ast.Constant) or _is_empty(each))
    return bool(after - before)


def _spells(name: str, literal: object) -> bool:
    """Whether a name is one of Python's constants in another case, with swapped letters, or as other languages say it."""
    word = "none" if name.lower() in ("null", "nil") else name.lower()
    return literal in (True, False, None) and sorted(word) == sorted(repr(literal).lower())


def _names_in_brackets(node: ast.AST) -> frozenset[str]:
    slices = (each.slice for each in ast.walk(node) if isinstance(each, ast.Subscript))
    return frozenset(name for each in slices for name in _names_in(each))


def _loses_names(old: str, new: str, _line: int | None) -> str | None:
    """What the cell defined or changed, cells below may need."""
    before, after = flow(old), flow(new)
    gained = (after.defines - before.defines) | (after.reads.keys() - before.reads.keys())
    for name in sorted(before.defines - after.defines):
        if not name.startswith("_") and not close_to_any(name, gained):
            return f"it no longer defines `{name}`"
    for name in sorted(before.changes - after.changes - after.defines - after.reads.keys()):
        if not close_to_any(name, after.changes):
            return f"it no longer changes `{name}`"
    return None


def _loses_effects(old: str, new: str, line: int | None) -> str | None:
    """Calls that are made for their effect: printing, plotting, fitting, saving."""
    before, after = _effects(old, line), _effects(new, None)
    gained = (after - before).keys()
    for name in before - after:
        if not close_to_any(name, gained):
            return f"it drops the call of `{name}`"
    return None


def _effects(source: str, failing: int | None) -> Counter[str]:
    names: Counter[str] = Counter()
    for node in _nodes(source):
        if isinstance(node, ast.Call) and EFFECTS.fullmatch(name := _called(node)):
            names[name] += 1
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.lineno - 1 != failing:
            name = _called(node.value)
            names[name] += bool(EFFECTS_ALONE.fullmatch(name))
    return +names


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", "") or getattr(call.func, "id", ""))


def _invents(old: str, new: str, _line: int | None) -> str | None:
    """A name that came from outside now has a value made up on the spot."""
    before, after = flow(old), flow(new)
    renamed = before.defines - after.defines
    inputs = (before.reads.keys() | _loose_names(old)) - before.defines - ALWAYS_THERE
    for node in _nodes(new):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name in inputs:
            return f"it makes up a `{node.name}` of its own"
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and value is not None and _is_made_up(value):
            for name in (
                each.id for target in targets if target for each in ast.walk(target) if isinstance(each, ast.Name)
            ):
                if name in inputs and name in after.defines and not close_to_any(name, renamed):
                    return f"it makes up a value for `{name}`"
    return None


def _loose_names(source: str) -> frozenset[str]:
    """The words of a text that is not Python: any of them may be an input, unless it is assigned there."""
    if magics.parse(source) is not None:
        return frozenset()
    words = words_of(source)
    assigned = {a for a, b in itertools.pairwise(words) if b == "="}
    assigned |= {
        b
        for a, b in itertools.pairwise(words)
        if a in ("def", "class", "import", "as", "for", "function", "func", "fn")
    }
    return frozenset(word for word in words if word.isidentifier()) - assigned


def _is_made_up(value: ast.expr) -> bool:
    """Whether a value comes from nowhere: literals, or a library's constructor over literals."""
    called = {id(each.func) for each in ast.walk(value) if isinstance(each, ast.Call)}
    roots = {
        id(each.func.value)
        for each in ast.walk(value)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)
    }
    for node in ast.walk(value):
        if isinstance(node, ast.Name):
            if id(node) in called and node.id not in ALWAYS_THERE:
                return False
            if id(node) not in called | roots:
                return False
    return True


@lru_cache(maxsize=64)
def _nodes(source: str) -> tuple[ast.AST, ...]:
    tree = magics.parse(source)
    return tuple(ast.walk(tree)) if tree is not None else ()


def _count(source: str, shape: Callable[[ast.AST], bool]) -> int:
    return sum(map(shape, _nodes(source)))


def _names_in(node: ast.AST) -> frozenset[str]:
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            names.add(each.id)
        elif isinstance(each, ast.Attribute):
            names.add(each.attr)
    return frozenset(names)


def _shown(words: tuple[str, ...], limit: int = 60) -> str:
    text = re.sub(r"\s*([.()\[\],:])\s*", r"\1", " ".join(words)).replace(",", ", ")
    return text if len(text) <= limit else text[: limit - 1] + "…"
