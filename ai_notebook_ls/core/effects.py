"""What a cell may do beyond the names that it defines: change objects in place, files, the session, or anything."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.dataflow import IN_PLACE, bound_in, parameters

# fmt: off
PURE = frozenset({
    "print", "pprint", "display", "help", "len", "type", "repr", "str", "sorted", "sum", "min", "max", "isinstance",
    "int", "float", "bool", "abs", "round", "any", "all", "id", "hash", "format", "ord", "chr", "dir", "range",
})
"""Functions that leave alone what they are given, and keep nothing of it."""

COPIES = PURE | {
    "list", "tuple", "set", "frozenset", "dict", "array", "copy", "deepcopy", "join", "read", "readlines", "write", "close",
}
"""Functions whose result is used up by nobody, though it is made from what can be used up."""

USED_UP = frozenset({"iter", "map", "filter", "zip", "enumerate", "reversed", "open", "islice", "cycle", "chain", "count"})
"""Builtins and what comes from itertools: the result changes when it is read."""

USED_UP_METHODS = frozenset({
    "open", "reader", "DictReader", "finditer", "scandir", "iglob", "iterdir", "glob", "rglob", "iterrows", "itertuples",
    "default_rng", "Random", "RandomState", "cursor", "execute", "items_iter", "connect", "StringIO", "BytesIO",
})
"""The same for iterators, files, data bases and random generators that are made by `x.reader()` and the like."""

GENERATORS = {"random": "random", "np.random": "numpy", "numpy.random": "numpy", "torch": "torch", "tf.random": "tf"}
"""What draws from a random generator that all cells share -> whose it is."""
DRAWS = frozenset({"sample", "train_test_split", "permutation"})
"""Calls that draw from numpy's unless told otherwise."""

SILENT_MAGICS = frozenset({
    "time", "timeit", "prun", "who", "whos", "who_ls", "pwd", "ls", "ll", "dirs", "hist", "history", "magic", "lsmagic",
    "quickref", "precision", "html", "HTML", "javascript", "js", "latex", "markdown", "svg", "memit", "mprun", "lprun",
    "pdoc", "pdef", "pinfo", "pinfo2", "psource", "pfile", "page", "debug", "capture", "pyinstrument", "snakeviz",
    "scalene", "writefile", "bash", "sh", "sx", "script", "system", "cat", "head", "man", "more", "less", "notebook",
})
"""Magics after which the cells below run as before, but for files."""
# fmt: on

SHOWS = re.compile(
    r"plot\w*|hist\w*|show\w*|head|tail|info|describe|display|print\w*|to_\w+|savefig|boxplot|scatter\w*|bar\w*|debug"
    r"|warning|error|sleep|write_(?:html|image|json)|dump|get\w*|is\w*|count\w*|sum|mean|min|max|unique|sample"
)
"""Methods that leave alone what they are called on and given, even as a statement of their own."""

SETTER = re.compile(r"set(_\w+)?|use|seed|manual_seed|register\w*|basicConfig|filterwarnings|simplefilter|config\w*")
"""Calls that change how a module behaves from then on: `pd.set_option`, `plt.style.use`, `np.random.seed`."""

READS_FILES = re.compile(r"open|read\w*|load\w*|imread|glob|iglob|listdir|exists|is_file|iterdir|genfromtxt|from_file")
WRITES_FILES = re.compile(
    r"to_(?:csv|excel|json|parquet|pickle|html|feather|hdf|stata|file|sql)|savefig|save\w*|write\w*|dump|mkdir|makedirs"
    r"|rename|unlink|remove_file|rmtree|rmdir|copyfile|copy2|copytree|move|urlretrieve|extractall|touch|executescript"
)
NAMES_A_FILE = re.compile(r"[^\s/\\][^/\\]*\.\w{1,8}")
ANY_FILE = "*"

