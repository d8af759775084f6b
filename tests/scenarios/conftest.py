"""All scenarios are asked and judged once for all tests, and the report is printed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from .corpus import Scenario, load
from .over_lsp import ask
from .replay import Replayed, replay
from .report import Judged, judge

REPORT = "scenarios"


@pytest.fixture(scope="session")
def scenarios() -> list[Scenario]:
    return load()


@pytest.fixture(scope="session")
def failures(scenarios: Sequence[Scenario]) -> list[Replayed]:
    """What the user's own kernel says of each."""
    return replay([(each.history(), each.fails, "True", each.files) for each in scenarios])


@pytest.fixture(scope="session")
def judged(scenarios: Sequence[Scenario], failures: Sequence[Replayed]) -> list[Judged]:
    """The sidecar's answer to each, over LSP, held against the truth."""
    return judge(scenarios, asyncio.run(ask(scenarios, failures)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, text in getattr(report, "user_properties", ()):
                if name == REPORT and getattr(report, "when", "") == "call":  # also from a process of xdist
                    terminalreporter.section("scenarios")
                    terminalreporter.write_line(text)
