"""What came of the scenarios: each answer held against what plain IPython makes of it, and a table by family."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .corpus import Scenario
from .replay import replay

CELLS = re.compile(r"\bcells? (\d+(?:(?:, | and |, and | or | to )\d+)*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judged:
    """One scenario, what was answered, and whether that is true."""

    scenario: Scenario
    answer: dict[str, Any]
    holds: tuple[bool, ...]
    """Of each candidate with a verified receipt, in the order shown: whether it is right in truth."""
    why: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether the candidate shown first is said to work."""
        return any(_verified(each) for each in self.answer["candidates"][:1])

    @property
    def right(self) -> bool:
        """Whether the candidate shown first is said to work, and does."""
        return self.verified and self.holds[0]

    @property
    def wrong(self) -> bool:
        """Whether anything is said to work that does not."""
        return not all(self.holds)

    @property
    def named(self) -> bool:
        """Whether the cell where the cause is, or what has to be done outside, was told."""
        if self.scenario.says:
            return re.search(self.scenario.says, _text(self.answer), re.IGNORECASE) is not None
        return any(map(self._points, _pointers(self.answer)))

    def _points(self, cells: set[int]) -> bool:
        """Whether cells that are told are the right ones. Who tells to run them all again has told nothing."""
        idle = set(range(1, self.scenario.fails)) - self.scenario.markdown - {self.scenario.cause, *self.scenario.also}
        return self.scenario.cause in cells and not (self.scenario.how == "order" and idle and idle <= cells)


def judge(scenarios: Sequence[Scenario], answers: Sequence[dict[str, Any]]) -> list[Judged]:
    """Run in plain IPython what was said to work."""
    jobs, owners = [], []
    for number, (scenario, answer) in enumerate(zip(scenarios, answers, strict=True)):
        for candidate in filter(_verified, answer["candidates"]):
            edits = {cell_number(each["uri"]): each["newText"] for each in candidate["edits"]}
            first = [cell_number(each) for each in candidate.get("runFirst", [])]
            jobs.append((scenario.plan(edits, first), scenario.fails, scenario.holds or "False", scenario.files))
            owners.append(number)
    seen = list(zip(owners, replay(jobs), strict=True))
    return [
        Judged(
            scenario,
            answer,
            tuple(each.holds for owner, each in seen if owner == number),
            tuple(each.error for owner, each in seen if owner == number),
        )
        for number, (scenario, answer) in enumerate(zip(scenarios, answers, strict=True))
    ]


def cell_number(uri: str) -> int:
    """Return the number of the cell that a URI of ours names."""
    return int(uri.rpartition("-")[2])


def table(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield the report, line by line."""
    heads = ("family", "cases", "fixable", "verified", "right", "elsewhere", "named", "unfixable", "wrong")
    yield "  ".join(f"{head:>9}" for head in heads)
    families = sorted({each.scenario.family for each in judged})
    for family in [*families, "all"]:
        rows = [each for each in judged if family in (each.scenario.family, "all")]
        fixable = [each for each in rows if each.scenario.fixable]
        elsewhere = [each for each in rows if each.scenario.elsewhere]
        counts = (
            len(rows),
            len(fixable),
            sum(each.verified for each in fixable),
            sum(each.right for each in fixable),
            len(elsewhere),
            sum(each.named for each in elsewhere),
            len(rows) - len(fixable),
            sum(each.wrong for each in rows),
        )
        yield "  ".join([f"{family:>9}", *(f"{count:9}" for count in counts)])


def details(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield a line on each scenario with which something is amiss."""
    for each in judged:
        scenario = each.scenario
        amiss = [
            *(["WRONG"] if each.wrong else []),
            *(["not right"] if scenario.fixable and not each.right else []),
            *(["not named"] if (scenario.elsewhere or scenario.says) and not each.named else []),
        ]
        if amiss:
            yield f"{scenario.name} ({scenario.how}): {', '.join(amiss)}"
            for candidate in each.answer["candidates"]:
                receipt = candidate["receipt"]
                what = f"{candidate['confidence']}, {candidate['origin']}: {candidate['title']}"
                yield f"    {receipt['verdict']:10} {what} | {receipt['reason']}"
            yield from (f"    in truth: {why}" for why in each.why if why)
            if each.answer.get("note"):
                yield f"    note: {each.answer['note']}"


def _verified(candidate: dict[str, Any]) -> bool:
    return bool(candidate["receipt"]["verdict"] == "verified")


def _pointers(answer: dict[str, Any]) -> Iterator[set[int]]:
    """Yield the cells that the user is pointed at: by what is shown first, what is said to work, and the note."""
    for number, candidate in enumerate(answer["candidates"]):
        if number == 0 or _verified(candidate):
            changed = {cell_number(each["uri"]) for each in candidate["edits"]}
            yield changed.union(map(cell_number, candidate.get("runFirst", [])), _told(candidate["title"]))
    yield _told(answer.get("note") or "")


def _told(text: str) -> set[int]:
    return {int(each) for match in CELLS.finditer(text) for each in re.findall(r"\d+", match[1])}


def _text(answer: dict[str, Any]) -> str:
    parts = [f"{each['title']} {each['diff']}" for each in answer["candidates"]]
    return "\n".join([*parts, answer.get("note") or ""])
