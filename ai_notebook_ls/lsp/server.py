"""One client's session: pygls' LanguageServer with our protocol, documents and surfaces."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types as t
from pygls.lsp.server import LanguageServer

from ai_notebook_ls import __version__
from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.lsp import wire
from ai_notebook_ls.lsp.checks import Checks
from ai_notebook_ls.lsp.client import Client
from ai_notebook_ls.lsp.documents import Documents
from ai_notebook_ls.lsp.protocol import Protocol, converter
from ai_notebook_ls.lsp.tasks import Tasks

logger = logging.getLogger(__name__)
A = TypeVar("A", bound=wire.CellArguments)

NOTEBOOKS = t.NotebookDocumentSyncOptions(
    # Filtered by cell language only: clients name Jupyter notebooks differently. Markdown cells are wanted, they count
    # in "cell 3".
    notebook_selector=[
        t.NotebookDocumentFilterWithNotebook(notebook="jupyter-notebook"),
        t.NotebookDocumentFilterWithNotebook(notebook=t.NotebookDocumentFilterPattern(pattern="**/*.ipynb")),
    ],
    save=False,
)


CHANGES = (
    t.TEXT_DOCUMENT_DID_OPEN,
    t.TEXT_DOCUMENT_DID_CHANGE,
    t.TEXT_DOCUMENT_DID_CLOSE,
    t.NOTEBOOK_DOCUMENT_DID_OPEN,
    t.NOTEBOOK_DOCUMENT_DID_CHANGE,
    t.NOTEBOOK_DOCUMENT_DID_CLOSE,
)


@dataclass(slots=True)
class Published:
    """The diagnostics a session was sent."""

    by_document: dict[str, dict[str, tuple[str, t.Diagnostic]]] = field(default_factory=dict)
    """Failures: document URI -> cell id -> (digest of the cell, diagnostic)."""
    findings: dict[str, list[t.Diagnostic]] = field(default_factory=dict)
    """Document URI -> what dataflow tells."""


class NotebookServer(LanguageServer):
    """One session. Features are registered by app.py; all of a process's sessions share their kernels."""

    protocol: Protocol

    def __init__(self, root: Path | None = None) -> None:
        super().__init__(
            "ai-notebook-ls",
            __version__,
            notebook_document_sync=NOTEBOOKS,
            protocol_cls=Protocol,
            converter_factory=converter,
        )
        self.root_uri = root.absolute().as_uri() if root else None
        """Told to a page that knows only the path below it."""
        self.documents = Documents()
        self.tasks = Tasks()
        self.client = Client()
        self.code_lens = True
        self.checks = Checks()
        self.published = Published()
        self.on_document_changed: list[Callable[[str], None]] = []
        """Called with the URI of a notebook or script that was opened, changed or closed."""
        self.on_document_opened: list[Callable[[str], None]] = []
        """Called with the URI of a notebook or script that was opened, after the others."""
        self.on_abandoned: list[Callable[[], object]] = []
        """Called when the session is over."""
        _keep_up(self)

    # -- what pygls leaves to us -------------------------------------------------------------------------------------

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log it; upstream's default is a pop-up in the user's editor."""
        logger.error("A message could not be handled: %s", type(error).__name__)

    def adopt(self) -> dict[str, Any]:
        """Read what `initialize` said; return the `experimental` capabilities of its answer."""
        self.client = Client.read(self.client_capabilities)
        self.documents.workspace = self.protocol.our_workspace
        return {"aiNotebook": wire.encode(wire.Abilities(wire.VERSION, self.root_uri))}

    # -- what features use -------------------------------------------------------------------------------------------

    def on_command(self, name: str, shape: type[A]) -> Callable[[Callable[[A], Awaitable[Any]]], None]:
        """Register a command whose one argument object has the given shape; its token cancels it."""

        def register(handler: Callable[[A], Coroutine[Any, Any, Any]]) -> None:
            async def command(params: t.ExecuteCommandParams) -> Any:
                arguments = wire.decode(params.arguments, shape)
                if arguments.token is None:
                    return await handler(arguments)
                return await self.tasks.run(arguments.token, handler(arguments))

            self.command(name)(command)

        return register  # type: ignore[return-value]

    def tell(self, method: str, params: Any) -> None:
        """Send one of our own notifications (protocol.md, "Notifications to a rich client")."""
        self.protocol.notify(method, wire.encode(params))

    def say(self, message: str, kind: t.MessageType = t.MessageType.Info) -> None:
        """Show a short message in a plain client."""
        self.window_show_message(t.ShowMessageParams(kind, message))

    def has_open(self, notebook: Notebook) -> bool:
        """Whether this session has the notebook open."""
        return self.documents.is_open(notebook.uri)

    def changed(self, uri: str) -> None:
        """A notebook or script was opened, changed or closed, or is known better than before."""
        self.documents.forget(uri)
        for listener in self.on_document_changed:
            listener(uri)

    def abandon(self) -> None:
        """The connection is gone: stop all that it asked for."""
        self.protocol.abandon()
        for listener in self.on_abandoned:
            listener()


def _keep_up(session: NotebookServer) -> None:
    """Follow what the client opens, changes, closes and cancels; pygls has updated its workspace by then."""

    def changed(params: Any) -> None:
        document = getattr(params, "notebook_document", None) or params.text_document
        session.changed(document.uri)
        if isinstance(params, (t.DidOpenTextDocumentParams, t.DidOpenNotebookDocumentParams)):
            for listener in session.on_document_opened:
                listener(document.uri)

    for method in CHANGES:
        # pygls marks the function it is given, so each method needs one of its own.
        session.feature(method)(lambda params: changed(params))

    @session.feature(t.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancelled(params: t.WorkDoneProgressCancelParams) -> None:
        session.tasks.cancel(params.token)
