"""Cells as statements and words, to tell what stays of them in another text; works on text that is not Python, too."""

from __future__ import annotations

import ast
import builtins
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import LINE_END

WORD = re.compile(
    r"#[^\n\r]*"
    r"|[rbfuRBFU]{0,2}(?:'''.*?(?:'''|\Z)|\"\"\".*?(?:\"\"\"|\Z))"
    r"|[rbfuRBFU]{0,2}(?:'(?:\\.|[^'\\\n])*'?|\"(?:\\.|[^\"\\\n])*\"?)"
    r"|[^\W\d]\w*|\d[\w.]*|[^\w\s]",
    re.DOTALL,
)

ALIKE = 0.5
"""Least share of a statement's words that its repaired form keeps."""

CLOSE = 0.6
"""Least ratio (difflib) of two words of which one may be the other, misspelt."""

COMPARED = 60
"""Words that are compared letter by letter, at most."""

MOST_PAIRS = 2500
"""Changed statements, old times new, that are compared; a cell that differs in more has been rewritten."""

AWAIT = "await"

RUNS_AWAITABLE = frozenset({"asyncio", "run", "run_until_complete", "get_event_loop", "new_event_loop", "loop"})
"""What runs an awaitable where `await` cannot stand."""

KINDS: dict[str, str] = {
    "FunctionDef": "function",
    "AsyncFunctionDef": "function",
    "ClassDef": "class",
    "If": "if",
    "While": "while",
    "Try": "try",
    "TryStar": "try",
    "For": "for",
    "AsyncFor": "for",
    "With": "with",
    "AsyncWith": "with",
    "Match": "if",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A simple statement, or the head of a compound one, and what it stands in."""

    words: tuple[str, ...]
    lines: range
    """0-based."""
    around: tuple[str, ...]
    """Kinds of the statements around it: function, class, if, while, for, try, with."""
    node: ast.stmt
    """Without its blocks."""


@lru_cache(maxsize=64)
def words_of(source: str) -> tuple[str, ...]:
    """Return the words, strings and marks of a text, comments left out."""
    return tuple(word for word in WORD.findall(source) if not word.startswith("#"))


@lru_cache(maxsize=64)
def statements(source: str) -> tuple[Statement, ...]:
    """Return the statements of a cell, in order; none for text that is not Python."""
    tree = magics.parse(source)
    try:
        return tuple(_each(tree.body, LINE_END.split(magics.mask(source)), ())) if tree is not None else ()
    except RecursionError:
        return ()


def _each(body: list[ast.stmt], lines: list[str], around: tuple[str, ...]) -> Iterator[Statement]:
    for node in body:
        blocks = _blocks(node)
        if isinstance(node, ast.Pass):  # also what stands for a magic
            continue
        if not blocks:
            rows = range(node.lineno - 1, node.end_lineno or node.lineno)
            yield Statement(words_of(_segment(lines, node)), rows, around, node)
            continue
        kind = KINDS.get(type(node).__name__, "")
        if kind != "try":
            first = node.lineno - 1
            rows = range(first, max(min(block[0].lineno for block in blocks) - 1, first + 1))
            yield Statement(words_of("\n".join(lines[rows.start : rows.stop])), rows, around, _headless(node))
        for block in blocks:
            yield from _each(block, lines, (*around, kind))


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    own = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    held = [each.body for name in ("handlers", "cases") for each in getattr(node, name, ())]
    return [block for block in (*own, *held) if block]


def _headless(node: ast.stmt) -> ast.stmt:
    kept = {name: value for name, value in ast.iter_fields(node) if name not in ("orelse", "finalbody", "cases")}
    return type(node)(**{**kept, "body": []})


def _segment(lines: list[str], node: ast.stmt) -> str:
    """A node's text; its columns count UTF-8 bytes."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    rows = [line.encode("utf-8", "surrogatepass") for line in lines[first : last + 1]]
    rows[-1] = rows[-1][: node.end_col_offset]
    rows[0] = rows[0][node.col_offset :]
    return b"\n".join(rows).decode("utf-8", "replace")


def substance(node: ast.AST) -> Counter[str]:
    """Return what a statement is about: names, attributes, keywords, literals, operators; no names of its lambdas."""
    own = {
        each.arg if isinstance(each, ast.arg) else each.id
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Lambda, ast.comprehension))
        for each in ast.walk(inner.args if isinstance(inner, ast.Lambda) else inner.target)
        if isinstance(each, (ast.arg, ast.Name))
    }
    return Counter(atom for each in ast.walk(node) for atom in _atoms(each) if atom not in own)


