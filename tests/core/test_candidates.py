"""Which of several changes that all run is the one that was meant: nobody's guess, and nobody's word against another's."""

from __future__ import annotations

import pytest

from ai_notebook_ls.core.candidates import Candidate, CellEdit, Confidence, Receipt, seconded, settled


def made(origin: str, value: str, confidence: Confidence = "likely", text: str = "") -> Candidate:
    return Candidate(
        "Change it", origin, confidence, (CellEdit("c", text or value),), receipt=Receipt("verified", "", value=value)
    )


@pytest.mark.parametrize(
    ("candidates", "verified"),
    [
        ([made("builtin:keys", "1")], ["1"]),
        ([made("builtin:keys", "1", "guess")], []),
        ([made("builtin:keys", "1"), made("builtin:keys", "2")], []),
        ([made("builtin:keys", "1", "certain"), made("builtin:keys", "2")], ["1", "2"]),
        ([made("builtin:keys", "1"), made("model:m", "2")], []),
        ([made("builtin:keys", "1"), made("builtin:keys", "2"), made("model:m", "2", text="other")], ["2", "other"]),
        ([made("model:m", "1"), made("model:m", "2"), made("model:m", "2", text="other")], []),
        ([made("builtin:a", "1"), made("model:m", "1", text="one"),
          made("builtin:b", "2"), made("model:m", "2", "likely", "two")], []),
    ],
)  # fmt: skip
def test_what_is_verified(candidates: list[Candidate], verified: list[str]) -> None:
    ranked = settled(candidates)
    assert [each.edits[0].source for each in ranked if each.receipt and each.receipt.verdict == "verified"] == verified
    assert len(ranked) == len(candidates)


def test_who_proposes_the_same_makes_it_surer_and_never_less_sure() -> None:
    guess, likely = made("builtin:names", "1", "guess"), made("model:m", "1")
    assert seconded(guess, likely).confidence == "likely"
    assert seconded(guess, likely).origin == "model:m"
    assert seconded(likely, guess) == likely
    assert seconded(made("builtin:names", "1", "certain"), likely).origin == "builtin:names"