RUNS_TEXT = re.compile(r"%{1,2}(?:run|load|store|rerun|macro|recall)\b")
ANYTHING = frozenset({"exec", "globals", "locals", "run_cell", "run_line_magic", "push"})
"""Calls that may read and bind any name; `setattr` and `vars` only where they are given a name of a module."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call by a name, or on it, that may change what it is given."""

    name: str
    """`f` of `f(x)`, `xs` of `xs.sort()`."""
    given: frozenset[str]
    method: str = ""
    statement: bool = False
    """Whether its value goes nowhere, so that it is there for what it does."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What running a cell may change."""

    always: frozenset[str] = frozenset()
    """Names that it binds whenever it runs to its end."""
    loops: frozenset[str] = frozenset()
    """Names that a loop binds, if it has anything to run over."""
    changes: frozenset[str] = frozenset()
    """Names whose object it changes itself."""
    aliases: tuple[tuple[str, str], ...] = ()
    """(name, other): the name may stand for, hold, or be a part of the other's object from now on."""
    carries: tuple[tuple[str, str], ...] = ()
    """(name, other): what runs, or is used up, when the other is used, may do so when the name is used."""
    calls: tuple[Call, ...] = ()
    mutators: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names of its functions and iterators whose use changes something -> the global names that this is known of."""
    files_read: frozenset[str] = frozenset()
    """Base names; `*` where the text does not say which."""
    files_written: frozenset[str] = frozenset()
    seeds: frozenset[str] = frozenset()
    draws: frozenset[str] = frozenset()
    """Random generators that all cells share (GENERATORS)."""
    session: bool = False
    """Whether it sets up what every cell below may rely on."""
    opaque: bool = False
    """Whether it may do anything: it runs code from text, from another file, or writes to the namespace itself."""


_LOOPS = (ast.For, ast.AsyncFor)


@lru_cache(maxsize=16384)
def effects(source: str) -> Effects:
    """Analyse a cell's text. Never raises."""
    tree = magics.parse(source)
    if magics.too_large(source):
        return Effects(opaque=True)
    if tree is None:
        return Effects()  # it cannot run
    lines = magics.escaped_lines(source)
    try:
        found = _effects(tree)
    except RecursionError:
        return Effects(opaque=True)
    if not lines:
        return found
    names = [line.lstrip("%").split(" ", 1)[0] for line in lines if line.startswith("%")]
    silent = lines[0].startswith("%%") and names[0] in SILENT_MAGICS
    shell = any(line.startswith("!") for line in lines) or (silent and names[0] in ("bash", "sh", "script", "system"))
    files = frozenset({ANY_FILE}) if shell else frozenset()
    written = files | {line.rpartition(" ")[2] for line in lines[:1] if line.startswith("%%writefile")}
    return replace(
        found,
        files_read=found.files_read | files,
        files_written=found.files_written | written,
        session=found.session or (not silent and any(name not in SILENT_MAGICS for name in names)),
        opaque=found.opaque or any(RUNS_TEXT.match(line) for line in lines),
    )


def _effects(tree: ast.Module) -> Effects:
    nodes = list(ast.walk(tree))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    statements = {id(_awaited(node.value)) for node in nodes if isinstance(node, ast.Expr)}
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        statements.discard(id(tree.body[-1].value))  # shown: it may be there for its value
    tails = {_tail(call) for call in calls}
    aliases, carries = _ties(nodes, statements)
    seeds, draws = _random(calls)
    return Effects(
        always=frozenset(always_bound(tree.body)),
        loops=frozenset(name for node in nodes if isinstance(node, _LOOPS) for name in _bound(node.target)),
        changes=frozenset(_changed(nodes)),
        aliases=tuple(dict.fromkeys(aliases)),
        carries=tuple(dict.fromkeys(carries)),
        calls=tuple(dict.fromkeys(each for call in calls for each in _as_calls(call, id(call) in statements))),
        mutators=dict(_mutators(tree)),
        files_read=frozenset(_files(calls, READS_FILES, "r")),
        files_written=frozenset(_files(calls, WRITES_FILES, "wax")),
        seeds=seeds,
        draws=draws,
        session="chdir" in tails or any(_dotted(node) in ("os.environ", "sys.path") for node in nodes),
        opaque=bool(tails & ANYTHING),
    )


def _random(calls: Iterable[ast.Call]) -> tuple[frozenset[str], frozenset[str]]:
    """The shared random generators that calls seed, and those that they draw from."""
    seeds, draws = set(), set()
    for call in calls:
        owner = GENERATORS.get(_dotted(call.func).rpartition(".")[0])
        if owner and _tail(call) in ("seed", "manual_seed", "set_seed"):
            seeds.add(owner)
        elif owner:
            draws.add(owner)
        elif _tail(call) in DRAWS:
            draws.add("numpy")
    return frozenset(seeds), frozenset(draws)


def _awaited(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Await) else node


