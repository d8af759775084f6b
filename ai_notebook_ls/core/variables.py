"""What a kernel's variables are, as far as that can be told without running any code of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

VariableKind = Literal["frame", "array", "sequence", "mapping", "scalar", "function", "class", "other"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a frame."""

    name: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Table:
    """The upper left corner of a frame, as text; its columns are the frame's first ones."""

    index: tuple[str, ...]
    """The rows' labels; empty where the frame has none."""
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """One name of the user's, and its value."""

    name: str
    type: str
    """The class, without its module: `DataFrame`."""
    module: str
    """Where the class is from: `pandas`, `builtins`, `__main__` for a class of the notebook."""
    kind: VariableKind
    preview: str
    """One line: a literal, a signature, or `<module.Type>` of what only its own code could show."""
    truncated: bool = False
    """Whether the preview shows only the beginning."""
    shape: tuple[int, ...] | None = None
    """Rows and columns, dimensions, or the length."""
    dtype: str | None = None
    """Of an array."""
    bytes: int | None = None
    """Without what a container, or a column of objects, refers to; None where only the object's own code could tell."""
    columns: tuple[Column, ...] = ()
    """Of a frame, the first ones."""
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Variables:
    """The user's names in the order in which they were first defined."""

    variables: tuple[Variable, ...] = ()
    left_out: int = 0
    """How many more there are: too many, too large, or the kernel's time was up."""
