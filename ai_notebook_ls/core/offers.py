"""What may be offered here and now; what becomes a code action or a code lens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.recipes import Recipe

Verb = Literal["fix", "run", "explain", "improve"]

KINDS: dict[Verb, str] = {
    "fix": "quickfix",
    "run": "source.aiNotebook.run",
    "explain": "source.aiNotebook.explain",
    "improve": "refactor.rewrite.ai",
}
TITLES: dict[Verb, str] = {
    "fix": "Fix this cell (each fix is run before it is shown)",
    "run": "Run in sidecar",
    "explain": "Explain this cell",
    "improve": "Improve: all that fits…",
}
RECIPES = 3
"""Offered by name at most; the rest are behind one more offer, where somebody can choose among the results."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that makes sense at a place."""

    verb: Verb
    kind: str
    title: str
    recipe: str | None = None
    """For an improve: which one; None for all that fit."""


def offers(
    cell: Cell,
    *,
    failing: bool,
    invoked: bool,
    only: Sequence[str] | None = None,
    recipes: Sequence[Recipe] = (),
    chooses: bool = False,
) -> tuple[Offer, ...]:
    """Return the offers for a cell, the most useful first.

    An automatic request (the cursor moved) gets only the fix of a known failure, as in gopls; an invoked one gets all.
    `only` filters by code action kind; a kind includes its sub-kinds (LSP 3.17, CodeActionKind). `recipes` are those that
    fit the cell; `chooses` says whether the client can show several results.
    """
    if cell.kind != "code" or not cell.source.strip():
        return ()
    verbs: tuple[Verb, ...] = ("fix", "run", "explain") if failing else ("explain", "run", "fix")
    if not invoked:
        verbs = ("fix",) if failing else ()
    made = [Offer(verb, KINDS[verb], TITLES[verb]) for verb in verbs]
    if invoked and not failing:
        made += [Offer("improve", KINDS["improve"], each.title, each.name) for each in recipes[:RECIPES]]
        if chooses and len(recipes) > RECIPES:
            made.append(Offer("improve", KINDS["improve"], TITLES["improve"]))
    return tuple(offer for offer in made if wanted(offer.verb, only))


def wanted(verb: Verb, only: Sequence[str] | None) -> bool:
    """Return whether offers of a verb pass a filter by code action kind."""
    return only is None or any(_includes(kind, KINDS[verb]) for kind in only)


def _includes(kind: str, other: str) -> bool:
    return kind == "" or other == kind or other.startswith(kind + ".")
