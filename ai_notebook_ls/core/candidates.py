"""Proposed changes and the receipts that say what happened when they were run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ai_notebook_ls.core import limits
from ai_notebook_ls.core.outcomes import Failure, Outcome, Status

Confidence = Literal["certain", "likely", "guess", "action"]
Verdict = Literal["verified", "same-error", "new-error", "escape", "unchecked"]

VERDICT_ORDER: tuple[Verdict, ...] = ("verified", "unchecked", "escape", "new-error", "same-error")
CONFIDENCE_ORDER: tuple[Confidence, ...] = ("certain", "likely", "action", "guess")


@dataclass(frozen=True, slots=True)
class CellEdit:
    """A cell's whole new text."""

    cell: str
    source: str


@dataclass(frozen=True, slots=True)
class Downstream:
    """How a cell below, which had run before, fares after the change."""

    cell: str
    status: Status


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was run to check a candidate, and what happened."""

    verdict: Verdict
    reason: str
    """One sentence for the user."""
    outcome: Outcome | None = None
    downstream: tuple[Downstream, ...] = ()
    before: Outcome | None = None
    """Where outputs differ: what the same cell gave before the change."""
    duration_ms: float = 0.0
    value: str = ""
    """What the change makes of the cell, its names and outputs: other text, other meaning. Empty if nobody compares."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposed change to one or more cells, with where it came from."""

    title: str
    """An imperative phrase, `Rename pritn to print` say."""
    origin: str
    """`builtin:RULE` or `model:NAME`."""
    confidence: Confidence
    edits: tuple[CellEdit, ...] = ()
    run_first: tuple[str, ...] = ()
    """For an order candidate (confidence `action`): the cells to run before the failing one."""
    receipt: Receipt | None = None

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Sort key: best first, by verdict, then by confidence; guesses after all others."""
        verdict = VERDICT_ORDER.index(self.receipt.verdict) if self.receipt else len(VERDICT_ORDER)
        return self.confidence == "guess", verdict, CONFIDENCE_ORDER.index(self.confidence)


@dataclass(frozen=True, slots=True)
class Proposals:
    """The answer to a fix: candidates best first, or a note that says why there is none."""

    failure: Failure | None
    candidates: tuple[Candidate, ...] = ()
    note: str | None = None

    def __post_init__(self) -> None:
        """Keep the outputs of the best candidates only, if those of all together are too large to travel."""
        room, kept = limits.PROPOSED_OUTPUT, []
        for each in self.candidates:
            if each.receipt is not None and each.receipt.outcome is not None:
                room -= each.receipt.outcome.size
                if room < 0:
                    each = replace(each, receipt=replace(each.receipt, outcome=each.receipt.outcome.without_outputs()))
            kept.append(each)
        object.__setattr__(self, "candidates", tuple(kept))


GUESSED = "It runs; whether it is what you mean, only you know."
RIVALS = "It runs, but so does another change that gives something else; which one you mean, only you know."


def settled(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the candidates best first, no guess verified, nor any of several equally sure ones that differ in value."""
    running = [each for each in candidates if each.edits and each.receipt and each.receipt.verdict == "verified"]
    judged = [
        _settle(each, any(_rivals(each, other) and not _outvoted(other, each, running) for other in running))
        for each in candidates
    ]
    return tuple(sorted(judged, key=lambda each: each.rank))


def seconded(candidate: Candidate, other: Candidate) -> Candidate:
    """Return a candidate as sure as the surer of two sources that propose it."""
    if CONFIDENCE_ORDER.index(other.confidence) >= CONFIDENCE_ORDER.index(candidate.confidence):
        return candidate
    return replace(candidate, origin=other.origin, confidence=other.confidence)


def _rivals(one: Candidate, other: Candidate) -> bool:
    """Whether two changes that run are different readings, not one reading at the cause and where it shows."""
    elsewhere = {each.cell for each in one.edits} != {each.cell for each in other.edits}
    return one.confidence == other.confidence and not (_agree(one, other) or (one.origin == other.origin and elsewhere))


def _agree(one: Candidate, other: Candidate) -> bool:
    return one.receipt is None or other.receipt is None or one.receipt.value == other.receipt.value


def _outvoted(candidate: Candidate, by: Candidate, running: Sequence[Candidate]) -> bool:
    """Whether a rule and a model, on their own, come to the same as the one, and nobody else to the same as the other."""

    def backed(it: Candidate) -> bool:
        others = (each for each in running if each.confidence == it.confidence and _source(each) != _source(it))
        return any(_agree(each, it) for each in others)

    return backed(by) and not backed(candidate)


def _source(candidate: Candidate) -> str:
    return candidate.origin.partition(":")[0]


def _settle(candidate: Candidate, rivals: bool) -> Candidate:
    receipt = candidate.receipt
    if receipt is None or receipt.verdict != "verified" or not (rivals or candidate.confidence == "guess"):
        return candidate
    reason = RIVALS if rivals and candidate.edits else GUESSED
    return replace(candidate, receipt=replace(receipt, verdict="unchecked", reason=reason))
