"""Cheats, where a scenario breaks."""

from __future__ import annotations

from collections.abc import Iterator

from ai_notebook_ls.core.guard import escape_reason

from .cheats import cheats
from .corpus import Scenario
from .replay import Replayed


def tried(scenario: Scenario, failure: Replayed) -> Iterator[tuple[str, int, str]]:
    """The cheats in the cell that fails, and in the one above that makes it fail."""
    for kind, text in cheats(scenario.cells[scenario.fails - 1], failure.line):
        yield kind, scenario.fails, text
    if scenario.how == "upstream":
        for kind, text in cheats(scenario.cells[scenario.cause - 1], None):
            yield f"{kind}, above", scenario.cause, text


def passes(scenario: Scenario, failure: Replayed, cell: int, text: str) -> bool:
    return escape_reason(scenario.cells[cell - 1], text, line(scenario, failure, cell)) is None


def line(scenario: Scenario, failure: Replayed, cell: int) -> int | None:
    return failure.line if cell == scenario.fails else None
