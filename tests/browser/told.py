"""What the server knows of a page's notebooks: the page's own messages, read by the server's own documents."""

from __future__ import annotations

import json
from typing import Any

from lsprotocol import types as t
from playwright.sync_api import Page, WebSocket
from pygls.protocol import default_converter

from ai_notebook_ls.lsp.text import Workspace

CONVERTER = default_converter()


class Told:
    """Follows a page from before it opens a notebook."""

    def __init__(self, page: Page) -> None:
        self.workspace = Workspace(None)
        page.on("websocket", self._follow)

    @property
    def notebooks(self) -> dict[str, list[str]]:
        """The texts of the cells of all notebooks that are open, by URI."""
        return {
            notebook.uri: [self.workspace.get_text_document(cell.document).source for cell in notebook.cells]
            for notebook in self.workspace.notebook_documents.values()
        }

    def _follow(self, socket: WebSocket) -> None:
        if socket.url.partition("?")[0].endswith("/ai-notebook-ls/"):
            socket.on("framesent", lambda frame: self._take(json.loads(frame)))

    def _take(self, message: dict[str, Any]) -> None:
        params = message.get("params")
        match message.get("method"):
            case "initialize":
                self.workspace = Workspace(None)
            case "notebookDocument/didOpen":
                self.workspace.put_notebook_document(CONVERTER.structure(params, t.DidOpenNotebookDocumentParams))
            case "notebookDocument/didChange":
                self.workspace.update_notebook_document(CONVERTER.structure(params, t.DidChangeNotebookDocumentParams))
            case "notebookDocument/didClose":
                self.workspace.remove_notebook_document(CONVERTER.structure(params, t.DidCloseNotebookDocumentParams))
