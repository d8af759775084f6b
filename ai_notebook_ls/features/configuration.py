"""initialize's options and workspace/didChangeConfiguration: what a client may set for its own session.

Nothing that decides where code runs or where text is sent is read from a client: such settings could come from a
workspace folder (SECURITY.md).
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types as t

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.lsp.server import NotebookServer


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Register the handlers on a session."""
    server.code_lens = assistant.settings.code_lens
    server.checks.on = assistant.settings.diagnostics

    @server.feature(t.INITIALIZE)
    def initialize(params: t.InitializeParams) -> None:
        _take(server, params.initialization_options)

    @server.feature(t.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: t.DidChangeConfigurationParams) -> None:
        _take(server, params.settings)


def _take(server: NotebookServer, options: Any) -> None:
    """Read the section `aiNotebook`; what does not fit is ignored, the default stands."""
    section = options.get("aiNotebook") if isinstance(options, dict) else None
    if not isinstance(section, dict):
        return
    if isinstance(value := section.get("codeLens"), bool):
        server.code_lens = value
    if isinstance(value := section.get("diagnostics"), bool):
        server.checks.on = value
