"""The scenarios are asked and judged once for all tests, and the report is printed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from ..conftest import SAMPLE_AND_ALL
from .corpus import Scenario, load, sample
from .over_lsp import ask
from .replay import Replayed, replay
from .report import Judged, judge


@pytest.fixture(scope="session", params=SAMPLE_AND_ALL)
def scenarios(request: pytest.FixtureRequest) -> list[Scenario]:
    """A sample on every commit."""
    return sample(load()) if request.param else load()


@pytest.fixture(scope="session")
def failures(scenarios: Sequence[Scenario]) -> list[Replayed]:
    """What the user's own kernel says of each."""
    return replay([(each.history(), each.fails, "True", each.files) for each in scenarios])


@pytest.fixture(scope="session")
def judged(scenarios: Sequence[Scenario], failures: Sequence[Replayed]) -> list[Judged]:
    """The sidecar's answer to each, over LSP, held against the truth."""
    return judge(scenarios, asyncio.run(ask(scenarios, failures)))
