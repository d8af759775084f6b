"""notebookDocument/didOpen, textDocument/didOpen: get ready, so that a kernel is there when it is asked for."""

from __future__ import annotations

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core.failures import AssistError
from ai_notebook_ls.lsp.server import NotebookServer


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Prepare for each notebook, and for each script that has cells."""

    def opened(uri: str) -> None:
        try:
            notebook = server.documents.notebook(uri)
        except AssistError:
            return
        if notebook.virtual:  # nothing can be run from there
            return
        if assistant.settings.prepare and (not notebook.is_script or len(notebook.code) > 1):
            assistant.kernels.prepare(notebook)

    server.on_document_opened.append(opened)
