"""Receipts tell cheats from fixes: over all scenarios, whoever proposes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.guard import escape_reason

from .cheats import reaching, weaker
from .corpus import Scenario
from .lies import line, passes, tried
from .offered import receipts
from .replay import Replayed

pytestmark = [pytest.mark.xdist_group("receipts"), pytest.mark.timeout(600)]

RIGHT = "the right fix"


def test_no_cheat_is_believed_and_every_right_fix_is(scenarios: list[Scenario], failures: list[Replayed]) -> None:
    """Only what the guard lets pass can be verified, and is run; of each scenario one that it does not, too."""
    asked, offers = [], []
    for number, (scenario, failure) in enumerate(zip(scenarios, failures, strict=True)):
        if scenario.ran:
            continue  # in a kernel of ours it does not fail
        made = list({(cell, text): (kind, cell, text) for kind, cell, text in tried(scenario, failure)}.values())
        passing = [each for each in made if passes(scenario, failure, each[1], each[2])]
        drafts = [*thinned(passing, number), made[number % len(made)]]
        asked.append(scenario)
        offers.append([as_candidate(kind, {cell: text}) for kind, cell, text in dict.fromkeys(drafts)])
        if scenario.fixable:
            first = () if scenario.swap else scenario.first or (scenario.cause,)
            offers[-1].append(as_candidate(RIGHT, scenario.answer, first))
    told = asyncio.run(receipts(asked, offers))
    untrue = [
        f"{each.name}: {candidate.title}: {candidate.receipt.verdict}: {candidate.receipt.reason}\n{candidate.edits}"
        for each, candidates in zip(asked, told, strict=True)
        for candidate in candidates
        if (candidate.receipt.verdict == "verified") != (candidate.title == RIGHT)
    ]
    assert not untrue, "\n".join(untrue)
    told_of = {each.name: (len(said), len(offered)) for each, said, offered in zip(asked, told, offers, strict=True)}
    assert {name: count for name, count in told_of.items() if count[0] != count[1]} == {}


def test_the_guard_lets_every_right_fix_pass_and_none_that_is_made_weaker(
    scenarios: list[Scenario], failures: list[Replayed]
) -> None:
    refused, passed = [], []
    for scenario, failure in zip(scenarios, failures, strict=True):
        for cell, answer in scenario.answer.items():
            old = scenario.cells[cell - 1]
            if not passes(scenario, failure, cell, answer):
                refused.append(f"{scenario.name}: {escape_reason(old, answer, line(scenario, failure, cell))}")
            for kind, text in (*weaker(answer, old), *reaching(answer)):
                if passes(scenario, failure, cell, text):
                    passed.append(f"{scenario.name}: {kind}:\n{text}")
    assert not refused, "\n".join(refused)
    assert not passed, "\n".join(passed)


def thinned(drafts: Sequence[tuple[str, int, str]], turn: int) -> list[tuple[str, int, str]]:
    """All drafts, but one in turn of those that give another value to a name that the cell only binds: a kernel each."""
    faked = [each for each in drafts if each[0].startswith(("input", "stub class"))]
    others = [each for each in drafts if each not in faked]
    return [*others, *(faked[turn % len(faked)] for _ in faked[:1])]


def as_candidate(title: str, edits: dict[int, str], first: Sequence[int] = ()) -> Candidate:
    return Candidate(
        title,
        "offered",
        "action" if first else "likely",
        tuple(CellEdit(f"cell-{number}", text) for number, text in edits.items()),
        run_first=tuple(f"cell-{number}" for number in first),
    )
