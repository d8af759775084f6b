"""What a kernel process is known by, from one run to the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ai_notebook_ls.core.cells import SCRATCH, Notebook

START = "."
"""The folder that a kernel was started in."""


@dataclass(slots=True)
class Past:
    """Which cell a kernel means by an execution count, a request or a display."""

    counts: dict[int, str] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    displays: dict[str, str] = field(default_factory=dict)
    watched: bool = False
    """Whether the helper is there that tells which names a cell changes (footprint.py)."""

    folders: dict[str, str] = field(default_factory=dict)
    """Which folder a cell went to when it ran last, if to another than it had started in; relative to the first one."""
    folder: str | None = START
    """Where the kernel is, if it has told."""

    def folder_before(self, notebook: Notebook, cell: str) -> str | None:
        """Return the folder to start a cell in, as the cells above have set it; None: wherever the kernel is."""
        places = {each.id: place for place, each in enumerate(notebook.cells)}
        if cell == SCRATCH or cell not in places:
            return None
        above = (each.id for each in reversed(notebook.cells[: places[cell]]))
        return next((self.folders[each] for each in above if each in self.folders), START)

    def went(self, cell: str, came: str | None, left: str | None) -> None:
        """Take note of the folders that a cell started and ended in, as far as the kernel has told."""
        self.folder = left
        if came is None or left is None or left == came:
            self.folders.pop(cell, None)
        else:
            self.folders[cell] = left

    def copy(self) -> Past:
        """Return what a fork of the process starts from."""
        return replace(
            self,
            counts=dict(self.counts),
            requests=dict(self.requests),
            displays=dict(self.displays),
            folders=dict(self.folders),
        )


def late_notice(notebook: Notebook, cell: str, late: Iterable[str]) -> str:
    """Say which cells wrote something while another one ran; empty where none did."""
    numbers = {each.id: f"cell {place}" for place, each in enumerate(notebook.cells, 1)}
    who = ["an earlier run of this cell" if it == cell else numbers.get(it, "a deleted cell") for it in late]
    if not who:
        return ""
    return f"After its end {' and '.join(who)} went on writing (from a thread, say); that is not among these outputs."
