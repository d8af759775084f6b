"""workspace/executeCommand: the commands of protocol.md. A rich client reads the result, a plain one is shown it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from ai_notebook_ls.assist.ask import ask
from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.explain import explain
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.assist.improve import Wish, improve
from ai_notebook_ls.assist.preview import Asked, preview
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.outcomes import Failure, foreign_failure
from ai_notebook_ls.core.variables import Variables
from ai_notebook_ls.features import plain
from ai_notebook_ls.features.diagnostics import publish
from ai_notebook_ls.features.history import kept
from ai_notebook_ls.lsp import convert, wire
from ai_notebook_ls.lsp.server import NotebookServer
from ai_notebook_ls.lsp.surface import surface
from ai_notebook_ls.ports import KernelState, Preview, Usage

QUICK = 200
"""Cells up to which it takes a few milliseconds to tell which of them are fresh."""


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Register the commands on a session."""

    @server.on_command("aiNotebook.run", wire.RunArguments)
    async def run_command(arguments: wire.RunArguments) -> Any:
        notebook, cell = plain.place(server, arguments)
        async with surface(server, notebook, "Run in sidecar", arguments.token) as shown:
            outcome = await run(assistant, notebook, cell, arguments.mode, shown)
        publish(server, notebook, outcome)
        if not server.client.rich:
            plain.show_outcome(server, notebook, cell, outcome)
        result = wire.encode(convert.outcome(notebook, outcome))
        return kept(assistant, notebook, cell, "aiNotebook.run", arguments, result)

    @server.on_command("aiNotebook.explain", wire.FailureArguments)
    async def explain_command(arguments: wire.FailureArguments) -> Any:
        noting, sent = assistant.noting()
        notebook, cell = plain.place(server, arguments)
        async with surface(server, notebook, "Explain", arguments.token) as shown:
            answer = await explain(noting, notebook, cell, _failure(cell, arguments.failure), shown)
        if not server.client.rich:
            await plain.show_explanation(server, notebook, cell, answer)
        result = wire.encode(
            wire.Explanation(answer.markdown, answer.provider, answer.cached, _usage(answer.usage), len(sent))
        )
        return kept(assistant, notebook, cell, "aiNotebook.explain", arguments, result, sent)

    @server.on_command("aiNotebook.ask", wire.AskArguments)
    async def ask_command(arguments: wire.AskArguments) -> Any:
        noting, sent = assistant.noting()
        notebook, cell = plain.place(server, arguments)
        async with surface(server, notebook, "Ask", arguments.token) as shown:
            answer = await ask(noting, notebook, cell, arguments.question, arguments.conversation, shown)
        if not server.client.rich:
            await plain.show_answer(server, notebook, answer)
        usage = _usage(answer.usage)
        result = wire.encode(
            wire.Answer(answer.markdown, answer.conversation, answer.provider, [*answer.code], usage, len(sent))
        )
        return kept(assistant, notebook, cell, "aiNotebook.ask", arguments, result, sent)

    @server.on_command("aiNotebook.preview", wire.PreviewArguments)
    async def preview_command(arguments: wire.PreviewArguments) -> Any:
        notebook, cell = plain.place(server, arguments)
        wish = Asked(
            arguments.command,
            _failure(cell, arguments.failure),
            arguments.question or arguments.instruction,
            arguments.conversation,
        )
        async with surface(server, notebook, "Preview", arguments.token) as shown:
            found = await preview(assistant, notebook, cell, wish, shown)
        if not server.client.rich:
            await plain.show_preview(server, notebook, found)
        return wire.encode(_preview(found))

    @server.on_command("aiNotebook.fix", wire.FailureArguments)
    async def fix_command(arguments: wire.FailureArguments) -> Any:
        noting, sent = assistant.noting()
        notebook, cell = plain.place(server, arguments)
        async with surface(server, notebook, "Fix", arguments.token) as shown:
            proposals = await fix(noting, notebook, cell, _failure(cell, arguments.failure), shown)
        if not server.client.rich:
            await plain.show_proposals(server, notebook, proposals)
        result = wire.encode(convert.proposals(notebook, proposals, len(sent)))
        return kept(assistant, notebook, cell, "aiNotebook.fix", arguments, result, sent)

    @server.on_command("aiNotebook.improve", wire.ImproveArguments)
    async def improve_command(arguments: wire.ImproveArguments) -> Any:
        noting, sent = assistant.noting()
        notebook, cell = plain.place(server, arguments)
        wish = Wish(arguments.recipe, arguments.instruction, arguments.scope)
        async with surface(server, notebook, "Improve", arguments.token) as shown:
            proposals = await improve(noting, notebook, cell, wish, shown)
        if not server.client.rich:
            await plain.show_proposals(server, notebook, proposals)
        result = wire.encode(convert.proposals(notebook, proposals, len(sent)))
        return kept(assistant, notebook, cell, "aiNotebook.improve", arguments, result, sent)

    @server.on_command("aiNotebook.interrupt", wire.CellArguments)
    async def interrupt_command(arguments: wire.CellArguments) -> Any:
        notebook = server.documents.notebook(arguments.uri)
        await assistant.kernels.kernel(notebook).interrupt()
        return wire.encode(await state(assistant, notebook))

    @server.on_command("aiNotebook.restart", wire.CellArguments)
    async def restart_command(arguments: wire.CellArguments) -> Any:
        notebook = server.documents.notebook(arguments.uri)
        await assistant.kernels.kernel(notebook).restart()
        return wire.encode(await state(assistant, notebook))

    @server.on_command("aiNotebook.variables", wire.CellArguments)
    async def variables_command(arguments: wire.CellArguments) -> Any:
        notebook = server.documents.notebook(arguments.uri)
        kernel = assistant.kernels.kernel(notebook)
        found = await kernel.variables()
        # An idle kernel that does not answer is on its way to the next cell.
        state = KernelState.BUSY if found is None and kernel.state is KernelState.IDLE else kernel.state
        if not server.client.rich:
            await plain.show_variables(server, notebook, state, found)
        shown = found or Variables()
        return wire.encode(wire.Variables(state.value, list(map(convert.variable, shown.variables)), shown.left_out))

    @server.on_command("aiNotebook.state", wire.CellArguments)
    async def state_command(arguments: wire.CellArguments) -> Any:
        return wire.encode(await state(assistant, server.documents.notebook(arguments.uri)))

    telling = asyncio.Lock()  # one after the other: each is the state at its end
    tasks: set[asyncio.Task[None]] = set()

    async def tell_later(notebook: Notebook) -> None:
        async with telling:
            server.tell("aiNotebook/state", await state(assistant, notebook))

    def tell_state(notebook: Notebook) -> None:
        if not (server.client.rich and server.has_open(notebook)):
            return
        if len(notebook.cells) <= QUICK:
            server.tell("aiNotebook/state", _state(assistant, notebook, _ledger(assistant, notebook)()))
            return
        task = asyncio.ensure_future(tell_later(notebook))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    assistant.listeners.add(tell_state)
    server.on_abandoned.append(lambda: assistant.listeners.discard(tell_state))


