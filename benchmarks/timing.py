"""How we measure: turn by turn, so that what disturbs one contender disturbs all."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def turns(contenders: Sequence[T], rounds: int) -> Iterator[T]:
    """Yield every contender once a round; each round begins with another one."""
    for number in range(rounds):
        start = number % len(contenders)
        yield from contenders[start:]
        yield from contenders[:start]


def since(began: float) -> float:
    """Return the milliseconds since a `time.perf_counter()`."""
    return (time.perf_counter() - began) * 1e3