def _tail(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", "") or getattr(call.func, "id", ""))


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _root(node: ast.AST) -> tuple[str, ...]:
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript, ast.Starred, ast.Await)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return (node.id,) if isinstance(node, ast.Name) else ()


def _given(call: ast.Call) -> frozenset[str]:
    """The names whose objects a call is given."""
    arguments = (*call.args, *(keyword.value for keyword in call.keywords))
    return frozenset(name for each in arguments for name in _held(each))


def _changed(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The roots of what is assigned to, deleted from, or changed by a method that is known to."""
    for node in nodes:
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield from _root(node.value)
        elif isinstance(node, ast.AugAssign):
            yield from _root(node.target)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in IN_PLACE or _in_place(node):
                yield from _root(node.func.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("next", "setattr"):
            yield from _given(node)


def _in_place(call: ast.Call) -> bool:
    said = (each.value for each in call.keywords if each.arg == "inplace")
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in said)


def _as_calls(call: ast.Call, statement: bool) -> Iterator[Call]:
    """A call by name or on a name; and, for each name that it is given, a call of that: `map(f, xs)`."""
    given, method = _given(call), call.func.attr if isinstance(call.func, ast.Attribute) else ""
    receiver = _root(call.func)
    for name in receiver:
        yield Call(name, given, method, statement)
    for name in given:
        yield Call(name, (given | set(receiver if method else ())) - {name})


def _files(calls: Iterable[ast.Call], kind: re.Pattern[str], modes: str) -> Iterator[str]:
    """The base names of the files that calls read or write."""
    for call in calls:
        tail = _tail(call)
        if tail == "open":
            mode = next((each.value for each in call.keywords if each.arg == "mode"), *call.args[1:2] or (None,))
            said = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r"
            if not set(modes) & set(said) and "+" not in said:
                continue
        elif not kind.fullmatch(tail):
            continue
        texts = [n.value for n in ast.walk(call) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        named = [found[0] for text in texts if (found := re.search(NAMES_A_FILE.pattern + "$", text))]
        yield from named or (ANY_FILE,)


def always_bound(body: Iterable[ast.stmt]) -> Iterator[str]:
    """The names that the statements of a block bind, whatever happens."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                yield from _bound(item.optional_vars)
            yield from always_bound(node.body)
        elif isinstance(node, ast.If):
            yield from set(always_bound(node.body)) & set(always_bound(node.orelse))
        elif isinstance(node, ast.Try):
            ways = [set(always_bound(each.body)) for each in node.handlers if not isinstance(each.body[-1], ast.Raise)]
            yield from set(always_bound([*node.body, *node.orelse])).intersection(*ways)
            yield from always_bound(node.finalbody)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _bound(target)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _bound(node.target)


def _bound(target: ast.AST | None) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Starred):
        yield from _bound(target.value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for each in target.elts:
            yield from _bound(each)


def _ties(nodes: Iterable[ast.AST], statements: set[int]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Which names hold others' objects from now on, and which carry what others do when used."""
    aliases: list[tuple[str, str]] = []
    carries: list[tuple[str, str]] = []
    for node in nodes:
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign)) and node.value is not None:
            targets, value = node.targets if isinstance(node, ast.Assign) else [node.target], node.value
        elif isinstance(node, _LOOPS):
            targets, value = [node.target], node.iter
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            targets, value = [node.optional_vars], node.context_expr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if id(node) in statements or node.func.attr in IN_PLACE:
                aliases += [(name, other) for name in _root(node.func) for other in _given(node) if other != name]
            continue
        else:
            continue
        names = {name for target in targets for name in (*_bound(target), *_root(target))}
        held, made = frozenset(_held(value)), frozenset(_makers(value))
        aliases += [(name, other) for name in names for other in held]  # `x = x` too: it is bound anew, and the same
        carries += [(name, other) for name in names for other in made]
    return aliases, carries


