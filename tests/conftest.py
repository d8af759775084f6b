from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: a worker that gets one of them last works on alone."""
    items.sort(key=lambda item: "scenarios" not in item.path.parts)
