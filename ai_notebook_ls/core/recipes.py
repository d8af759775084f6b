"""Ready improvements: what a recipe is, what it is asked and what it may know about the values of a run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ai_notebook_ls.core.cells import Cell, Notebook

Scope = Literal["cell", "notebook"]


@dataclass(frozen=True, slots=True)
class SeenFunction:
    """The types of the values that went in and out of one function while it was watched."""

    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Parameter -> full names of types, `int` or `list[str]` or `pandas.core.frame.DataFrame`; in order of the names."""
    returns: tuple[str, ...] = ()
    """Empty where nothing was seen to be returned: a generator, or a function that only raised."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the functions that cells define, while they were run."""

    functions: Mapping[tuple[str, int], SeenFunction] = field(default_factory=dict)
    """(name, 1-based line where it begins, decorators included) -> its types."""
    python: tuple[int, int] = (3, 8)
    """The notebook's own Python, which must be able to read what is written."""


@dataclass(frozen=True, slots=True)
class ImproveRequest:
    """Change cells by a recipe."""

    notebook: Notebook
    cells: tuple[Cell, ...]
    """Those that are to be changed; a recipe for the whole notebook changes what it must."""
    seen: Seen = field(default_factory=Seen)
    """Empty for a recipe that asks for no watching."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One ready improvement, that needs no model."""

    name: str
    title: str
    """An imperative phrase."""
    fits: Callable[[Notebook, Cell], bool]
    """Whether it would change something in, or because of, this cell: a cheap look at the text."""
    change: Callable[[ImproveRequest], Awaitable[Mapping[str, str]]]
    """Return the cells that it changes: id -> new source. Nothing where it is not certain."""
    watches: bool = False
    """Whether it wants to know the types that functions are called with."""
