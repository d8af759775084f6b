"""What a change adds to a cell so that its failure goes away without being mended."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from collections.abc import Iterator

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.dataflow import ALWAYS_THERE, flow
from ai_notebook_ls.core.shapes import SHAPES, count, defaults, is_made_up, nodes
from ai_notebook_ls.core.statements import close_to_any, heirs, statements, stored, words_of

STATEMENTS = frozenset({"if", "while", "for", "try", "def", "class", "lambda", "return", "raise"})
"""Words that begin what runs code otherwise, later or not at all."""

BINDS = frozenset({"def", "class", "import", "as", "for", "function", "func", "fn"})
"""Words after which a name gets a value, also as other languages have it."""

SWALLOWS = "it swallows the exception instead of mending its cause"
ENDS = "it ends the run before the error can come"
STANDS_IN = "it puts a stand-in where the real thing was"
HIDES = "it hides warnings or errors instead of mending their cause"
BEHIND = "it changes names behind the notebook's back"
PLACEHOLDER = "it puts a placeholder where the code was"

DODGES = {
    "except": SWALLOWS,
    "suppress": "it suppresses the exception instead of mending its cause",
    "raises": "it expects the exception instead of mending its cause",
    "hasattr": "it skips the failing code where the attribute is missing",
    "exit": ENDS,
    "quit": ENDS,
    "_exit": ENDS,
    "SystemExit": ENDS,
    "KeyboardInterrupt": ENDS,
    "continue": "it skips the failing item",
    "break": "it leaves the loop before the failing item",
    "NotImplemented": PLACEHOLDER,
    "NotImplementedError": PLACEHOLDER,
    "unittest": STANDS_IN,
    "mock": STANDS_IN,
    "Mock": STANDS_IN,
    "MagicMock": STANDS_IN,
    "nullcontext": STANDS_IN,
    "filterwarnings": HIDES,
    "simplefilter": HIDES,
    "catch_warnings": HIDES,
    "seterr": HIDES,
    "errstate": HIDES,
    "excepthook": HIDES,
    "set_custom_exc": HIDES,
    "builtins": BEHIND,
    "__builtins__": BEHIND,
    "globals": BEHIND,
    "locals": BEHIND,
    "setattr": BEHIND,
    "__dict__": BEHIND,
    "__class__": BEHIND,
    "__debug__": "it puts code where it never runs",
}
"""A word that the old cell used less often -> what that does."""


def dodges(old: str, new: str) -> str | None:
    """Return what new words and shapes are there for, if it is that the failure does not show."""
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
        if count(new, shape) > count(old, shape) and not (shape is defaults and _counts_attribute(old, new)):
            return reason
    if _dead(new) > _dead(old):
        return "it leaves code behind a `return` or `raise`, where it never runs"
    return _patches(old, new)


def _counts_attribute(old: str, new: str) -> bool:
    """Whether `d.get["a"]` has become `d.get("a")`: the method was meant before."""
    words = Counter(words_of(new))
    words.subtract(words_of(old))
    return not any(words[name] > 0 for name in ("get", "setdefault", "pop", "getattr"))


def _dead(source: str) -> int:
    dead = 0
    for node in nodes(source):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                ends = [i for i, each in enumerate(statements) if isinstance(each, (ast.Return, ast.Raise))]
                dead += len(statements) - 1 - ends[0] if ends else 0
    return dead


def _patches(old: str, new: str) -> str | None:
    """An attribute that was read gets another meaning: `DataFrame.append = lambda self, other: None`."""
    made = {each.name for each in nodes(new) if isinstance(each, (ast.FunctionDef, ast.ClassDef))}
    read = {each.attr for each in nodes(old) if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Load)}
    known = {ast.dump(each) for each in nodes(old) if isinstance(each, ast.Assign)}
    for node in nodes(new):
        if not isinstance(node, ast.Assign) or ast.dump(node) in known:
            continue
        for target in node.targets:
            if isinstance(target, ast.Attribute) and getattr(target.value, "id", "") not in ("self", "cls"):
                code = isinstance(node.value, ast.Lambda) or getattr(node.value, "id", "") in made
                if code or (target.attr in read and is_made_up(node.value)):
                    return f"it gives `{target.attr}` another meaning instead of mending its use"
    return None


def invents(old: str, new: str) -> str | None:
    """Return which name that the old text took from elsewhere now has a value made up on the spot."""
    before = flow(old)
    renamed = before.defines - flow(new).defines
    known = {each.words for each in statements(old)}
    same = set(heirs(old, new).values())
    words, own = frozenset(words_of(old)), _assigned(old)
    summed = {
        each.target.id for each in nodes(old) if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name)
    }
    taken = (before.reads.keys() | words - own) - summed
    bound: set[str] = set()
    for j, each in enumerate(statements(new)):
        if j not in same and each.words not in known:
            for name in _bindings(each.node, loops=before.parsed):
                known_name = name in taken | bound or (not before.parsed and _is_foreign(each.node, words))
                if known_name and name in words and not close_to_any(name, renamed):
                    return f"it makes up a value for `{name}`"
        elif before.parsed:
            bound |= stored(each.node)
    return None


def _is_foreign(node: ast.AST, words: frozenset[str]) -> bool:
    """Whether a statement is made of names that the broken text did not speak of, as no repair of a slip is."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - ALWAYS_THERE
    return not all(close_to_any(name, words) for name in names)


def _bindings(node: ast.stmt, loops: bool) -> Iterator[str]:
    """Yield the names that a statement, `loops` among them, binds to something that comes from nowhere."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    made: list[tuple[ast.AST, ast.AST]] = []
    for each in ast.walk(node):
        if isinstance(each, ast.Assign):
            made += [(target, each.value) for target in each.targets]
        elif isinstance(each, (ast.AnnAssign, ast.NamedExpr)) and each.value is not None:
            made.append((each.target, each.value))
        elif isinstance(each, ast.For) and loops:
            made.append((each.target, each.iter))
    for target, value in made:
        if is_made_up(value) or isinstance(value, ast.Lambda):
            yield from (
                each.id for each in ast.walk(target) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            )


def _assigned(source: str) -> frozenset[str]:
    """The names that a text itself gives a value, other than by an import; also of text that is not Python."""
    imports = {each.name for each in flow(source).definitions if each.kind == "import"}
    tree = magics.parse(source)
    names = stored(tree) if tree is not None else set()
    if tree is None:
        words = words_of(source)
        names |= {a for a, b in itertools.pairwise(words) if b == "="}
        names |= {b for a, b in itertools.pairwise(words) if a in BINDS}
    return frozenset(names - imports)