def _atoms(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield repr(node.value)
    elif isinstance(node, (ast.operator, ast.cmpop, ast.boolop)):
        yield type(node).__name__
    elif isinstance(node, ast.Await):
        yield AWAIT
    elif isinstance(node, (ast.For, ast.If, ast.While, ast.Return, ast.Raise, ast.Assert, ast.Delete)):
        yield type(node).__name__
    for name in ("id", "attr", "arg", "name", "asname", "module"):
        if isinstance(text := getattr(node, name, None), str):
            yield text


def likeness(old: Statement, new: Statement) -> float:
    """Return how much of a statement another keeps, 0 to 1; an import is judged by the names that it brings."""
    if is_import(old) and isinstance(new.node, ast.Assign):  # `izip = zip`: what was imported has become a builtin
        return float(any(new.words == (name, "=", name[1:]) and name[1:] in dir(builtins) for name in _bound(old.node)))
    if is_import(old):
        return float(is_import(new) and any(close_to_any(name, _bound(new.node)) for name in _bound(old.node)))
    if is_import(new) or (isinstance(new.node, ast.Expr) and isinstance(new.node.value, ast.Constant) and old != new):
        return float(isinstance(old.node, ast.Expr)) * _share(old, new) * (not is_import(new))
    if isinstance(old.node, ast.Return) and not isinstance(new.node, ast.Return):
        return 0.0
    if isinstance(old.node, ast.Assign) and not isinstance(
        new.node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.With)
    ):
        return float(changes_in_place(old.node, new.node))
    return _share(old, new)


def _share(old: Statement, new: Statement) -> float:
    before, after = substance(old.node), substance(new.node)
    if after[AWAIT] > before[AWAIT]:  # a top-level await does what these did
        before = Counter({atom: count for atom, count in before.items() if atom not in RUNS_AWAITABLE}) or before
    return kept(tuple(before.elements()), tuple(after.elements())) / max(1, before.total())


def changes_in_place(old: ast.stmt, new: ast.stmt) -> bool:
    """Return whether `x = x.append(1)` became `x.append(1)`: the call stays, and what it gave was no value."""
    if not (isinstance(old, ast.Assign) and isinstance(new, ast.Expr) and isinstance(old.value, ast.Call)):
        return False
    reads = {each.id for each in ast.walk(old.value) if isinstance(each, ast.Name)}
    targets = [each for target in old.targets for each in ast.walk(target) if isinstance(each, ast.Name)]
    return ast.dump(old.value) == ast.dump(new.value) and all(each.id in reads for each in targets)


def stored(node: ast.AST) -> set[str]:
    """Return the names that a piece of code gives a value, at any depth; not those of imports."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    return names | {
        each.name for each in ast.walk(node) if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }


def is_import(statement: Statement) -> bool:
    """Whether a statement is an import."""
    return isinstance(statement.node, (ast.Import, ast.ImportFrom))


def _bound(node: ast.stmt) -> list[str]:
    return [alias.asname or alias.name.partition(".")[0] for alias in getattr(node, "names", ())]


@lru_cache(maxsize=64)
def heirs(old: str, new: str) -> dict[int, int]:
    """Return which statement of the new text each of the old has become: indices; those without one are left out.

    Each new statement is the heir of one: what stays as it is first, then those most alike, then those nearest.
    """
    olds, news = statements(old), statements(new)
    found: dict[int, int] = {}
    for key in (_placed, _worded):
        free: dict[object, list[int]] = {}
        for j in sorted(set(range(len(news))) - set(found.values())):
            free.setdefault(key(news[j]), []).append(j)
        for i, each in enumerate(olds):
            if i not in found and free.get(key(each)):
                found[i] = free[key(each)].pop(0)
    left = [i for i in range(len(olds)) if i not in found]
    rest = sorted(set(range(len(news))) - set(found.values()))
    if len(left) * len(rest) > MOST_PAIRS:
        return found
    pairs = [(-round(likeness(olds[i], news[j]), 2), abs(i - j), i, j) for i in left for j in rest]
    for unlike, _, i, j in sorted(pairs):
        if -unlike >= ALIKE and i not in found and j not in found.values():
            found[i] = j
    return found


def _placed(statement: Statement) -> object:
    return statement.words, statement.around


def _worded(statement: Statement) -> object:
    return statement.words


def kept(old: tuple[str, ...], new: tuple[str, ...]) -> int:
    """Return how many words stay; one that may be the misspelt form of a new one stays, too."""
    before, after = Counter(old), Counter(new)
    stay = sum((before & after).values())
    lost, gained = [*(before - after).elements()][:COMPARED], [*(after - before)][:COMPARED]
    return stay + sum(close_to_any(word, gained) for word in lost)


def close_to_any(word: str, others: Iterable[str]) -> bool:
    """Return whether a word may be one of the others, misspelt."""
    return any(_close(word, other) for other in others)


@lru_cache(maxsize=1024)
def _close(one: str, other: str) -> bool:
    if one == other:
        return True
    if not (_is_word(one) and _is_word(other)):
        return False
    plain, like = one.strip("'\"").lower(), other.strip("'\"").lower()
    if plain == like:
        return True
    if min(len(plain), len(like)) < 2 or one[0].isdigit() or other[0].isdigit():
        return _number(one) is not None and _number(one) == _number(other)
    quoted = one[0] in "'\""
    if (
        len(plain) > 2
        and quoted == (other[0] in "'\"")
        and plain in like
        and (not quoted or len(like) < 2 * len(plain))
    ):
        return True
    return difflib.SequenceMatcher(None, plain[:80], like[:80]).ratio() >= CLOSE


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _is_word(word: str) -> bool:
    return word[:1].isalnum() or word[:1] in ("_", "'", '"')
