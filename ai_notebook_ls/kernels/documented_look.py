"""The in-kernel helper: how functions are called and how their documentation begins, without running any user's code.

The source of this module is executed in the notebook's kernel, in a namespace of its own: standard library only, Python
3.8 or later, nothing of this package. Nothing is imported and no attribute is asked for in the usual way: modules and
classes are read through their own dictionaries, so that no `__getattr__`, property or lazy loader runs.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "_ai_notebook_ls_documented_look"
MIME = "application/x-ai-notebook-ls+json"
MOST = 50
"""Names that are looked up."""
LONGEST = 4_000
"""Characters of documentation."""
MISSING = object()
NUMPY = ("ufunc", "_ArrayFunctionDispatcher")
"""The compiled types of numpy's functions."""
HEAP_TYPE = 1 << 9
"""The flag of types that Python code made."""
CONTENTS: Any = vars(types.ModuleType)["__dict__"].__get__
"""As `vars(module)`, which a lazy module answers by loading itself."""
NAMESPACE: Any = type.__dict__["__dict__"].__get__
ANCESTORS: Any = type.__dict__["__mro__"].__get__
KIND: Any = type.__dict__["__name__"].__get__
FLAGS: Any = type.__dict__["__flags__"].__get__
COMPILED = (
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
    types.WrapperDescriptorType,
)


class Report:
    """A result that no formatter of the user's gets hold of."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.text = json.dumps(facts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {MIME: self.text, "text/plain": ""}


def report(names: Sequence[str]) -> Report:
    """Tell (parameters, documentation) of each dotted name that has both."""
    shell: Any = sys.modules["IPython"].get_ipython()
    found: dict[str, Any] = {}
    for name in names[:MOST]:
        with contextlib.suppress(Exception):  # a class of an odd metaclass: nothing is known of it
            told = describe(*find(shell.user_ns, name.split(".")))
            if told is not None:
                found[name] = told
    return Report(found)


def find(space: Any, names: Sequence[str]) -> tuple[Any, bool]:
    """A value, and whether it is bound to what stands before its last dot."""
    value = dict.get(space, names[0], MISSING)
    bound = False
    for name in names[1:]:
        if issubclass(type(value), types.ModuleType):
            value, bound = dict.get(CONTENTS(value), name, MISSING), False
        elif issubclass(type(value), type):
            value = inherited(value, name)
            bound = type(value) in (classmethod, types.ClassMethodDescriptorType)
        elif value is not MISSING:
            value, bound = inherited(type(value), name), True
        if type(value) in (staticmethod, classmethod):
            bound = type(value) is classmethod
            value = value.__func__
    return value, bound


def inherited(kind: type, name: str) -> Any:
    """What a class or one of its bases holds under a name."""
    return next((NAMESPACE(each)[name] for each in ANCESTORS(kind) if name in NAMESPACE(each)), MISSING)


def describe(value: Any, bound: bool) -> tuple[str, str] | None:
    """Parameters and documentation of a function or class."""
    if issubclass(type(value), type):
        doc = NAMESPACE(value).get("__doc__")
        made = inherited(value, "__init__")
        text = must(made, True) if type(made) is types.FunctionType else "…"
    elif type(value) is types.FunctionType:
        # What decorators of libraries wrap says of itself what the wrapped function does.
        doc, text = value.__doc__, must(value, bound)
    elif type(value) in COMPILED:
        doc, text = value.__doc__, must(value, bound and type(value) is not types.BuiltinFunctionType)
    elif KIND(type(value)) in NUMPY and not FLAGS(type(value)) & HEAP_TYPE:
        doc, text = value.__doc__, must(value, False)
    else:
        return None
    if type(doc) is not str or not doc.strip():
        return None
    return clean(text, 200), clean(inspect.cleandoc(doc[:LONGEST]), LONGEST)


def must(function: Any, bound: bool) -> str:
    """The parameters that must be given, and `…` for the others."""
    depth = 0
    while type(function) is types.FunctionType and "__wrapped__" in function.__dict__ and depth < 9:
        function, depth = function.__dict__["__wrapped__"], depth + 1
    try:
        if type(function) is types.FunctionType:
            code = function.__code__
            given = len(function.__defaults__ or ())
            names = list(code.co_varnames[: code.co_argcount - given])
            keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
            needed = [each for each in keywords if each not in (function.__kwdefaults__ or {})]
            flags = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
            names, more = names + needed, given or len(keywords) > len(needed) or code.co_flags & flags
            return ", ".join([*names[bound:], *(["…"] if more else [])])
        parameters = list(inspect.signature(function).parameters.values())[bound:]
    except (TypeError, ValueError):
        return "…"
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    names = [each.name for each in parameters if each.default is each.empty and each.kind not in optional]
    return ", ".join([*names, "…"] if len(names) < len(parameters) else names)


def clean(text: str, most: int) -> str:
    """A text that can be encoded, cut."""
    return text[:most].encode("utf-8", "backslashreplace").decode()


if __name__ == NAME:
    sys.modules[NAME] = types.ModuleType(NAME)
    sys.modules[NAME].report = report  # type: ignore[attr-defined]
