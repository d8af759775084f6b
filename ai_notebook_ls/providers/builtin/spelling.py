"""Which of some names may have been meant by a misspelt one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ai_notebook_ls.core.candidates import Confidence

MOST = 3
"""Names proposed for one misspelling."""
COMPARED = 2_000
"""Names looked at."""


def close(name: str, options: Iterable[str]) -> list[tuple[str, Confidence]]:
    """Return the names that may have been meant, the closest first.

    One that is clearly the closest is `likely`; several equally close ones are each a `guess`. So is one that differs in
    its digits: another file, year or index is other data; and one that is near only by a word that both share.
    """
    scored = sorted(
        (score, option)
        for option in list(dict.fromkeys(options))[:COMPARED]
        if option != name and (score := _score(name, option)) is not None
    )
    if not scored:
        return []
    best = scored[0][0]
    nearest = [option for score, option in scored if score <= best + 0.25][:MOST]
    rivals = [option for score, option in scored if score <= best + (1 if best >= 2 else 0.25)]
    sure = len(rivals) == 1 and best < _limit(_own_part(name, nearest[0])) + 0.5
    return [(option, "likely" if sure and same_digits(option, name) else "guess") for option in nearest]


def same_digits(one: str, other: str) -> bool:
    """Whether two names speak of the same year, part or version."""
    return re.findall(r"\d+", one) == re.findall(r"\d+", other)


def _own_part(name: str, other: str) -> str:
    """What is left of a name without the words that it begins and ends with as another does: `value` of `read_value`."""
    words, others = name.split("_"), other.split("_")
    while len(words) > 1 and len(others) > 1 and words[0] == others[0]:
        del words[0], others[0]
    while len(words) > 1 and len(others) > 1 and words[-1] == others[-1]:
        del words[-1], others[-1]
    return "_".join(words)


def _limit(name: str) -> float:
    """How many slips a name of this length may have."""
    return 1 if len(name) < 5 else 2 if len(name) < 9 else 3


def _score(name: str, option: str) -> float | None:
    """The number of slips between two names, None if they are too far apart."""
    if _folded(name) == _folded(option):
        return 0.25 if name.lower() == option.lower() else 0.5
    if not option or abs(len(name) - len(option)) > 6:
        return None
    limit = _limit(min(name, option, key=len))
    slips = _slips(name.lower(), option.lower(), int(limit))
    if slips <= limit and (len(name) > 2 or len(name) == len(option)) and slips < len(name):
        return slips + (len(name) <= 2) * 1.0
    short, long = sorted((name.lower(), option.lower()), key=len)
    if len(short) >= 3 and (long.startswith(short) or long.endswith(short)):
        return limit + 1  # `acc` for `accuracy`, `model_1` for `model`: a guess
    return None


def _folded(name: str) -> str:
    return re.sub(r"[\s_\-.]+", "", name).lower()


def _slips(one: str, other: str, limit: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment)."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
