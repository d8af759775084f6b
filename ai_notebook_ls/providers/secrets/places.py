"""Where secrets stand in a text, each time that they do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

SHORT = 8
"""Characters; a shorter secret may be a part of words that have nothing to do with it."""
HEAD = 3
"""Characters that tell quickly whether a secret can begin at a place; none is shorter."""
GLUED = re.compile(r"\s-[pP]\Z|\\[nrt]\Z")


def spans(text: str, found: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Yield beginning, end and kind of each, in order; those that overlap as one, so that no part of either is left.

    `found` are secrets and their kinds. A short one counts as a word of its own only, `mysql -p` or an escape before it is no
    part of the word; where it never stands so, anywhere. Those without a kind, known from other texts, not even then.
    Once over the text, however many there are.
    """
    places = sorted(_places(text, found))
    if not places:
        return
    start, end, kind = places[0]
    longest = end - start
    for first, last, other in places[1:]:
        if first >= end:
            yield start, end, kind
            start, end, kind, longest = first, last, other, last - first
        else:
            if last - first > longest:
                kind, longest = other, last - first
            end = max(end, last)
    yield start, end, kind


def _places(text: str, found: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    lengths: dict[str, set[int]] = {}
    for secret in found:
        if len(secret) >= HEAD:
            lengths.setdefault(secret[:HEAD], set()).add(len(secret))
    longest_first = {head: sorted(each, reverse=True) for head, each in lengths.items()}
    placed = set()
    for start in range(len(text) - HEAD + 1) if lengths else ():
        for length in longest_first.get(text[start : start + HEAD], ()):
            secret = text[start : start + length]
            if secret in found and (length >= SHORT or _is_word(text, start, start + length)):
                placed.add(secret)
                yield start, start + length, found[secret]
                break
    for secret, kind in found.items():
        if kind and HEAD <= len(secret) < SHORT and secret not in placed:
            yield from ((match.start(), match.end(), kind) for match in re.finditer(re.escape(secret), text))


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether what stands there is not a part of a longer word."""
    if _in_word(text[end - 1]) and end < len(text) and _in_word(text[end]):
        return False
    before = start > 0 and _in_word(text[start]) and _in_word(text[start - 1])
    return not before or GLUED.search(text[max(0, start - 3) : start]) is not None


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
