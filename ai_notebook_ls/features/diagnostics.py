"""textDocument/publishDiagnostics: the failure of a sidecar run, on its line, until the cell is edited or runs."""

from __future__ import annotations

from lsprotocol import types as t

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.hover import first_line
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import AssistError
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.lsp import convert
from ai_notebook_ls.lsp.server import NotebookServer

SOURCE = "ai-notebook-ls"


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Take diagnostics back when their cell is edited."""
    server.on_document_changed.append(lambda uri: _withdraw_edited(server, uri))


def publish(server: NotebookServer, notebook: Notebook, outcome: Outcome) -> None:
    """Publish the failure of a run, and withdraw those of the cells that ran."""
    for cell_id in {*outcome.replayed, outcome.cell}:
        cell = notebook.cell(cell_id)
        known = server.published.by_document.get(cell.uri, {})
        if known.pop(cell_id, None) is not None:
            _send(server, cell.uri)
    if outcome.failure is not None:
        cell = notebook.cell(outcome.failure.cell)
        entry = (cell.digest, _diagnostic(server, cell, outcome))
        server.published.by_document.setdefault(cell.uri, {})[cell.id] = entry
        _send(server, cell.uri)


def _diagnostic(server: NotebookServer, cell: Cell, outcome: Outcome) -> t.Diagnostic:
    failure = outcome.failure
    assert failure is not None
    return t.Diagnostic(
        range=convert.cell_range(cell, failure.line, server.documents.text(cell.uri)),
        message=f"{failure.ename}: {first_line(failure.evalue)} (in the sidecar)",
        severity=t.DiagnosticSeverity.Error,
        source=SOURCE,
        code=failure.ename,
    )


def _withdraw_edited(server: NotebookServer, uri: str) -> None:
    """Withdraw the diagnostics of cells whose text is no longer the one that failed.

    Called with every key: nothing is looked at while nothing is published.
    """
    published = {document: known for document, known in server.published.by_document.items() if known}
    if not published:
        return
    try:
        notebook = server.documents.notebook(uri)
    except AssistError:
        return  # closed
    for cell in notebook.cells:
        known = published.get(cell.uri, {})
        if cell.id in known and known[cell.id][0] != cell.digest:
            del known[cell.id]
            _send(server, cell.uri)


def _send(server: NotebookServer, uri: str) -> None:
    diagnostics = [diagnostic for _, diagnostic in server.published.by_document.get(uri, {}).values()]
    server.text_document_publish_diagnostics(t.PublishDiagnosticsParams(uri, diagnostics))
