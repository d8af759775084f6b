"""textDocument/hover."""

from __future__ import annotations

import asyncio
import re

from lsprotocol import types as t

from ai_notebook_ls.assist import hover as verb
from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core.failures import AssistError
from ai_notebook_ls.core.harmless import harmless
from ai_notebook_ls.lsp.server import NotebookServer
from ai_notebook_ls.lsp.text import TextDocument

NAME = re.compile(r"[^\W\d]\w*")
LONGEST = 100_000
"""Characters of a line in which a name is looked for."""


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Register the handler on a session."""

    @server.feature(t.TEXT_DOCUMENT_HOVER)
    async def hover(params: t.HoverParams) -> t.Hover | None:
        try:
            notebook, cell = server.documents.place(params.text_document.uri, params.position.line)
            document = server.documents.text(params.text_document.uri)
        except AssistError:
            return None
        name = name_at(document, params.position)
        # The first hover reads every cell above; in a long notebook that would hold the loop.
        markdown = await asyncio.to_thread(verb.hover, assistant, notebook, cell, name)
        return t.Hover(t.MarkupContent(t.MarkupKind.Markdown, harmless(markdown))) if markdown else None


def name_at(document: TextDocument, position: t.Position) -> str | None:
    """Return the identifier at a position in the client's units, or None."""
    line = document.line(position.line)
    if not line or len(line) > LONGEST:
        return None
    place = document.position_codec.position_from_client_units([line], t.Position(0, position.character))
    found = (m for m in NAME.finditer(line) if m.start() <= place.character <= m.end())
    match = next(found, None)
    return match[0] if match else None
