"""What core/findings tells about the notebooks that a session has open, looked at once for each change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.findings import NOTHING_DELETED, Deleted, Finding, findings
from ai_notebook_ls.core.ledger import Entry


@dataclass(frozen=True, slots=True)
class _Checked:
    notebook: Notebook
    ledger: tuple[Entry, ...]
    deleted: Deleted
    found: tuple[Finding, ...]


class Checks:
    """The findings of each notebook, as it was when last asked for."""

    def __init__(self) -> None:
        self.on = True
        self._checked: dict[str, _Checked] = {}
        self._turn = asyncio.Lock()

    async def of(self, notebook: Notebook, ledger: Sequence[Entry]) -> tuple[Finding, ...]:
        """Return the findings of a snapshot; the work is done in a thread."""
        if not self.on:
            return ()
        ran = tuple(ledger)
        async with self._turn:
            known = self._checked.get(notebook.uri)
            if known is None or known.notebook is not notebook or known.ledger != ran:
                known = await asyncio.to_thread(_check, notebook, ran, known)
                self._checked[notebook.uri] = known
        return known.found

    def forget(self, uri: str) -> None:
        """A notebook was closed."""
        self._checked.pop(uri, None)


def _check(notebook: Notebook, ledger: tuple[Entry, ...], before: _Checked | None) -> _Checked:
    deleted = before.deleted.after(before.notebook, notebook) if before else NOTHING_DELETED
    return _Checked(notebook, ledger, deleted, findings(notebook, ledger, deleted))
