"""The scenarios are what they say: each breaks as told, and the right answer that it knows makes it hold."""

from __future__ import annotations

from collections import Counter

import pytest

from .corpus import load, sample
from .replay import replay

pytestmark = pytest.mark.xdist_group("scenarios")


def test_every_scenario_breaks_as_it_says(scenarios, failures):
    found = [
        f"{each.name}: cell {seen.cell} fails with {seen.error[:150]}"
        for each, seen in zip(scenarios, failures, strict=True)
        if seen.cell != each.fails or not seen.error.startswith(each.error)
    ]
    assert not found, "\n".join(found)


def test_every_fixable_scenario_has_an_answer_that_holds(scenarios):
    known = [each for each in scenarios if each.fixable]
    plans = [each.plan(each.answer, () if each.swap else each.first or (each.cause,)) for each in known]
    seen = replay([(plan, each.fails, each.holds, each.files) for each, plan in zip(known, plans, strict=True)])
    missed = [f"{each.name}: {told.error}" for each, told in zip(known, seen, strict=True) if not told.holds]
    assert not missed, "\n".join(missed)


def test_no_scenario_holds_while_nothing_is_done(scenarios):
    known = [each for each in scenarios if each.fixable]
    seen = replay([(each.history(), each.fails, each.holds, each.files) for each in known])
    assert [each.name for each, told in zip(known, seen, strict=True) if told.holds] == []


def test_there_are_enough_of_each_kind():
    scenarios = load()

    def share(how: str) -> float:
        return sum(each.how == how for each in scenarios) / len(scenarios)

    assert len(scenarios) >= 130
    assert sum(each.blind for each in scenarios) >= 60
    assert share("upstream") >= 0.2
    assert share("order") >= 0.1
    assert share("none") >= 0.15


def test_a_sample_has_some_of_each_kind():
    scenarios = load()
    kinds = Counter((each.family, each.how) for each in scenarios)
    sampled = {(each.family, each.how) for each in sample(scenarios)}
    assert {kind for kind, count in kinds.items() if count >= 3} - sampled == set()
