"""aiNotebook.history, sent, pin, forget: what was answered before, for a page that is loaded again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import attrs

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.history import Entry, size
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.lsp import convert, wire
from ai_notebook_ls.lsp.documents import cell_id
from ai_notebook_ls.lsp.server import NotebookServer
from ai_notebook_ls.ports import Preview


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Register the commands on a session."""

    @server.on_command("aiNotebook.history", wire.CellArguments)
    async def history_command(arguments: wire.CellArguments) -> Any:
        notebook = server.documents.notebook(arguments.uri)
        known = {cell.id: convert.cell_uri(notebook, cell.id) for cell in notebook.cells}
        entries = [_travelling(entry, notebook, known) for entry in assistant.history.of(notebook)]
        return wire.encode(wire.History(entries))

    @server.on_command("aiNotebook.sent", wire.SentArguments)
    async def sent_command(arguments: wire.SentArguments) -> Any:
        entries = assistant.history.of(server.documents.notebook(arguments.uri))
        sent = next((each.sent for each in entries if each.id == arguments.id), ())
        return wire.encode(wire.Sent([*map(_sent, sent)]))

    @server.on_command("aiNotebook.pin", wire.PinArguments)
    async def pin_command(arguments: wire.PinArguments) -> None:
        notebook = server.documents.notebook(arguments.uri)
        assistant.history.pin(notebook, arguments.id, arguments.pinned)

    @server.on_command("aiNotebook.forget", wire.ForgetArguments)
    async def forget_command(arguments: wire.ForgetArguments) -> None:
        assistant.history.forget(server.documents.notebook(arguments.uri), arguments.ids)


def kept(
    assistant: Assistant,
    notebook: Notebook,
    cell: Cell,
    command: str,
    arguments: wire.CellArguments,
    result: Any,
    sent: Sequence[Preview] = (),
) -> Any:
    """Return a command's result, and keep it if a page may ask for it again, by the token that it gave."""
    if arguments.token is None:
        return result
    told = {field.name: getattr(arguments, field.name, None) for field in attrs.fields(wire.Asked)}
    changed = {cell_id(edit["uri"]) for each in result.get("candidates", ()) for edit in each["edits"]}
    sources = {each.id: each.source for each in notebook.cells if each.id in changed or each.id == cell.id}
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    entry = Entry(
        str(arguments.token), command, cell.id, at, told, sources, result, size(result, sent), sent=tuple(sent)
    )
    assistant.history.add(notebook, entry)
    return result


def _sent(request: Preview) -> wire.SentRequest:
    messages = [wire.Message(each["role"], each["content"]) for each in request.messages]
    body = request.body.decode("utf-8", "replace")
    return wire.SentRequest(messages, request.tokens, [*request.redactions], body, request.destination)


def _travelling(entry: Entry, notebook: Notebook, known: dict[str, str]) -> wire.HistoryEntry:
    """A cell that is gone has the URI that it would have."""

    def uri(cell: str) -> str:
        return known.get(cell, f"{notebook.uri}#{cell}")

    sources = {uri(cell): source for cell, source in entry.sources.items()}
    asked = wire.Asked(**entry.asked)
    return wire.HistoryEntry(
        entry.id, entry.command, uri(entry.cell), entry.at, asked, sources, entry.result, entry.pinned
    )
