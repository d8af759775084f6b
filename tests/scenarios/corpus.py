"""The scenarios: one file a case, a `# %%` notebook below a header that says how it breaks and what a fix must give."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CASES = Path(__file__).parent / "cases"

How = Literal["edit", "upstream", "order", "action", "none"]

MARKER = re.compile(r"^# %%(?P<kind>.*)$\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A notebook that breaks. Cells have numbers as people count them: from 1, markdown included."""

    name: str
    """`family/slug`."""
    title: str
    how: How
    """What mends it: an edit of the failing cell, one of a cell above, running a cell, something outside; or nothing
    that can be known without asking its author."""
    error: str
    """How the failure begins: `KeyError`, or `TypeError: unsupported operand`."""
    fails: int
    cells: tuple[str, ...]
    markdown: frozenset[int] = frozenset()
    before: Mapping[int, str] = field(default_factory=dict)
    """What cells held when the user ran them, where that was another text."""
    deleted: tuple[tuple[int, str], ...] = ()
    """Cells that the user has deleted: the number of the cell above, and the text."""
    cause: int = 0
    """The cell to change or to run; the failing one if nothing else is said."""
    swap: tuple[str, ...] = ()
    """One right answer: texts of the cause and what to put in their place, in turn."""
    first: tuple[int, ...] = ()
    """For an order: what is run before the failing cell; the cause, if nothing else is said."""
    also: tuple[int, ...] = ()
    """Cells above that may well be named with the cause, since it or the failing cell needs them."""
    holds: str = ""
    """What is true in the right state, over the notebook's names, `printed` and `shown` (by the failing cell)."""
    ran: tuple[int, ...] = ()
    """What the user ran in a kernel of their own, where that was not from top to bottom."""
    says: str = ""
    """For an action: a pattern of what must be told."""
    files: Mapping[str, str] = field(default_factory=dict)
    blind: bool = False
    """Written before the rules that it tests were seen, and kept since."""
    failed_once: bool = False
    """It has shown a fault of ours: asked on every commit."""

    @property
    def family(self) -> str:
        """Where the case is counted."""
        return self.name.partition("/")[0]

    @property
    def fixable(self) -> bool:
        """Whether a change or an order exists that is right, and can be known from what is there."""
        return self.how in ("edit", "upstream", "order")

    @property
    def elsewhere(self) -> bool:
        """Whether the cause is not in the cell that fails."""
        return self.how in ("upstream", "order")

    def with_cells(self, edits: Mapping[int, str]) -> tuple[str, ...]:
        """Return the cells' texts with some replaced."""
        return tuple(edits.get(number, text) for number, text in enumerate(self.cells, 1))

    @property
    def answer(self) -> dict[int, str]:
        """The right edits that the header knows: none for an order."""
        text = self.cells[self.cause - 1]
        for old, new in zip(self.swap[::2], self.swap[1::2], strict=True):
            if old not in text:
                raise ValueError(f"{self.name}: cell {self.cause} does not hold {old!r}")
            text = text.replace(old, new)
        return {self.cause: text} if self.swap else {}

    def plan(self, edits: Mapping[int, str], first: Sequence[int] = ()) -> list[tuple[int, str]]:
        """Return what is to be run, and in which order, to see whether a proposal is right."""
        cells = dict(enumerate(self.with_cells(edits), 1))
        code = [number for number in cells if number not in self.markdown]
        if self.ran:  # on top of what the user's kernel has been through
            again = [*(n for n in code if n in edits and n != self.fails and n not in first), *first, self.fails]
            return [*self.history(), *((number, cells[number]) for number in again)]
        below = [number for number in code if number > self.fails and number not in first]
        above = [number for number in code if number < self.fails]
        return [(number, cells[number]) for number in (*above, *first, self.fails, *below)]

    def history(self) -> list[tuple[int, str]]:
        """Return what was run when it failed."""
        texts = {**dict(enumerate(self.cells, 1)), **self.before}
        order = self.ran or [n for n in range(1, self.fails + 1) if n not in self.markdown]
        return [(number, texts[number]) for number in order]


def load(pattern: str = "") -> list[Scenario]:
    """Return the scenarios whose name contains a text."""
    paths = sorted(CASES.glob("*/*.py"))
    return [read(path) for path in paths if pattern in path.relative_to(CASES).as_posix()]


def sample(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return every third of each family and each way to mend, and those that have shown a fault of ours."""
    taken = sorted(scenarios, key=lambda each: (each.family, each.how))[::3]
    return [each for each in scenarios if each in taken or each.failed_once]


def read(path: Path) -> Scenario:
    """Read one case. Raises ValueError."""
    name = path.relative_to(CASES).with_suffix("").as_posix()
    head, *parts = MARKER.split(path.read_text(encoding="utf-8"))
    title, _, toml = "\n".join(line[2:] for line in head.splitlines()).partition("\n")
    values: dict[str, Any] = tomllib.loads(toml)
    if unknown := values.keys() - {each.name for each in fields(Scenario)}:
        raise ValueError(f"{name}: no such key: {', '.join(unknown)}")
    if values["how"] not in get_args(How):
        raise ValueError(f"{name}: how = {values['how']}")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Scenario(name=name, title=title, **{"cause": values["fails"], **values}, **_cells(parts))


def _cells(parts: Sequence[str]) -> dict[str, Any]:
    cells: list[str] = []
    markdown: set[int] = set()
    before: dict[int, str] = {}
    deleted: list[tuple[int, str]] = []
    for kind, text in _pairs(parts):
        if kind == "[before]":
            before[len(cells)] = text
        elif kind == "[deleted]":
            deleted.append((len(cells), text))
        else:
            cells.append(text)
            if kind == "[markdown]":
                markdown.add(len(cells))
    return {
        "cells": tuple(cells),
        "markdown": frozenset(markdown),
        "before": before,
        "deleted": tuple(deleted),
    }


def _pairs(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for kind, text in zip(parts[::2], parts[1::2], strict=True):
        yield kind.strip(), text.strip("\n")
