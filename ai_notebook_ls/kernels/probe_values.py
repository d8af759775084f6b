# ruff: noqa: PTH112, PTH113, PTH118, PTH119, PTH120, PTH123
"""How the in-kernel helper looks at what a failing statement works on: kinds and sizes of values, never the values.

Executed in the kernel after probe.py, in the same namespace and under the same rules.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.machinery
import inspect
import itertools
import os
import re
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ai_notebook_ls.kernels.probe import Facts

if __name__ != "_ai_notebook_ls_probe":  # in the kernel these are here already
    from ai_notebook_ls.kernels.probe import LONGEST, LOOKS, MISSING, MOST, Scene, is_pandas, label, type_name

VALUES = 40
"""Expressions that are looked at."""
SAMPLE = 200
"""Items of a container that are looked at."""
COLUMNS = 200
FILES = 2_000
"""Files and folders that are looked at, of one folder and of all."""
FOLDERS = 20
LIBRARIES = ("numpy", "pandas", "polars", "torch", "scipy", "xarray", "jax", "jaxlib", "tensorflow")
"""Their objects are asked for shape, dtype and length: library code only."""
CONTAINERS = (list, tuple, set, frozenset, dict)
# fmt: off
GAPS = frozenset({
    "", "-", "--", "?", ".", "n/a", "na", "nan", "none", "null", "missing", "unknown", "#n/a", "#value!", "#div/0!", "nil",
})
# fmt: on
"""How tables write that there is no value."""
KINDS = {
    "number": r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?",
    "thousands": r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?|[-+]?\d+(\.\d+)?",
    "decimal comma": r"[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?",
    "percent": r"[-+]?\d+(\.\d+)?\s?%",
    "money": r"[-+]?[$€£¥]\s?\d[\d,]*(\.\d+)?|[-+]?\d[\d,]*(\.\d+)?\s?[$€£¥]",
    "iso date": r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[-+]\d{2}:?\d{2})?)?",
    "date": r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( \d{1,2}:\d{2}(:\d{2})?)?|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}"
    r"|[A-Za-z]{3,9} \d{1,2},? \d{4}",
    "number with unit": r"[-+]?\d+(\.\d+)?\s?[A-Za-z]{1,10}",
    "json": r"\s*[\[{].*[\]}]\s*",
}
"""What all texts of a sample may look like, the plainest first."""


def values(scene: Scene) -> list[Facts]:
    """What the failing statement works on, the failing expression's parts first."""
    found: dict[str, Facts] = {}
    for node in scene.nodes():
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and len(found) < VALUES:
            text = scene.text(node)
            value = scene.value(node) if text not in found else MISSING
            if value is not MISSING:
                found[text] = {"expression": text, "type": type_name(value)}
                with contextlib.suppress(Exception):
                    found[text].update(sizes(value))
    for text, value in unnamed(scene):
        with contextlib.suppress(Exception):
            found.setdefault(text, {"expression": text, "type": type_name(value), **dict(sizes(value))})
    return list(found.values())


def unnamed(scene: Scene) -> Iterator[tuple[str, Any]]:
    """What has no name but a call: the frame that pandas' own code was working on, under the text of the call."""
    for node in scene.nodes():
        owner = getattr(node, "value", None) if isinstance(node, ast.Subscript) else getattr(node, "func", None)
        if isinstance(owner, ast.Attribute):
            owner = owner.value
        if isinstance(owner, ast.Call):
            for frame in scene.inner[:1]:
                held = frame.f_locals.get("self", MISSING)
                held = getattr(held, "obj", held) if "Indexer" in type(held).__name__ else held
                if is_pandas(held):
                    yield scene.text(owner), held
            return


def from_library(value: Any) -> bool:
    """Whether a value's own class is a data library's."""
    module = type.__getattribute__(type(value), "__module__")
    return type(module) is str and module.partition(".")[0] in LIBRARIES


