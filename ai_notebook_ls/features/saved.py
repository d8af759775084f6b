"""textDocument/didOpen and didSave of a virtual document: look up the notebook's cells on disk."""

from __future__ import annotations

import asyncio

from lsprotocol import types as t

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.lsp import saved
from ai_notebook_ls.lsp.server import NotebookServer


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Follow what is opened and saved."""
    reading: set[asyncio.Task[None]] = set()

    async def read(uri: str) -> None:
        path = server.documents.notebook(uri).path
        notebook = await asyncio.to_thread(saved.read, path, uri) if path else None
        if notebook is not None and server.documents.is_virtual(uri):
            server.documents.saved(uri, notebook)
            server.changed(uri)

    def look_up(uri: str) -> None:
        if server.documents.is_virtual(uri):
            task = asyncio.ensure_future(read(uri))
            reading.add(task)
            task.add_done_callback(reading.discard)

    def stop() -> None:
        for task in reading:
            task.cancel()

    server.on_document_opened.append(look_up)
    server.on_abandoned.append(stop)

    @server.feature(t.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: t.DidSaveTextDocumentParams) -> None:
        look_up(params.text_document.uri)
