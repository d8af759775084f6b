"""Diagnostics: the failure of a sidecar run, on its line; and what dataflow tells, pushed or pulled.

Failures are always pushed. The rest is pulled by a client that can be told to pull again, and pushed to any other.
"""

from __future__ import annotations

import asyncio

from lsprotocol import types as t

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.hover import first_line
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import AssistError
from ai_notebook_ls.core.findings import Finding
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.lsp import convert
from ai_notebook_ls.lsp.server import NotebookServer

SOURCE = "ai-notebook-ls"
PAUSE = 0.3
"""Seconds without an edit before anything is told."""


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Follow edits and runs, and answer clients that pull."""
    pusher = _Pusher(server, assistant)
    server.on_document_changed.append(lambda uri: _withdraw_edited(server, uri))
    server.on_document_changed.append(pusher.soon)
    server.on_abandoned.append(pusher.stop)

    def ran(notebook: Notebook) -> None:
        if server.has_open(notebook):  # perhaps by another spelling of its URI
            pusher.soon(server.documents.notebook(notebook.uri).uri)

    assistant.listeners.add(ran)
    server.on_abandoned.append(lambda: assistant.listeners.discard(ran))

    options = t.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier=SOURCE)

    @server.feature(t.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def diagnostic(params: t.DocumentDiagnosticParams) -> t.RelatedFullDocumentDiagnosticReport:
        uri = params.text_document.uri
        if not server.client.pulls_diagnostics:
            return t.RelatedFullDocumentDiagnosticReport(items=[])  # it is pushed them
        try:
            notebook = server.documents.notebook(uri)
            found = await found_in(server, assistant, notebook)
        except AssistError:  # closed, perhaps meanwhile
            return t.RelatedFullDocumentDiagnosticReport(items=[])
        found = {each: [told for told in items if not has_failed(server, each, told)] for each, items in found.items()}
        own = found.pop(uri, [])
        related = {other: t.FullDocumentDiagnosticReport(items) for other, items in found.items()}
        return t.RelatedFullDocumentDiagnosticReport(
            items=own, related_documents=dict(related) if related and server.client.related_documents else None
        )


async def found_in(
    server: NotebookServer, assistant: Assistant, notebook: Notebook
) -> dict[str, list[t.Diagnostic]]:  # fmt: skip
    """Return the findings of a notebook: document URI -> diagnostics. Raises NotebookUnknown."""
    found: dict[str, list[t.Diagnostic]] = {}
    for each in await server.checks.of(notebook, assistant.kernels.kernel(notebook).ledger):
        found.setdefault(notebook.cell(each.cell).uri, []).append(encoded(server, notebook, each))
    return found


def encoded(server: NotebookServer, notebook: Notebook, finding: Finding) -> t.Diagnostic:
    """Return a finding as the client shows it. Raises NotebookUnknown."""
    cell = notebook.cell(finding.cell)
    related = None
    if finding.origin is not None and server.client.related_information:
        other = notebook.cell(finding.origin[0])
        place = convert.cell_range(other, finding.origin[1], server.documents.text(other.uri))
        related = [t.DiagnosticRelatedInformation(t.Location(other.uri, place), f"cell {notebook.number(other.id)}")]
    stale = finding.kind == "stale"
    return t.Diagnostic(
        range=convert.span_range(cell, finding.span, server.documents.text(cell.uri)),
        message=finding.message,
        severity=t.DiagnosticSeverity.Hint if stale else t.DiagnosticSeverity.Warning,
        source=SOURCE,
        code=finding.kind,
        related_information=related,
    )


def has_failed(server: NotebookServer, uri: str, told: t.Diagnostic) -> bool:
    """Return whether a run's failure already tells of the line of a finding."""
    failures = server.published.by_document.get(uri, {}).values()
    return any(failure.range.start.line == told.range.start.line for _, failure in failures)


class _Pusher:
    """Tells a session's client what changed, a moment after the last edit."""

    def __init__(self, server: NotebookServer, assistant: Assistant) -> None:
        self._server = server
        self._assistant = assistant
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._shown: dict[str, set[str]] = {}
        """Notebook URI -> documents with findings."""

    def soon(self, uri: str) -> None:
        if uri in self._waiting:
            self._waiting.pop(uri).cancel()
        self._waiting[uri] = asyncio.get_running_loop().call_later(PAUSE, self._start, uri)

    def stop(self) -> None:
        for handle in self._waiting.values():
            handle.cancel()
        for task in self._working:
            task.cancel()

    def _start(self, uri: str) -> None:
        self._waiting.pop(uri, None)
        task = asyncio.ensure_future(self._tell(uri))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _tell(self, uri: str) -> None:
        server = self._server
        try:
            if server.client.pulls_diagnostics:
                await server.workspace_diagnostic_refresh_async(None)
                return
            notebook = server.documents.notebook(uri)
            found = await found_in(server, self._assistant, notebook)
            if server.documents.notebook(uri) is notebook:  # else it is looked at again in a moment
                if notebook.virtual:
                    recall(server, self._assistant, notebook)
                self._push(uri, found)
        except AssistError:  # closed
            server.checks.forget(uri)
            self._push(uri, {})
        except Exception as error:
            server.report_server_error(error, None)

    def _push(self, uri: str, found: dict[str, list[t.Diagnostic]]) -> None:
        published = self._server.published
        for document in sorted(found.keys() | self._shown.get(uri, set())):
            if published.findings.get(document, []) != found.get(document, []):
                published.findings[document] = found.get(document, [])
                _send(self._server, document)
        self._shown[uri] = set(found)


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


def recall(server: NotebookServer, assistant: Assistant, notebook: Notebook) -> None:
    """Publish the failures of the cells as they stand; those who look on were not there when the cells ran."""
    failed: dict[str, tuple[str, t.Diagnostic]] = {}
    for cell in notebook.code:
        outcome = assistant.memory.about(notebook, cell).outcome
        if outcome is not None and outcome.failure is not None and outcome.failure.cell == cell.id:
            failed[cell.id] = (cell.digest, _diagnostic(server, cell, outcome))
    if failed != server.published.by_document.get(notebook.uri, {}):
        server.published.by_document[notebook.uri] = failed
        _send(server, notebook.uri)


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
    failures = [diagnostic for _, diagnostic in server.published.by_document.get(uri, {}).values()]
    expected = [each for each in server.published.findings.get(uri, ()) if not has_failed(server, uri, each)]
    diagnostics = [*failures, *expected]
    server.text_document_publish_diagnostics(t.PublishDiagnosticsParams(uri, diagnostics))