def sizes(value: Any) -> Iterator[tuple[str, Any]]:
    """Length, shape, dtype, and the kinds of items and texts."""
    if type(value) is str:
        yield "length", len(value)
        yield from texts([value])
    elif type(value) in CONTAINERS:
        yield "length", len(value)
        items = list(itertools.islice(value.values() if type(value) is dict else value, SAMPLE))
        kinds = {type_name(each) for each in items}
        yield "items", kinds.pop() if len(kinds) == 1 else "mixed" if kinds else ""
        yield from texts(items)
    elif from_library(value):
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and all(isinstance(each, int) for each in shape):
            yield "shape", [int(each) for each in shape]
            yield "length", shape[0] if shape else None
        yield "dtype", str(getattr(value, "dtype", ""))[:LONGEST]
        if is_pandas(value, "DataFrame", "Series"):
            yield "index", [text for text in map(label, value.index.names) if text is not None and text != "None"]
            yield "labels", type_name(value.index).rpartition(".")[2] + " " + str(value.index.dtype)
        if is_pandas(value, "Series", "Index"):
            yield from texts(sample(value))
        elif is_pandas(value, "DataFrame"):
            yield "columns", list(columns(value))


def sample(series: Any) -> list[Any]:
    """Some of a column's values, if they may be text."""
    kind = str(series.dtype)
    if kind != "object" and not kind.startswith(("str", "category")):
        return []
    return list(series[:SAMPLE].dropna().tolist())


def columns(frame: Any) -> Iterator[Facts]:
    """The columns' names, dtypes and kinds of text."""
    for place, name in enumerate(frame.columns[:COLUMNS]):
        text = label(name)
        if text is not None:
            column = frame.iloc[:SAMPLE, place]
            facts = {"name": text[:LONGEST], "dtype": str(column.dtype)[:LONGEST]}
            facts.update(texts(sample(column)))
            yield facts


def texts(items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """What texts look like: numbers with commas, dates, JSON; and which of them stand for no value."""
    found = [each.strip()[:LONGEST] for each in items if type(each) is str]
    plain = [each for each in found if each.lower() not in GAPS]
    if not plain:
        return
    for kind, pattern in KINDS.items():
        if all(re.fullmatch(pattern, each, re.DOTALL) for each in plain):
            yield "looks", kind
            if kind == "date":
                yield "day_first", day_first(plain)
            break
    else:
        if any(re.fullmatch(KINDS["number"], each) for each in plain):
            yield "looks", "numbers and words"
        return
    yield "gaps", sorted({each for each in found if each.lower() in GAPS})[:5]


def day_first(dates: list[str]) -> bool | None:
    """Whether dates begin with the day; None where they do not tell."""
    pairs = [re.match(r"(\d{1,2})[-/.](\d{1,2})", each) for each in dates]
    if any(found and int(found.group(1)) > 12 for found in pairs):
        return True
    return False if any(found and int(found.group(2)) > 12 for found in pairs) else None


def callee(scene: Scene) -> Facts | None:
    """The parameters of what the failing expression calls."""
    for node in scene.nodes():
        if not isinstance(node, ast.Call):
            continue
        value, bound = called(scene, node.func)
        if value is MISSING:
            continue
        with contextlib.suppress(Exception):
            signature = inspect.signature(value)
            found = [[each.name, each.kind.name, each.default is each.empty] for each in signature.parameters.values()]
            return {"expression": scene.text(node.func), "parameters": found[1:] if bound else found}
    return None


def called(scene: Scene, func: ast.AST) -> tuple[Any, bool]:
    """What is called, and whether its first parameter is filled by the object; MISSING if asking could run user code."""
    value, bound = scene.value(func), False
    if value is MISSING and isinstance(func, ast.Attribute):
        owner = scene.value(func.value)
        if owner is not MISSING:
            value = inspect.getattr_static(owner, func.attr, MISSING)
    if isinstance(func, ast.Attribute) and type(value) is types.FunctionType:
        owner = scene.value(func.value)
        bound = not issubclass(type(owner), (type, types.ModuleType))
    kinds = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, types.MethodDescriptorType, type)
    plain = type(value) in kinds or issubclass(type(value), type) or from_library(value)
    return (value, bound) if plain else (MISSING, False)


def local(scene: Scene) -> dict[str, str]:
    """The names of the function that failed, and their types."""
    if scene.frame is None or scene.frame.f_locals is scene.user:
        return {}
    items = itertools.islice(scene.frame.f_locals.items(), MOST)
    return {name: type_name(value) for name, value in items}


