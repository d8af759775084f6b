"""textDocument/codeLens: `Run in sidecar` over each code cell, with its last result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from lsprotocol import types as t

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import AssistError
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.lsp.protocol import converter
from ai_notebook_ls.lsp.server import NotebookServer


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Register the handler on a session."""

    @server.feature(t.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(params: t.CodeLensParams) -> Any:
        if not server.code_lens:
            return []
        try:
            notebook = server.documents.notebook(params.text_document.uri)
            cells = notebook.code if notebook.is_script else (server.documents.place(params.text_document.uri)[1],)
        except AssistError:
            return []
        return await asyncio.to_thread(_lenses, assistant, notebook, cells)


def _lenses(assistant: Assistant, notebook: Notebook, cells: Sequence[Cell]) -> Any:
    """Return the lenses as they travel: a script may have thousands."""
    shown = [_lens(assistant, notebook, cell) for cell in cells if cell.kind == "code" and cell.source.strip()]
    return converter().unstructure(shown)


def _lens(assistant: Assistant, notebook: Notebook, cell: Cell) -> t.CodeLens:
    line = max(0, cell.first_line - 1)  # a script's cell: on its marker
    start = t.Position(line, 0)
    argument = {"uri": cell.uri, "position": {"line": cell.first_line, "character": 0}}
    title = f"▶ Run in sidecar{_result(assistant.memory.about(notebook, cell).outcome)}"
    return t.CodeLens(t.Range(start, start), t.Command(title, "aiNotebook.run", arguments=[argument]))


def _result(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    if outcome.status == "ok":
        return f" · ran in {outcome.duration_ms / 1e3:.1f} s"
    return f" · {outcome.failure.ename if outcome.failure else outcome.status}"
