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
    kind: Literal["attributes", "keys", "columns", "index", "magics"]
    names: tuple[str, ...]
    type: str = ""
    """Qualified, `pandas.core.frame.DataFrame` say; a module's own name for a module."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a frame, or all texts of a value."""

    name: str
    dtype: str = ""
    looks: str = ""
    """What all its texts look like: `number`, `thousands`, `decimal comma`, `iso date`, `json`, …; see the probe."""
    gaps: tuple[str, ...] = ()
    """Texts among them that stand for no value: `-`, `n/a`."""
    day_first: bool | None = None
    """Of dates like 13/2/2024, if they tell."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a value in the failing statement."""

    expression: str
    type: str
    length: int | None = None
    shape: tuple[int, ...] | None = None
    items: str = ""
    """The type of all items of a builtin container; `mixed` if there are several."""
    texts: Column = field(default_factory=lambda: Column(""))
    """Its dtype, and what its texts look like."""
    columns: tuple[Column, ...] = ()
    index: tuple[str, ...] = ()
    """The names of a frame's or series' index."""
    labels: str = ""
    """Class and dtype of that index: `RangeIndex int64`."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of what is called."""

    name: str
    kind: str
    """As inspect has it: `POSITIONAL_OR_KEYWORD`, `KEYWORD_ONLY`, …"""
    required: bool

    @property
    def positional(self) -> bool:
        """Whether it can be given by place."""
        return self.kind.startswith("POSITIONAL")


@dataclass(frozen=True, slots=True)
class Callee:
    """What the failing expression calls."""

    expression: str
    parameters: tuple[Parameter, ...]


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
    local: Mapping[str, str] = field(default_factory=dict)
    """The names of the function that failed, and the type of each."""
    values: tuple[Value, ...] = ()
    """What the failing statement works on, the failing expression's parts first."""
    callee: Callee | None = None
    files: tuple[str, ...] = ()
    """What is there where a file or module was looked for, seen from the working folder."""
    encoding: str | None = None
    """An encoding that reads what another could not."""
    separator: str | None = None
    """What stands between the values of the file that the failing statement reads."""
    shadow: str | None = None
    """A file of the user's that hides the module which lacks something."""
