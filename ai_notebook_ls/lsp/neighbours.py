"""The sessions of this process: what one shows as a text of its own, another may have open as the notebook it is."""

from __future__ import annotations

from collections.abc import Callable

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.lsp.server import NotebookServer


class Neighbours:
    """All sessions that are connected."""

    def __init__(self) -> None:
        self._sessions: dict[NotebookServer, None] = {}

    def join(self, session: NotebookServer) -> None:
        """Take in a session, until its connection ends."""
        self._sessions[session] = None
        session.on_abandoned.append(lambda: self._sessions.pop(session, None))
        session.documents.elsewhere = self._look_for(session)

    def _look_for(self, asking: NotebookServer) -> Callable[[str], Notebook | None]:
        def look(uri: str) -> Notebook | None:
            others = (each.documents for each in self._sessions if each is not asking)
            # The last page that was opened, where there are several: it is most likely the one that is looked at.
            return next((each.notebook(uri) for each in reversed([*others]) if each.has_notebook(uri)), None)

        return look
