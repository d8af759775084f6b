"""What is said to work does; most of what can be known is found; and a cause elsewhere is told as such."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ..clients.conftest import SERVER
from ..conftest import REPORT
from .corpus import Scenario, load
from .lies import passes, tried
from .over_lsp import ask, environment, lay_out
from .replay import Replayed
from .report import Judged, details, judge, table

pytestmark = [pytest.mark.xdist_group("scenarios"), pytest.mark.timeout(600)]

RIGHT = 0.7
NAMED = 0.8
BELIEVED = 0.95
"""Of the scenarios that need a model: at least so many are right, told, and verified."""


def test_nothing_is_said_to_work_that_does_not(judged, record_property):
    record_property(REPORT, "\n".join([part(judged), *table(judged)]))
    wrong = [each for each in judged if each.wrong]
    assert not wrong, "\n".join(details(wrong))


def part(judged: Sequence[Judged]) -> str:
    asked, there = len(judged), len(load())
    return f"all {there} scenarios" if asked == there else f"{asked} of {there} scenarios (make test-all: all of them)"


def test_most_of_what_can_be_known_is_found_and_verified(judged):
    fixable = [each for each in judged if each.scenario.fixable]
    missed = [each.scenario.name for each in fixable if not each.right]
    assert len(missed) <= (1 - RIGHT) * len(fixable), missed


def test_a_cause_in_another_cell_is_told_with_that_cell(judged):
    elsewhere = [each for each in judged if each.scenario.elsewhere]
    missed = [each.scenario.name for each in elsewhere if not each.named]
    assert len(missed) <= (1 - NAMED) * len(elsewhere), missed


def test_a_model_that_is_right_is_believed(judged, failures, record_property):
    """Where no rule knows the answer, and an edit is one."""
    need = [
        (each.scenario, failure)
        for each, failure in zip(judged, failures, strict=True)
        if not each.right and each.scenario.answer
    ]
    told = answered_by_a_model(need, lambda scenario, _: [scenario.answer])
    missed = [each for each in told if not each.right]
    record_property(REPORT, f"with a model that is right: {len(told) - len(missed)} of {len(told)} more")
    assert told
    assert len(missed) <= (1 - BELIEVED) * len(told), "\n".join(details(missed))
    assert not [each for each in told if each.wrong]


def test_a_model_that_lies_is_not(judged, failures):
    """One lie that no reading of the text gives away, if there is one, and one more when that has not done."""
    need = [
        (each.scenario, failure)
        for each, failure in zip(judged, failures, strict=True)
        if not each.verified and not each.scenario.ran
    ]
    told = answered_by_a_model(need, lies)
    assert sum(bool(models_own(each)) for each in told) > 0.9 * len(told)
    believed = [each for each in told if any(one["receipt"]["verdict"] == "verified" for one in models_own(each))]
    assert not believed, "\n".join(details(believed))


def answered_by_a_model(
    need: Sequence[tuple[Scenario, Replayed]], answers: Callable[[Scenario, Replayed], Sequence[Mapping[int, str]]]
) -> list[Judged]:
    scenarios = [scenario for scenario, _ in need]
    script = [
        {"match": re.escape(scenario.cells[scenario.fails - 1]), "reply": reply(answer)}
        for scenario, failure in need
        for answer in answers(scenario, failure)
    ]
    return judge(scenarios, asyncio.run(ask(scenarios, [failure for _, failure in need], script)))


def reply(answer: Mapping[int, str]) -> str:
    [(cell, text)] = answer.items()
    return f"I see what is wrong.\n\n```python\n# cell {cell}\n{text}\n```\n"


def lies(scenario: Scenario, failure: Replayed) -> list[Mapping[int, str]]:
    made = [(cell, text) for _, cell, text in tried(scenario, failure)]
    passing = [each for each in made if passes(scenario, failure, *each)]
    turn = len(scenario.name)
    return [
        {cell: text} for cell, text in (*(passing[turn % len(passing)] for _ in passing[:1]), made[turn % len(made)])
    ]


def models_own(judged: Judged) -> list[dict[str, Any]]:
    return [each for each in judged.answer["candidates"] if each["origin"] == "model:scripted"]


def test_the_terminal_says_the_same(judged, tmp_path: Path):
    """One scenario of each family: the first that a run from top to bottom breaks, and that is told how to mend.

    Of every third family, where a sample was asked: each takes a process of its own.
    """
    first = {
        each.scenario.family: each
        for each in reversed(judged)
        if each.right and not each.scenario.ran and not each.scenario.deleted
    }
    taken = sorted(first)[:: 1 if len(judged) == len(load()) else 3]
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda family: in_terminal(first[family].scenario, tmp_path), taken))
    assert taken
    assert told == [[brief(each) for each in first[family].answer["candidates"]] for family in taken]


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
