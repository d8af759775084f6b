"""Where a session's long work shows itself: a rich page by its own token, a plain editor by server-created progress."""

from __future__ import annotations

import asyncio
import contextlib
import math
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.outcomes import Output
from ai_notebook_ls.lsp import wire
from ai_notebook_ls.lsp.convert import cell_uri
from ai_notebook_ls.lsp.server import NotebookServer

DELTA_INTERVAL = 0.05
"""Seconds between two `aiNotebook/delta`: a page repaints no faster, and each costs more than the token it carries."""

ANSWER_TIMEOUT = 300.0
"""Seconds a person has for an answer; @jupyterlab/lsp never gives one (core/connection.ts), nor shows the question."""

CREATE_TIMEOUT = 2.0
"""Seconds to wait for a client to create a progress; @jupyterlab/lsp never answers some requests."""


class SilentSurface:
    """Shows nothing, and nobody answers."""

    def progress(self, message: str) -> None:
        """Say nothing."""

    def delta(self, text: str) -> None:
        """Stream nothing."""

    def output(self, cell: str, output: Output) -> None:
        """Show nothing."""

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        """Get no answer."""
        return None


class AskingSurface(SilentSurface):
    """Shows nothing of the work's course: the client gave no token and cannot be asked for one."""

    def __init__(self, server: NotebookServer) -> None:
        self.server = server

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        """Put a question to the user, by LSP's own means."""
        actions = [t.MessageActionItem(answer) for answer in answers]
        params = t.ShowMessageRequestParams(t.MessageType.Warning, question, actions)
        self.progress("Waiting for your answer")
        try:
            request = self.server.protocol.ask(t.WINDOW_SHOW_MESSAGE_REQUEST, params)
            answer = await asyncio.wait_for(request, ANSWER_TIMEOUT)
        except (asyncio.TimeoutError, JsonRpcException):
            return None
        return answer.title if answer is not None else None


class TokenSurface(AskingSurface):
    """Reports on a progress token that the client knows."""

    def __init__(self, server: NotebookServer, token: str | int) -> None:
        super().__init__(server)
        self.token = token

    def begin(self, title: str) -> None:
        """Open the progress."""
        self._send({"kind": "begin", "title": title, "cancellable": True})

    def progress(self, message: str) -> None:
        """Report a step."""
        self._send({"kind": "report", "message": message, "cancellable": True})

    def end(self) -> None:
        """Close the progress."""
        self._send({"kind": "end"})

    def _send(self, value: dict[str, Any]) -> None:
        self.server.protocol.notify(t.PROGRESS, t.ProgressParams(self.token, value))


class RichSurface(TokenSurface):
    """A page: streams text and outputs too."""

    def __init__(self, server: NotebookServer, token: str | int, notebook: Notebook) -> None:
        super().__init__(server, token)
        self._notebook = notebook
        self._text: list[str] = []
        self._flush_later: asyncio.TimerHandle | None = None
        self._flushed = -math.inf
        """When text was last sent, by the loop's clock."""

    def delta(self, text: str) -> None:
        """Stream text, the first at once, at most 20 messages a second."""
        self._text.append(text)
        if self._flush_later is None:
            due = self._flushed + DELTA_INTERVAL
            self._flush_later = asyncio.get_running_loop().call_at(due, self._flush)

    def output(self, cell: str, output: Output) -> None:
        """Show an output under its cell, if that is still there: a thread may write for a deleted one."""
        if any(each.id == cell for each in self._notebook.cells):
            uri = cell_uri(self._notebook, cell)
            self.server.tell("aiNotebook/output", wire.CellOutput(self.token, uri, output))

    def end(self) -> None:
        """Send what is left, then close the progress."""
        self._flush()
        super().end()

    def _flush(self) -> None:
        if self._flush_later is not None:
            self._flush_later.cancel()
            self._flush_later = None
        if self._text:
            self._flushed = asyncio.get_running_loop().time()
            self.server.tell("aiNotebook/delta", wire.Delta(self.token, "".join(self._text)))
            self._text.clear()


@contextlib.asynccontextmanager
async def surface(
    server: NotebookServer, notebook: Notebook, title: str, token: str | int | None
) -> AsyncIterator[SilentSurface]:
    """Open the surface that fits the client, and close it whatever happens."""
    shown: TokenSurface
    if token is not None:
        shown = RichSurface(server, token, notebook) if server.client.rich else TokenSurface(server, token)
    elif server.client.work_done_progress and not server.client.rich:
        shown = TokenSurface(server, f"ai-notebook-{uuid.uuid4()}")
        await _create(server, shown.token)
    else:
        yield AskingSurface(server)
        return
    shown.begin(title)
    try:
        yield shown
    finally:
        shown.end()


async def _create(server: NotebookServer, token: str | int) -> None:
    """Ask for a progress; a client that refuses, or never answers, just shows none."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(
            server.window_work_done_progress_create_async(t.WorkDoneProgressCreateParams(token)), CREATE_TIMEOUT
        )
