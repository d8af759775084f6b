"""The in-kernel helper: what would fit at a place of some code, without running any user's code.

The source of this module is executed in the notebook's kernel, in a namespace of its own: standard library only, Python
3.8 or later, nothing of this package. Names, attributes and keys are read from the dictionaries that hold them, so that
no `__getattr__`, `__dir__`, property or lazy loader runs; columns of a frame, by its library.
"""

from __future__ import annotations

import builtins
import json
import keyword
import re
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "_ai_notebook_ls_completion_look"
MIME = "application/x-ai-notebook-ls+json"
MOST = 200
"""Matches that are told; nobody reads more."""
MISSING = object()
CONTENTS: Any = vars(types.ModuleType)["__dict__"].__get__
NAMESPACE: Any = type.__dict__["__dict__"].__get__
ANCESTORS: Any = type.__dict__["__mro__"].__get__

CHAIN = re.compile(r"(?:^|[^\w.\])}'\"])((?:[^\W\d]\w*\.)*)([^\W\d]\w*)?$")
KEY = re.compile(r"(?:^|[^\w.\])}'\"])((?:[^\W\d]\w*\.)*[^\W\d]\w*)\[(['\"])([^'\"\]\n]*)$")
IMPORT = re.compile(r"^\s*(?:import|from)\s+(?:[\w.]+\s*,\s*)*(\w*)$")
MAGIC = re.compile(r"^\s*(%{1,2})(\w*)$")


class Report:
    """A result that no formatter of the user's gets hold of."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.text = json.dumps(facts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {MIME: self.text, "text/plain": ""}


def report(code: str, cursor: int) -> Report:
    """Tell what fits before a cursor, counted in code points, and where what is there already begins."""
    shell: Any = sys.modules["IPython"].get_ipython()
    names: dict[str, Any] = shell.user_ns
    line = code[:cursor].rpartition("\n")[2]
    begun, fitting = _fitting(line, names, shell)
    hidden = not begun.startswith("_")
    matches = [each for each in fitting if each.startswith(begun) and not (hidden and each.startswith("_"))]
    matches = sorted(dict.fromkeys(matches), key=lambda each: (each.casefold(), each))[:MOST]
    return Report({"matches": matches, "start": cursor - len(begun), "end": cursor})


def _fitting(line: str, names: dict[str, Any], shell: Any) -> tuple[str, Iterable[str]]:
    """What has been typed of a word already, and what it may become."""
    magic, module, key, chain = (each.search(line) for each in (MAGIC, IMPORT, KEY, CHAIN))
    if magic is not None:
        return magic[2], shell.magics_manager.magics["line" if magic[1] == "%" else "cell"]
    if module is not None:
        return module[1], {each.partition(".")[0] for each in tuple(sys.modules)} | {*sys.builtin_module_names}
    if key is not None:
        return key[3], _keys(_value(key[1].split("."), names))
    if chain is None or not (chain[1] or chain[2]):
        return "", ()
    if chain[1]:
        owner = _value(chain[1][:-1].split("."), names)
        columns = (each for each in _keys(owner) if each.isidentifier() and not issubclass(type(owner), dict))
        return chain[2] or "", (*_attributes(owner), *columns)
    return chain[2], (*(each for each in names if type(each) is str), *vars(builtins), *keyword.kwlist)


def _value(path: list[str], names: dict[str, Any]) -> Any:
    """What a dotted name stands for, as far as dictionaries tell."""
    value = names.get(path[0], vars(builtins).get(path[0], MISSING))
    for name in path[1:]:
        value = next((space[name] for space in _spaces(value) if name in space), MISSING)
        if issubclass(type(value), (property, types.GetSetDescriptorType, types.MemberDescriptorType)):
            return MISSING
    return value


def _attributes(value: Any) -> Iterable[str]:
    return (name for space in _spaces(value) for name in tuple(space) if type(name) is str)


def _spaces(value: Any) -> Iterable[Any]:
    """The dictionaries that hold an object's attributes: its own, then those of its classes."""
    if value is MISSING:
        return
    kind = type(value)
    if issubclass(kind, types.ModuleType):
        yield CONTENTS(value)
        return
    if issubclass(kind, type):
        yield from map(NAMESPACE, ANCESTORS(value))
        return
    classes = [NAMESPACE(each) for each in ANCESTORS(kind)]
    own = next((space["__dict__"] for space in classes if "__dict__" in space), None)
    if type(own) is types.GetSetDescriptorType:  # else it is a property of the user's
        yield own.__get__(value)
    yield from classes


def _keys(value: Any) -> list[str]:
    """The keys of a dictionary, the columns of a frame."""
    if issubclass(type(value), dict):
        return [each for each in dict.__iter__(value) if type(each) is str]
    for package in ("pandas", "polars"):
        library = sys.modules.get(package)
        frame = CONTENTS(library).get("DataFrame") if type(library) is types.ModuleType else None
        if frame is not None and type(value) is frame:
            return [each for each in list(value.columns) if type(each) is str]
    return []


if __name__ == NAME:
    sys.modules[NAME] = types.ModuleType(NAME)
    sys.modules[NAME].report = report  # type: ignore[attr-defined]
