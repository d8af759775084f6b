"""A notebook as it was saved, for its cells' ids: those that look on through jupyterlab-lsp are not told them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ai_notebook_ls.core.cells import Cell, CellKind, Notebook

SIZE_LIMIT = 200_000_000
"""Bytes; outputs are most of a notebook's size."""
KINDS: dict[str, CellKind] = {"code": "code", "markdown": "markdown", "raw": "raw"}


def read(path: str, uri: str) -> Notebook | None:
    """Read an .ipynb; None where it is none, is too large, or too old to have ids. Blocks."""
    file = Path(path)
    try:
        if file.stat().st_size > SIZE_LIMIT:
            return None
        data = json.loads(file.read_bytes())
        metadata: Any = data.get("metadata") or {}
        spec = metadata.get("kernelspec") or {}
        language = (metadata.get("language_info") or {}).get("name") or spec.get("language") or "python"
        cells = tuple(map(_cell, data["cells"]))
        return Notebook(uri, cells, path, kernel_name=spec.get("name"), language=str(language))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # whatever it holds instead; it only helps to say more


def _cell(cell: dict[str, Any]) -> Cell:
    return Cell(str(cell["id"]), "".join(cell["source"]), KINDS[cell["cell_type"]])
