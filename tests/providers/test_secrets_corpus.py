"""Secrets as notebooks hold them, and cells that hold none: how many are kept back, and how many are touched for nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from ai_notebook_ls.providers.redaction import SecretRedactor

from ..scenarios.corpus import load

CORPORA = Path(__file__).parent.parent / "corpora"
KEPT_BACK = 115 / 120
TOUCHED = 1 / 200


def test_secrets_are_kept_back() -> None:
    shapes = json.loads((CORPORA / "secrets" / "shapes.json").read_text(encoding="utf-8"))
    kinds: dict[str, list[bool]] = defaultdict(list)
    for shape in shapes:
        left = SecretRedactor().redacted(shape["text"])
        kinds[shape["kind"]].append(not any(secret in left for secret in shape["secrets"]))
    kept = sum(map(sum, kinds.values()))
    leaking = {kind: f"{sum(each)} of {len(each)}" for kind, each in kinds.items() if not all(each)}
    print(f"{kept} of {len(shapes)} texts with secrets in {len(kinds)} kinds are kept back; not all of: {leaking}")
    assert len(shapes) >= 120
    assert kept >= KEPT_BACK * len(shapes), leaking


def test_ordinary_cells_are_left_alone() -> None:
    cells = [cell for scenario in load() for cell in scenario.cells]
    for corpus in ("reach/above.json", "secrets/ordinary.json"):
        cells += [each["text"] for each in json.loads((CORPORA / corpus).read_text(encoding="utf-8"))]
    touched = [cell for cell in cells if SecretRedactor().redacted(cell) != cell]
    print(f"{len(touched)} of {len(cells)} ordinary texts are touched")
    assert len(cells) >= 1000
    assert len(touched) <= TOUCHED * len(cells), touched
