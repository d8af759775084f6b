"""What the in-kernel helper (kernels/probe.py) reports about a failure: facts, no values beyond names and types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a value offers: attributes of an object or module, keys of a mapping, columns of a frame."""

    expression: str
    """As written in the cell, `df` say; empty where the probe could not tell."""
    kind: Literal["attributes", "keys", "columns", "index"]
    names: tuple[str, ...]
    type: str = ""
    """Qualified, `pandas.core.frame.DataFrame` say; a module's own name for a module."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Facts about the last failure of a kernel."""

    ename: str
    bases: tuple[str, ...] = ()
    """Names of the exception's classes, most specific first."""
    missing: str | None = None
    """The name, attribute, key or module that was not there."""
    offers: tuple[Names, ...] = ()
    """Where `missing` was looked for."""
    namespace: Mapping[str, str] = field(default_factory=dict)
    """The user's names and the type of each."""
    operands: tuple[tuple[str, str], ...] = ()
    """(expression, type) of the values on the failing line, left to right."""
    node: tuple[int, int, int, int] | None = None
    """The failing expression in the innermost cell frame: first line, column, last line, end column (0-based)."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Imported top-level packages and their versions."""
    suggestion: str | None = None
    """CPython's own "Did you mean", if it has one."""
