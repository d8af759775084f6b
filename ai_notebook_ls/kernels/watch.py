"""The in-kernel helper: which types the functions of the notebook's cells are called with, as JSON.

Executed in the notebook's kernel as probe.py is: standard library only, Python 3.8 or later. It looks at types, never at
values: nothing of the user's is called, and every list is bounded.
"""

from __future__ import annotations

import inspect
import itertools
import json
import opcode
import sys
import types
from typing import Any

NAME = "_ai_notebook_ls_watch"
MIME = "application/x-ai-notebook-ls+json"
FUNCTIONS, TYPES, ITEMS = 200, 6, 50
"""At most so many functions, types of one name, and items of one container are looked at."""
RETURNS = ("RETURN_VALUE", "RETURN_CONST", "INSTRUMENTED_RETURN_VALUE", "INSTRUMENTED_RETURN_CONST")
SUSPENDS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
CONTAINERS = (list, set, frozenset, dict)

_seen: dict[tuple[str, int], dict[str, dict[str, None]]] = {}


class Report:
    """A result that no formatter of the user's gets hold of."""

    def __init__(self, facts: Any) -> None:
        self.text = json.dumps(facts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {MIME: self.text, "text/plain": ""}


def begin() -> Report:
    """Note calls from now on. A profiler of the user's own is left alone."""
    if sys.getprofile() is None:
        sys.setprofile(_note)
    return Report({})


def report() -> Report:
    """Stop, and tell what was noted."""
    if sys.getprofile() is _note:
        sys.setprofile(None)
    functions = [
        {"name": name, "line": line, "types": {key: list(found) for key, found in types_of.items()}}
        for (name, line), types_of in _seen.items()
    ]
    return Report({"python": list(sys.version_info[:2]), "functions": functions})


def _note(frame: types.FrameType, event: str, value: Any) -> None:
    code = frame.f_code
    if event not in ("call", "return") or not _is_cell(code):
        return
    key = (code.co_name, code.co_firstlineno)
    if key not in _seen and (event == "return" or len(_seen) >= FUNCTIONS):
        return
    noted = _seen.setdefault(key, {})
    if event == "call":
        # A generator is resumed by "call", too, and may have given its parameters other values by then.
        if not code.co_flags & SUSPENDS or frame.f_lasti < 0 or frame.f_lineno == code.co_firstlineno:
            count = code.co_argcount + code.co_kwonlyargcount
            for name in code.co_varnames[:count]:
                if name in frame.f_locals:
                    _add(noted, name, frame.f_locals[name])
    elif not code.co_flags & SUSPENDS and _returns(code, frame.f_lasti):
        _add(noted, "return", value)


def _is_cell(code: types.CodeType) -> bool:
    name = code.co_filename
    return code.co_name.isidentifier() and ("ipykernel_" in name or name.startswith("<ipython-input-"))


def _returns(code: types.CodeType, place: int) -> bool:
    """Whether a frame ends by a return; an exception that leaves it looks the same otherwise."""
    name = opcode.opname[code.co_code[place]] if 0 <= place < len(code.co_code) else ""
    return name in RETURNS


def _add(noted: dict[str, dict[str, None]], name: str, value: Any) -> None:
    found = noted.setdefault(name, {})
    if len(found) < TYPES:
        found[_type(value)] = None


def _type(value: Any, deep: bool = True) -> str:
    kind = type(value)
    if value is None:
        return "None"
    if kind in CONTAINERS and value and deep:
        parts = [value.keys(), value.values()] if kind is dict else [value]
        inner = [sorted({_type(item, False) for item in itertools.islice(part, ITEMS)}) for part in parts]
        if all(len(each) == 1 and each[0] != "None" for each in inner):
            return "{}[{}]".format(kind.__name__, ", ".join(each[0] for each in inner))
        return kind.__name__
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


if __name__ == NAME:
    sys.modules[NAME] = types.ModuleType(NAME)
    sys.modules[NAME].begin = begin  # type: ignore[attr-defined]
    sys.modules[NAME].report = report  # type: ignore[attr-defined]
