"""What is said to work does; most of what can be known is found; and a cause elsewhere is told as such."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ..clients.conftest import SERVER
from .conftest import REPORT
from .corpus import Scenario
from .over_lsp import environment, lay_out
from .report import details, table

pytestmark = [pytest.mark.xdist_group("scenarios"), pytest.mark.timeout(600)]

RIGHT = 0.7
NAMED = 0.8


def test_nothing_is_said_to_work_that_does_not(judged, record_property):
    record_property(REPORT, "\n".join(table(judged)))
    wrong = [each for each in judged if each.wrong]
    assert not wrong, "\n".join(details(wrong))


def test_most_of_what_can_be_known_is_found_and_verified(judged):
    fixable = [each for each in judged if each.scenario.fixable]
    missed = [each.scenario.name for each in fixable if not each.right]
    assert len(missed) <= (1 - RIGHT) * len(fixable), missed


def test_a_cause_in_another_cell_is_told_with_that_cell(judged):
    elsewhere = [each for each in judged if each.scenario.elsewhere]
    missed = [each.scenario.name for each in elsewhere if not each.named]
    assert len(missed) <= (1 - NAMED) * len(elsewhere), missed


def test_the_terminal_says_the_same(judged, tmp_path: Path):
    """One scenario of each family: the first that a run from top to bottom breaks, and that is told how to mend."""
    sample = {
        each.scenario.family: each
        for each in reversed(judged)
        if each.right and not each.scenario.ran and not each.scenario.deleted
    }
    with ThreadPoolExecutor(2) as pool:
        told = dict(
            zip(sample, pool.map(lambda each: in_terminal(each.scenario, tmp_path), sample.values()), strict=True)
        )
    assert told == {family: [brief(c) for c in each.answer["candidates"]] for family, each in sample.items()}


def in_terminal(scenario: Scenario, folder: Path) -> list[tuple[str, str, list[str]]]:
    path = folder / scenario.name / "story.ipynb"
    lay_out(path.parent, scenario.files)
    cells = [
        {"id": f"cell-{number}", "metadata": {}, "source": text}
        | (
            {"cell_type": "markdown"}
            if number in scenario.markdown
            else {"cell_type": "code", "outputs": [], "execution_count": None}
        )
        for number, text in enumerate(scenario.cells, 1)
    ]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    command = [*SERVER, "fix", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(str(folder)), check=False)
    assert done.returncode == 0, done.stderr
    return [brief(candidate) for candidate in json.loads(done.stdout)["candidates"]]


def brief(candidate: dict[str, Any]) -> tuple[str, str, list[str]]:
    return candidate["title"], candidate["receipt"]["verdict"], [edit["newText"] for edit in candidate["edits"]]
