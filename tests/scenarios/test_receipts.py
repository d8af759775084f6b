"""Receipts tell cheats from fixes: over all scenarios, whoever proposes."""

from __future__ import annotations

import asyncio

import pytest

from ai_notebook_ls.core.candidates import Candidate, CellEdit

from .offered import receipts

pytestmark = [pytest.mark.xdist_group("receipts"), pytest.mark.timeout(600)]


def test_a_right_fix_is_believed(scenarios):
    known = [each for each in scenarios if each.fixable and not each.ran]
    answers = [
        Candidate(
            "The right one",
            "answer",
            "likely" if each.swap else "action",
            tuple(CellEdit(f"cell-{number}", text) for number, text in each.answer.items()),
            run_first=() if each.swap else tuple(f"cell-{number}" for number in each.first or (each.cause,)),
        )
        for each in known
    ]
    told = asyncio.run(receipts(known, [[answer] for answer in answers]))
    refused = [
        f"{each.name}: {candidate.receipt.verdict}: {candidate.receipt.reason}"
        for each, tried in zip(known, told, strict=True)
        for candidate in tried
        if candidate.receipt.verdict != "verified"
    ]
    assert refused == []
