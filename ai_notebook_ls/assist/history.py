"""What was answered about each notebook, kept while the server lives: a page that is loaded again shows it again."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.ports import Preview

ENTRIES, CHARACTERS, NOTEBOOKS = 50, 3_000_000, 50
"""Kept of each notebook, and of how many notebooks; in memory only. The oldest go first, pinned ones last."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One command and its answer."""

    id: str
    command: str
    cell: str
    at: str
    """When it was answered: ISO 8601, UTC."""
    asked: Mapping[str, Any]
    sources: Mapping[str, str]
    """The cells that the answer is about, as they stood: cell id -> source."""
    result: Any
    """As it travelled."""
    size: int
    """Characters of the result as JSON, and of what was sent for it."""
    pinned: bool = False
    sent: tuple[Preview, ...] = ()
    """The requests that really went to a model for it, in order."""


class History:
    """The entries of each notebook, oldest first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Entry, ...]] = OrderedDict()

    def of(self, notebook: Notebook) -> Sequence[Entry]:
        """Return what is kept of a notebook, oldest first."""
        return self._kept.get(_key(notebook), ())

    def add(self, notebook: Notebook, entry: Entry) -> None:
        """Keep an entry; one that is larger than all may be together is not kept."""
        if entry.size > CHARACTERS:
            return
        entries = [*self.of(notebook), entry]
        while len(entries) > ENTRIES or sum(each.size for each in entries) > CHARACTERS:
            entries.remove(next((each for each in entries if not each.pinned), entries[0]))
        self._put(notebook, entries)

    def pin(self, notebook: Notebook, entry_id: str, pinned: bool) -> None:
        """Let an entry be the last to go, or no longer."""
        entries = [replace(each, pinned=pinned) if each.id == entry_id else each for each in self.of(notebook)]
        self._put(notebook, entries)

    def forget(self, notebook: Notebook, ids: Collection[str]) -> None:
        """Drop entries."""
        self._put(notebook, [each for each in self.of(notebook) if each.id not in ids])

    def _put(self, notebook: Notebook, entries: Sequence[Entry]) -> None:
        self._kept[_key(notebook)] = tuple(entries)
        self._kept.move_to_end(_key(notebook))
        while len(self._kept) > NOTEBOOKS:
            self._kept.popitem(last=False)


def size(result: Any, sent: Sequence[Preview] = ()) -> int:
    """Return how many characters a result has as JSON, with what was sent for it."""
    return len(json.dumps(result)) + sum(len(each.body) for each in sent)


def _key(notebook: Notebook) -> str:
    return notebook.path or notebook.uri
