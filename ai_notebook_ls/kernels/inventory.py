"""The in-kernel helper: the user's variables, as JSON, without running any of their code.

The source of this module is executed in the notebook's kernel, in a namespace of its own: standard library only, Python
3.8 or later, nothing of this package. No library is imported for it. A value is known by its true type (`type(value)`,
not `__class__`), and read through the descriptors of the built-in or library class that it is made of, whatever a
subclass or a metaclass overrides. What only its own code could show is `<module.Type>`. Lists, texts, time and the whole
report are bounded.
"""

from __future__ import annotations

import collections
import contextlib
import datetime
import decimal
import gc
import json
import math
import pathlib
import sys
import types
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Facts = dict[str, Any]  # evaluated, it would need Python 3.9
    Pairs = Iterator[tuple[str, Any]]
    Pieces = Iterator[str]

NAME = "_ai_notebook_ls_inventory"
"""Under this name the helper stays in the kernel's sys.modules."""
MIME = "application/x-ai-notebook-ls+json"
MOST = 500
"""Variables; the latest where there are more."""
LONGEST = 200
"""Characters of a preview or a name."""
DEPTH = 4
"""Containers in containers that a preview shows."""
COLUMNS = 50
"""Columns of a frame that are named."""
CORNER = (5, 8)
"""Rows and columns of a frame's table."""
CELL = 60
"""Characters of a table's cell."""
LARGE = 1000
"""Bits of an integer, bytes of a decimal or of an array's element, that are not written out."""
REPORT = 256_000
"""Bytes of the whole report; the latest variables are looked at first."""
SECONDS = 1.0
"""After which no further variable is looked at; the asking side gives up later (asking.py)."""

MISSING = object()
MRO: Any = type.__dict__["__mro__"].__get__
MODULE: Any = type.__dict__["__module__"].__get__
QUALNAME: Any = type.__dict__["__qualname__"].__get__
NAMESPACE: Any = type.__dict__["__dict__"].__get__
"""As `kind.__mro__` and so on, which a metaclass can answer with code of its own."""
CONTENTS: Any = vars(types.ModuleType)["__dict__"].__get__
"""As `vars(module)`, which a lazy module answers by loading itself."""


