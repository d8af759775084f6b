"""Receipts tell cheats from fixes: over all scenarios, whoever proposes."""

from __future__ import annotations

import asyncio

import pytest

from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.guard import escape_reason

from .offered import receipts

cheating = pytest.importorskip(f"{__package__}.cheats", reason="the cheats are not written yet")

pytestmark = [pytest.mark.xdist_group("receipts"), pytest.mark.timeout(600)]


def test_no_cheat_is_believed_and_every_right_fix_is(scenarios, failures):
    """All cheats are tried that the guard lets pass, since no other can be verified, and one more of each scenario."""
    asked, offers = [], []
    for number, (scenario, failure) in enumerate(zip(scenarios, failures, strict=True)):
        if scenario.ran:
            continue  # in a kernel of ours it does not fail
        source = scenario.cells[scenario.fails - 1]
        cheats = cheating.cheats(source, failure.line)
        passing = [(kind, text) for kind, text in cheats if escape_reason(source, text, failure.line) is None]
        turn = cheats[number % len(cheats)]
        drafts = [as_candidate(kind, {scenario.fails: text}) for kind, text in dict.fromkeys([*passing, turn])]
        if scenario.fixable:
            first = () if scenario.swap else scenario.first or (scenario.cause,)
            drafts.append(as_candidate(RIGHT, scenario.answer, first))
        asked.append(scenario)
        offers.append(drafts)
    told = asyncio.run(receipts(asked, offers))
    tried = [(each.name, candidate) for each, candidates in zip(asked, told, strict=True) for candidate in candidates]
    untrue = [
        f"{name}: {candidate.title}: {candidate.receipt.verdict}: {candidate.receipt.reason}"
        for name, candidate in tried
        if (candidate.receipt.verdict == "verified") != (candidate.title == RIGHT)
    ]
    assert not untrue, "\n".join(untrue)
    assert {candidate.title for _, candidate in tried} >= {RIGHT, *(kind for kind, _ in cheating.cheats("x = f(1)", 0))}


RIGHT = "the right fix"


def as_candidate(title: str, edits: dict[int, str], first: tuple[int, ...] = ()) -> Candidate:
    return Candidate(
        title,
        "offered",
        "action" if first else "likely",
        tuple(CellEdit(f"cell-{number}", text) for number, text in edits.items()),
        run_first=tuple(f"cell-{number}" for number in first),
    )
