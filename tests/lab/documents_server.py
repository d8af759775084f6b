"""The real session behind the real WebSocket door, which also tells what it holds: for the tests of lab-plugin.

Prints where it listens, as JSON, and ends when its standard input does: no test can leave it behind.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any
from urllib.parse import unquote

from lsprotocol import types as t

from ai_notebook_ls.core.failures import AssistError
from ai_notebook_ls.doors.websocket import new_token, on_port
from ai_notebook_ls.lsp.server import NotebookServer

HOST = "127.0.0.1"


def open_session() -> NotebookServer:
    """Return a session with one request more: what it holds of a notebook, null if that is not open."""
    session = NotebookServer()

    @session.feature("test/held")
    def held(params: dict[str, Any]) -> dict[str, Any] | None:
        document = session.documents.workspace.get_notebook_document(notebook_uri=params["uri"])
        return None if document is None else _held(session, document)

    return session


def _held(session: NotebookServer, document: t.NotebookDocument) -> dict[str, Any]:
    try:
        snapshot = session.documents.notebook(document.uri)
    except AssistError as error:
        return {"problem": str(error)}
    return {
        "path": snapshot.path,
        "language": snapshot.language,
        "cells": [
            {
                **{"id": cell.id, "kind": cell.kind, "source": cell.source, "version": cell.version},
                "tookMs": cell.took_ms,
                "languageId": session.documents.text(cell.uri).language_id,
            }
            for cell in snapshot.cells
        ],
        "documents": sum(
            uri.startswith(f"{unquote(document.uri)}#") for uri in session.documents.workspace.text_documents
        ),
    }


async def main() -> None:
    """Listen until standard input ends."""
    token = new_token()
    server = await on_port(HOST, 0, token, [], open_session)
    port = next(iter(server.sockets)).getsockname()[1]
    print(json.dumps({"url": f"ws://{HOST}:{port}/", "token": token}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


asyncio.run(main())