class Report:
    """A result that no formatter of the user's (`rich.pretty.install()`, say) gets hold of."""

    def __init__(self, facts: Facts) -> None:
        self.text = json.dumps(facts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {MIME: self.text, "text/plain": ""}


def report() -> Report:
    """Tell what the user's names hold, in the order in which they were first defined."""
    until = monotonic() + SECONDS
    collects = gc.isenabled()
    gc.disable()  # a collection would run the user's finalizers and weak references' callbacks
    try:
        names = user_names()
        found: list[Facts] = []
        size = 0
        with contextlib.suppress(KeyboardInterrupt):  # the asking side's patience is over
            for name, value in reversed(names[-MOST:]):
                facts = {"name": clean(name, LONGEST), **describe(value)}
                size += len(json.dumps(facts))
                if size > REPORT or monotonic() > until:
                    break
                found.append(facts)
        return Report({"variables": found[::-1], "leftOut": len(names) - len(found)})
    finally:
        if collects:
            gc.enable()


def user_names() -> list[tuple[str, Any]]:
    """The names that a user would call theirs: no modules, nothing of IPython's, no leading underscore."""
    shell: Any = sys.modules["IPython"].get_ipython()
    hidden = shell.user_ns_hidden
    return [
        (name, value)
        for name, value in list(dict.items(shell.user_ns))
        if type(name) is str
        and not name.startswith("_")
        and dict.get(hidden, name, MISSING) is not value
        and not issubclass(type(value), types.ModuleType)
    ]


# -- types -----------------------------------------------------------------------------------------------------------


def clean(text: Any, most: int) -> str:
    """A text that can be encoded, cut; "?" for what only looks like one."""
    if type(text) is not str:
        return "?"
    return text[:most].encode("utf-8", "backslashreplace").decode()


def module_of(kind: type) -> str:
    """The module that a class says it is from."""
    return clean(MODULE(kind), LONGEST)


def type_text(kind: type) -> str:
    """`<module.Type>`."""
    module = module_of(kind)
    return "<{}{}>".format("" if module == "builtins" else module + ".", clean(QUALNAME(kind), LONGEST))


def origin(kind: type) -> tuple[str, str]:
    """The package and the name of a library's class; empty for one that is not where it says."""
    module, name = module_of(kind), clean(QUALNAME(kind), LONGEST)
    there = sys.modules.get(module)
    if issubclass(type(there), types.ModuleType) and CONTENTS(there).get(name) is kind:
        return module.partition(".")[0], name
    return "", ""


class Look(NamedTuple):
    """How the values of a class are looked at."""

    kind: str
    pieces: Callable[[Any, int], Pieces] | None = None
    """Write one of just this class, or of another one of its library."""
    facts: Callable[[Any, Any], Pairs] | None = None
    """Shape and size, bit by bit: where one cannot be told, those before it stay."""
    inherited: bool = False
    """Whether `facts` holds for a subclass of the user's too."""


def known(kind: type) -> tuple[Any, Look | None, bool]:
    """The nearest class in a type's ancestry that we know, how to look at it, and whether the type is its library's."""
    for base in MRO(kind):
        # The metaclass is asked for a hash; only `type` itself surely has none of the user's.
        look = STANDARD.get(base) if type(base) is type else None
        if look:
            return base, look, base is kind
        package, name = origin(base)
        look = LIBRARIES.get((package, name))
        if look:
            return base, look, origin(kind)[0] == package
    return None, None, False


def describe(value: Any) -> Facts:
    """All that is told about one value but its name."""
    kind = type(value)
    facts: Facts = {"type": clean(QUALNAME(kind), LONGEST), "module": module_of(kind), "kind": "other"}
    with contextlib.suppress(Exception, SystemExit, GeneratorExit):
        base, look, own = known(kind)
        if look:
            facts["kind"] = look.kind
            for key, fact in look.facts(value, base) if look.facts and (own or look.inherited) else ():
                facts[key] = fact
        elif issubclass(kind, type):
            facts["kind"] = "class"
    facts["preview"], facts["truncated"] = preview(value, LONGEST)
    return facts


# -- texts -----------------------------------------------------------------------------------------------------------


def preview(value: Any, most: int) -> tuple[str, bool]:
    """A value on one line, and whether this is only its beginning."""
    found, size = [], 0
    try:
        for piece in pieces(value, DEPTH):
            found.append(piece)
            size += len(piece)
            if size > most:
                return clean("".join(found), most - 1) + "…", True
    except (Exception, SystemExit, GeneratorExit):
        return type_text(type(value)), False
    return clean("".join(found), most), False


def label(value: Any) -> str:
    """A column's name, a row's label or a cell: a string as it is, anything else as in a preview."""
    return clean(value, CELL) if type(value) is str else preview(value, CELL)[0]


def pieces(value: Any, depth: int) -> Pieces:
    """A value's text bit by bit, so that nobody writes what is cut off."""
    kind = type(value)
    if issubclass(kind, type):
        yield from class_pieces(value)
        return
    _, look, own = known(kind)
    if not look or not own or not look.pieces:
        yield type_text(kind)
    elif depth == 0 and look.kind in ("sequence", "mapping", "array"):
        yield "…"
    else:
        yield from look.pieces(value, max(depth - 1, 0))


def literal(value: Any, depth: int) -> Pieces:
    """A value whose own class, written in C, says it best."""
    yield repr(value)


def written(value: Any, depth: int) -> Pieces:
    """The same by `str`."""
    text = str(value)
    yield text if type(text) is str else type_text(type(value))


def integer(value: int, depth: int) -> Pieces:
    """An integer; to write a huge one takes time that grows with the square of its length."""
    bits = value.bit_length()
    yield repr(value) if bits < LARGE else f"<int of about {math.ceil(bits * math.log10(2))} digits>"


def quoted(value: Any, depth: int) -> Pieces:
    """A string or bytes."""
    yield repr(value[: LONGEST + 1])


def number(value: decimal.Decimal, depth: int) -> Pieces:
    """A decimal, which may have any number of digits."""
    yield repr(value) if sys.getsizeof(value) < LARGE else type_text(decimal.Decimal)


def moment(value: Any, depth: int) -> Pieces:
    """A time or a timestamp; a time zone of the user's would be asked for its offset."""
    yield str(value) if plain_zone(value.tzinfo) else type_text(type(value))


def plain_zone(zone: Any) -> bool:
    """Whether a time zone is the standard library's."""
    return zone is None or type(zone) is datetime.timezone or origin(type(zone)) == ("zoneinfo", "ZoneInfo")


def path(value: Any, depth: int) -> Pieces:
    """A path; it keeps what it was made of (Python 3.12), which may be the user's string class, and joins it later."""
    with contextlib.suppress(AttributeError):
        if any(type(part) is not str for part in object.__getattribute__(value, "_raw_paths")):
            yield type_text(type(value))
            return
    yield f"{clean(QUALNAME(type(value)), LONGEST)}({str(value)!r})"


def spread(opening: str, closing: str) -> Callable[[Any, int], Pieces]:
    """The text of a sequence or a set."""

    def write(value: Any, depth: int) -> Pieces:
        yield opening
        for place, item in enumerate(value):
            yield ", " if place else ""
            yield from pieces(item, depth)
        yield ("," if opening == "(" and len(value) == 1 else "") + closing

    return write


def entries(opening: str, closing: str) -> Callable[[Any, int], Pieces]:
    """The text of a mapping."""

    def write(value: Any, depth: int) -> Pieces:
        yield opening
        for place, (key, item) in enumerate(dict.items(value)):
            yield ", " if place else ""
            yield from pieces(key, depth)
            yield ": "
            yield from pieces(item, depth)
        yield closing

    return write


def bounds(value: Any, depth: int) -> Pieces:
    """A range or a slice, whose bounds may be any integer or, of a slice, any object."""
    yield from pieces(type(value), depth)
    yield from spread("(", ")")([value.start, value.stop, value.step], depth)


def signature(function: types.FunctionType, depth: int, skip: int = 0) -> Pieces:
    """How a function is called; annotations are left out: from Python 3.14 on, to read them evaluates them."""
    code = function.__code__
    names = list(code.co_varnames)
    defaults = function.__defaults__ if type(function.__defaults__) is tuple else ()
    keywords = function.__kwdefaults__ if type(function.__kwdefaults__) is dict else {}
    given: dict[str, Any] = dict(zip(names[code.co_argcount - len(defaults) : code.co_argcount], defaults))  # noqa: B905
    given.update((name, value) for name, value in keywords.items() if type(name) is str)
    shown: list[str] = names[: code.co_argcount]
    if code.co_posonlyargcount:
        shown.insert(code.co_posonlyargcount, "/")
    end = code.co_argcount + code.co_kwonlyargcount
    many = bool(code.co_flags & 4)  # inspect.CO_VARARGS
    if many or code.co_kwonlyargcount:
        shown.append("*" + (names[end] if many else ""))
    shown += names[code.co_argcount : end]
    if code.co_flags & 8:  # inspect.CO_VARKEYWORDS
        shown.append("**" + names[end + many])
    yield "("
    for place, name in enumerate(shown[skip:]):
        yield ", " if place else ""
        yield clean(name, LONGEST)
        if name in given:
            yield "="
            yield from pieces(given[name], 2)
    yield ")"


def function_pieces(value: types.FunctionType, depth: int) -> Pieces:
    """A function's name and signature."""
    yield clean(value.__name__, LONGEST)
    yield from signature(value, depth)


def builtin_pieces(value: types.BuiltinFunctionType, depth: int) -> Pieces:
    """A function written in C, which knows its parameters only by what its documentation says."""
    yield clean(value.__name__, LONGEST) + "(…)"


def method_pieces(value: types.MethodType, depth: int) -> Pieces:
    """A bound method's name and signature, without what it is bound to."""
    if type(value.__func__) is types.FunctionType:
        yield clean(value.__func__.__name__, LONGEST)
        yield from signature(value.__func__, depth, skip=1)
    else:
        yield type_text(types.MethodType)


def class_pieces(value: type) -> Pieces:
    """A class's name, and the signature of its `__init__` or `__new__` if that is written in Python."""
    yield clean(QUALNAME(value), LONGEST)
    for base in MRO(value):
        for name in ("__init__", "__new__"):
            function = NAMESPACE(base).get(name)
            function = function.__func__ if type(function) is staticmethod else function
            if type(function) is types.FunctionType:
                yield from signature(function, 1, skip=1)
                return


def sized(value: Any, base: Any) -> Pairs:
    """The length and the own size of what is built in, by the built-in class's own methods."""
    yield "bytes", base.__sizeof__(value)
    if hasattr(base, "__len__"):
        yield "shape", [base.__len__(value)]


STANDARD: dict[type, Look] = {
    type(None): Look("scalar", literal),
    type(...): Look("scalar", literal),
    bool: Look("scalar", literal, sized),
    int: Look("scalar", integer, sized, inherited=True),
    float: Look("scalar", literal, sized, inherited=True),
    complex: Look("scalar", literal, sized, inherited=True),
    str: Look("scalar", quoted, sized, inherited=True),
    bytes: Look("scalar", quoted, sized, inherited=True),
    bytearray: Look("scalar", quoted, sized, inherited=True),
    decimal.Decimal: Look("scalar", number),
    datetime.datetime: Look("scalar", moment),
    datetime.time: Look("scalar", moment),
    datetime.date: Look("scalar", written),
    datetime.timedelta: Look("scalar", written),
    datetime.timezone: Look("scalar", written),
    pathlib.PosixPath: Look("scalar", path),
    pathlib.WindowsPath: Look("scalar", path),
    pathlib.PurePosixPath: Look("scalar", path),
    pathlib.PureWindowsPath: Look("scalar", path),
    range: Look("sequence", bounds, sized),
    slice: Look("other", bounds),
    list: Look("sequence", spread("[", "]"), sized, inherited=True),
    tuple: Look("sequence", spread("(", ")"), sized, inherited=True),
    set: Look("sequence", spread("{", "}"), sized, inherited=True),
    frozenset: Look("sequence", spread("frozenset({", "})"), sized, inherited=True),
    collections.deque: Look("sequence", spread("deque([", "])"), sized, inherited=True),
    dict: Look("mapping", entries("{", "}"), sized, inherited=True),
    collections.OrderedDict: Look("mapping", entries("OrderedDict({", "})"), sized, inherited=True),
    collections.defaultdict: Look("mapping", entries("defaultdict({", "})"), sized, inherited=True),
    collections.Counter: Look("mapping", entries("Counter({", "})"), sized),
    types.FunctionType: Look("function", function_pieces),
    types.BuiltinFunctionType: Look("function", builtin_pieces),
    types.MethodType: Look("function", method_pieces),
}

LIBRARIES: dict[tuple[str, str], Look] = {("zoneinfo", "ZoneInfo"): Look("other", written)}
"""The same by package and name, for what may not be imported; library_looks.py adds to it."""

if __name__ == NAME:
    sys.modules[NAME] = types.ModuleType(NAME)
    sys.modules[NAME].report = report  # type: ignore[attr-defined]
