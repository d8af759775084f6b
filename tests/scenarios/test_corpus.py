"""The scenarios are what they say: each breaks as told, and the right answer that it knows makes it hold."""

from __future__ import annotations

from .corpus import Scenario, load
from .replay import replay

SCENARIOS = load()


def complaints(scenarios: list[Scenario]) -> list[str]:
    """Say what is not true of the scenarios, seen in plain IPython."""
    known = [each for each in scenarios if each.fixable]
    broken = replay([(each.history(), each.fails, "True", each.files) for each in scenarios])
    answers = [each.plan(each.answer, () if each.swap else each.first or (each.cause,)) for each in known]
    mended = replay([(plan, each.fails, each.holds, each.files) for each, plan in zip(known, answers, strict=True)])
    found = [
        f"{each.name}: fails in cell {seen.cell} with {seen.error[:150]}"
        for each, seen in zip(scenarios, broken, strict=True)
        if seen.cell != each.fails or not seen.error.startswith(each.error)
    ]
    found += [
        f"{each.name}: its answer is none: cell {seen.cell}, {seen.error[:150]}"
        for each, seen in zip(known, mended, strict=True)
        if not seen.holds
    ]
    return found + [f"{each.name}: nothing holds" for each in known if not each.holds]


def test_every_scenario_breaks_as_it_says_and_can_be_mended() -> None:
    assert complaints(SCENARIOS) == []


def test_there_are_enough_of_each_kind() -> None:
    assert len(SCENARIOS) >= 130
    assert sum(each.blind for each in SCENARIOS) >= 60
    assert sum(each.how == "upstream" for each in SCENARIOS) >= 0.2 * len(SCENARIOS)
    assert sum(each.how == "order" for each in SCENARIOS) >= 0.1 * len(SCENARIOS)
    assert sum(each.how == "none" for each in SCENARIOS) >= 0.15 * len(SCENARIOS)