def homes(scene: Scene) -> list[Facts]:
    """The imported modules that have a member of a name that is missing, and of the cell's other missing ones."""
    missing = getattr(scene.error, "name", None)
    if not isinstance(scene.error, NameError) or type(missing) is not str:
        return []
    read = {node.id for node in ast.walk(ast.parse(scene.source)) if isinstance(node, ast.Name)}
    wanted = [missing, *sorted(name for name in read if name not in scene.user and name != missing)]
    found = []
    for alias, module in list(scene.user.items()):
        if type(module) is types.ModuleType and type(alias) is str and not alias.startswith("_"):
            names = [name for name in wanted if name in vars(module)]
            if missing in names:
                found.append({"expression": alias, "kind": "attributes", "names": names, "type": type_name(module)})
    return found


def magics(scene: Scene) -> list[Facts]:
    """The magics that there are, where one is missing."""
    if type(scene.error).__name__ != "UsageError":
        return []
    known = scene.shell.magics_manager.magics
    names = [("%" if kind == "line" else "%%") + name for kind in ("line", "cell") for name in known[kind]]
    return [{"expression": "", "kind": "magics", "names": names[:MOST], "type": ""}]


def files(scene: Scene) -> list[str]:
    """What is there where a file or a module was looked for, seen from the working folder; the likeliest first."""
    error = scene.error
    if isinstance(error, ModuleNotFoundError):
        wanted = (getattr(error, "name", None) or "").partition(".")[0]
        return [path for path in below(os.curdir, 2) if os.path.basename(path) in (wanted + ".py", wanted)]
    if not isinstance(error, (OSError, UnicodeError)) and "JSON" not in type(error).__name__:
        return []
    name = getattr(error, "filename", None)
    folder = os.path.dirname(name) if type(name) is str else ""
    around = [os.path.join(folder, each) for each in listed(folder)] if folder else []
    return list(dict.fromkeys([*around, *below(os.curdir, 2)]))[:MOST]


def listed(folder: str) -> list[str]:
    """What a folder holds."""
    with contextlib.suppress(OSError), os.scandir(folder or os.curdir) as found:
        return sorted(each.name for each in itertools.islice(found, FILES))
    return []


def below(folder: str, depth: int) -> list[str]:
    """Files and folders under the working folder, nearest first, and those beside it."""
    found: list[str] = []
    level = [folder]
    for _ in range(depth + 1):
        names = [os.path.normpath(os.path.join(each, name)) for each in level for name in listed(each)]
        shown = [name for name in names if not os.path.basename(name).startswith((".", "__"))]
        found += shown
        level = [name for name in shown if len(found) < FILES and os.path.isdir(name)][:FOLDERS]
    return found + [os.path.join(os.pardir, name) for name in listed(os.pardir)[:MOST]]


def encoding(scene: Scene) -> str | None:
    """An encoding that reads what another one could not."""
    error = scene.error
    if not isinstance(error, UnicodeDecodeError) or type(error.object) is not bytes:
        return None
    data = error.object
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for name in ("utf-8", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            data.decode(name)
            return name
    return "latin-1"


def separator(scene: Scene) -> str | None:
    """What stands between the values of the text file that the failing statement names."""
    for node in scene.nodes():
        path = scene.value(node) if isinstance(node, (ast.Constant, ast.Name)) else None
        if type(path) is str and len(path) < 4096 and os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = [line for line in file.read(10_000).split("\n")[:20] if line.strip()]
            for mark in (";", "\t", "|", ","):
                counts = {line.count(mark) for line in lines[:10]}
                if len(counts) == 1 and counts != {0}:
                    return mark
    return None


def shadow(scene: Scene) -> str | None:
    """A file of the user's that hides a module of the same name."""
    owner = getattr(scene.error, "obj", None)
    name = vars(owner).get("__name__") if type(owner) is types.ModuleType else getattr(scene.error, "name", None)
    if type(name) is not str or name not in sys.modules:
        return None
    path = vars(sys.modules[name]).get("__file__")
    home = os.path.realpath(os.curdir)
    if type(path) is not str or os.path.dirname(os.path.realpath(path)) != home:
        return None
    rest = [folder for folder in sys.path if os.path.realpath(folder or os.curdir) != home]
    other = importlib.machinery.PathFinder.find_spec(name, rest)
    return os.path.basename(path) if other is not None else None


LOOKS.update(
    local=local,
    homes=homes,
    magics=magics,
    files=files,
    encoding=encoding,
    shadow=shadow,
    callee=callee,
    values=values,
    separator=separator,
)