async def state(assistant: Assistant, notebook: Notebook) -> wire.State:
    """Return the state of a notebook's sidecar kernel."""
    entries = _ledger(assistant, notebook)
    return _state(assistant, notebook, entries() if len(notebook.cells) <= QUICK else await asyncio.to_thread(entries))


def _ledger(assistant: Assistant, notebook: Notebook) -> Callable[[], list[wire.LedgerEntry]]:
    return partial(convert.ledger_entries, notebook, tuple(assistant.kernels.kernel(notebook).ledger))


def _state(assistant: Assistant, notebook: Notebook, ledger: list[wire.LedgerEntry]) -> wire.State:
    kernel, provider = assistant.kernels.kernel(notebook), assistant.provider
    return wire.State(
        notebook=notebook.uri,
        kernel=kernel.state.value,
        level=kernel.level,
        why=kernel.why or None,
        uncontained=kernel.uncontained,
        ledger=ledger,
        memory_bytes=kernel.memory_bytes(),
        provider=wire.Provider(
            provider.name, provider.ready, provider.model, provider.destination, provider.why, provider.key
        ),
        queued=max(0, kernel.queue - 1),
    )


def _preview(found: Preview) -> wire.Preview:
    messages = [wire.Message(each["role"], each["content"]) for each in found.messages]
    body = found.body.decode("utf-8", "replace")
    return wire.Preview(messages, found.tokens, [*found.redactions], body, found.destination, found.later or None)


def _usage(usage: Usage | None) -> wire.Usage | None:
    return wire.Usage(usage.model, usage.prompt_tokens, usage.answer_tokens, usage.seconds) if usage else None


def _failure(cell: Cell, said: wire.ClientFailure | None) -> Failure | None:
    return foreign_failure(said.ename, said.evalue, said.traceback, cell.id) if said else None
