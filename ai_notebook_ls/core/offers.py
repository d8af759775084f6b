"""What may be offered here and now; what becomes a code action or a code lens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ai_notebook_ls.core.cells import Cell

Verb = Literal["fix", "run", "explain"]

KINDS: dict[Verb, str] = {
    "fix": "quickfix",
    "run": "source.aiNotebook.run",
    "explain": "source.aiNotebook.explain",
}
TITLES: dict[Verb, str] = {
    "fix": "Fix this cell (each fix is run before it is shown)",
    "run": "Run in sidecar",
    "explain": "Explain this cell",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that makes sense at a place."""

    verb: Verb
    kind: str
    title: str


def offers(cell: Cell, *, failing: bool, invoked: bool, only: Sequence[str] | None = None) -> tuple[Offer, ...]:
    """Return the offers for a cell, the most useful first.

    An automatic request (the cursor moved) gets only the fix of a known failure, as in gopls; an invoked one gets all.
    `only` filters by code action kind; a kind includes its sub-kinds (LSP 3.17, CodeActionKind).
    """
    if cell.kind != "code" or not cell.source.strip():
        return ()
    verbs: tuple[Verb, ...] = ("fix", "run", "explain") if failing else ("explain", "run", "fix")
    if not invoked:
        verbs = ("fix",) if failing else ()
    made = (Offer(verb, KINDS[verb], TITLES[verb]) for verb in verbs)
    if only is None:
        return tuple(made)
    return tuple(offer for offer in made if any(_includes(kind, offer.kind) for kind in only))


def _includes(kind: str, other: str) -> bool:
    return kind == "" or other == kind or other.startswith(kind + ".")
