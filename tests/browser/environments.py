"""The environments that the Makefile makes beside .venv: other versions of Jupyter, and what lives beside us there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.jupyter import ROOT


def interpreter(environment: str) -> str:
    """Return the Python of an environment, as `.venv-oldest`; skip the test if it is not made."""
    folder = Path(os.environ.get("TEST_ENVIRONMENTS", ROOT))  # one set serves several worktrees
    python = folder / environment / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{environment} is not made: run 'make {environment}'")
    return str(python)
