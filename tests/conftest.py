from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

REPORT = "scenarios"
"""The property of a test by which it has something printed at the end."""

SAMPLE_AND_ALL = [
    pytest.param(True, marks=pytest.mark.sample, id="sample"),
    pytest.param(False, marks=pytest.mark.long, id="all"),
]
"""Parameters of what takes a fixed part of its cases on every commit, and all of them in `make test-all`."""

LONGEST = ("scenarios", "browser", "clients", "kernels")


@pytest.fixture(scope="session", autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept between runs, keys and consents, is not the developer's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: a worker that gets one of them last works on alone."""

    def rank(item: pytest.Item) -> int:
        return next((n for n, room in enumerate(LONGEST) if room in item.path.parts), len(LONGEST))

    items.sort(key=rank)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the reports; here, since with xdist the process that prints loads no conftest further down."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, text in getattr(report, "user_properties", ()):
                if name == REPORT and getattr(report, "when", "") == "call":  # also from a process of xdist
                    terminalreporter.section("scenarios")
                    terminalreporter.write_line(text)
