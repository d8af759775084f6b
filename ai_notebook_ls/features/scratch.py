"""aiNotebook.scratch, complete: code that is in no cell."""

from __future__ import annotations

from typing import Any

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.scratch import scratch, try_out, with_scratch
from ai_notebook_ls.features import plain
from ai_notebook_ls.lsp import convert, wire
from ai_notebook_ls.lsp.server import NotebookServer
from ai_notebook_ls.lsp.surface import surface
from ai_notebook_ls.lsp.text import points, units


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Register the commands on a session."""

    @server.on_command("aiNotebook.scratch", wire.ScratchArguments)
    async def scratch_command(arguments: wire.ScratchArguments) -> Any:
        if arguments.branch:
            notebook, below = plain.place(server, arguments)
            notebook, cell = with_scratch(notebook, arguments.code, below)
        else:
            notebook, cell = with_scratch(server.documents.notebook(arguments.uri), arguments.code)
        async with surface(server, notebook, "Try in sidecar", arguments.token) as shown:
            outcome = await (try_out if arguments.branch else scratch)(assistant, notebook, cell, shown)
        if not server.client.rich:
            plain.show_outcome(server, notebook, cell, outcome)
        return wire.encode(convert.outcome(notebook, outcome))

    @server.on_command("aiNotebook.complete", wire.CompleteArguments)
    async def complete_command(arguments: wire.CompleteArguments) -> Any:
        kernel = assistant.kernels.kernel(server.documents.notebook(arguments.uri))
        code, cursor = arguments.code, points(arguments.code, arguments.cursor)
        found = await kernel.complete(code, cursor)
        if found is None:
            return wire.encode(wire.Completions([], arguments.cursor, arguments.cursor))
        return wire.encode(wire.Completions([*found.matches], units(code, found.start), units(code, found.end)))