def _held(value: ast.AST) -> Iterator[str]:
    """The names whose objects an expression's value may be, be a part of, or hold."""
    if isinstance(value, ast.Name):
        yield value.id
    elif isinstance(value, (ast.Attribute, ast.Subscript)):
        yield from _held(value.value)
    elif isinstance(value, ast.Call):
        if _tail(value) in PURE or _tail(value) == "deepcopy":
            return
        yield from _root(value.func.value) if isinstance(value.func, ast.Attribute) else ()
        yield from _given(value)
    elif isinstance(value, (ast.Lambda, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
        yield from {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}
    elif isinstance(value, (ast.Tuple, ast.List, ast.Set)):
        for each in value.elts:
            yield from _held(each)
    elif isinstance(value, ast.Dict):
        for each in value.values:
            yield from _held(each)
    elif isinstance(value, ast.IfExp):
        yield from _held(value.body)
        yield from _held(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for each in value.values:
            yield from _held(each)
    elif isinstance(value, (ast.BinOp, ast.Starred, ast.NamedExpr, ast.Await)):  # [a] + [b] holds both
        for child in ast.iter_child_nodes(value):
            yield from _held(child)


def _makers(value: ast.AST) -> Iterator[str]:
    """The names whose use may happen again when an expression's value is used."""
    if isinstance(value, ast.Call) and _tail(value) in COPIES:
        return
    if isinstance(value, (ast.ListComp, ast.SetComp, ast.DictComp)):
        value = value.elt if not isinstance(value, ast.DictComp) else value.value
    yield from _held(value)
    for each in ast.walk(value):
        if isinstance(each, ast.Call):
            yield from _root(each.func)


def _mutators(tree: ast.Module) -> Iterator[tuple[str, frozenset[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names: tuple[str, ...] = (node.name,)
            inside, mine = ast.walk(node), _own(node)
        elif isinstance(node, (ast.Assign, ast.NamedExpr, ast.withitem)):
            value = node.context_expr if isinstance(node, ast.withitem) else node.value
            targets = node.targets if isinstance(node, ast.Assign) else [_target(node)]
            names = tuple(name for target in targets for name in _bound(target))
            if any(isinstance(each, ast.GeneratorExp) or _is_used_up(each) for each in _kept_parts(value)):
                yield from ((name, frozenset()) for name in names)
                continue
            if not isinstance(value, ast.Lambda):
                continue
            inside, mine = ast.walk(value), parameters(value.args)
        else:
            continue
        found = {name for each in inside for name in _changed_when_used(each)}
        if found:
            yield from ((name, frozenset(found - mine - {""})) for name in names)


def _target(node: ast.NamedExpr | ast.withitem) -> ast.AST | None:
    return node.optional_vars if isinstance(node, ast.withitem) else node.target


def _kept_parts(value: ast.AST) -> Iterator[ast.AST]:
    """An expression and what its value holds, but nothing that is only read to make it."""
    yield value
    if isinstance(value, (ast.Tuple, ast.List)):
        yield from value.elts
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and _tail(value) not in COPIES:
        yield value.func.value


def _is_used_up(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    by_name = isinstance(node.func, ast.Name) or _dotted(node.func).startswith("itertools.")
    return _tail(node) in (USED_UP | USED_UP_METHODS if by_name else USED_UP_METHODS)


def _own(node: ast.AST) -> frozenset[str]:
    """The names that a function, with all inside, has for itself, less those that it takes from around."""
    own: set[str] = set()
    around: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            own |= parameters(each.args) | bound_in(each.body)
        elif isinstance(each, ast.Lambda):
            own |= parameters(each.args)
        elif isinstance(each, ast.Global):
            around |= set(each.names)
    return frozenset(own - around)


def _changed_when_used(node: ast.AST) -> Iterator[str]:
    """What a node inside a function changes when the function runs; an empty name for what has none outside."""
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        yield from ("", *node.names)
    elif isinstance(node, (ast.Yield, ast.YieldFrom)):
        yield ""
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if node.name in ("__init__", "__post_init__"):
            return
        own = list(_own_nodes(node))
        found = {*_changed(own), *(name for each in own for name in _done_to(each))}
        # What it makes itself and changes is nobody else's, unless a function inside it keeps it.
        yield from found - (bound_in(node.body) - parameters(node.args))
    elif isinstance(node, ast.Lambda):
        yield from _changed(ast.walk(node.body))


def _own_nodes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function's body, less those of functions inside it."""
    work: list[ast.AST] = list(function.body)
    while work:
        node = work.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            work += ast.iter_child_nodes(node)


def _done_to(node: ast.AST) -> Iterator[str]:
    """The names that a statement which is a call may change."""
    call = _awaited(node.value) if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and _tail(call) not in PURE and not SHOWS.fullmatch(_tail(call)):
        yield from _given(call)
        yield from _root(call.func.value) if isinstance(call.func, ast.Attribute) else ()
