"""What a kernel process is known by, from one run to the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ai_notebook_ls.core.cells import Notebook


@dataclass(slots=True)
class Past:
    """Which cell a kernel means by an execution count, a request or a display."""

    counts: dict[int, str] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    displays: dict[str, str] = field(default_factory=dict)
    watched: bool = False
    """Whether the helper is there that tells which names a cell changes (footprint.py)."""

    def copy(self) -> Past:
        """Return what a fork of the process starts from."""
        return replace(self, counts=dict(self.counts), requests=dict(self.requests), displays=dict(self.displays))


def late_notice(notebook: Notebook, cell: str, late: Iterable[str]) -> str:
    """Say which cells wrote something while another one ran; empty where none did."""
    numbers = {each.id: f"cell {place}" for place, each in enumerate(notebook.cells, 1)}
    who = ["an earlier run of this cell" if it == cell else numbers.get(it, "a deleted cell") for it in late]
    if not who:
        return ""
    return f"After its end {' and '.join(who)} went on writing (from a thread, say); that is not among these outputs."
