"""textDocument/codeAction and codeAction/resolve."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from lsprotocol import types as t

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.assist.improve import Wish, fitting, improve
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import AssistError
from ai_notebook_ls.core.findings import Finding, Run
from ai_notebook_ls.core.offers import KINDS, Offer, offers, wanted
from ai_notebook_ls.core.recipes import Recipe
from ai_notebook_ls.features import diagnostics, plain
from ai_notebook_ls.lsp import convert, wire
from ai_notebook_ls.lsp.server import NotebookServer
from ai_notebook_ls.lsp.surface import surface


def register(server: NotebookServer, assistant: Assistant) -> None:
    """Register the handlers on a session."""
    options = t.CodeActionOptions(code_action_kinds=list(KINDS.values()), resolve_provider=True)

    @server.feature(t.TEXT_DOCUMENT_CODE_ACTION, options)
    async def code_action(params: t.CodeActionParams) -> list[t.CodeAction | t.Command]:
        try:
            notebook, cell = server.documents.place(params.text_document.uri, params.range.start.line)
        except AssistError:
            return []  # nothing is offered where there is no cell
        outcome = assistant.memory.about(notebook, cell).outcome
        failing = outcome is not None and outcome.status == "error"
        invoked = params.context.trigger_kind != t.CodeActionTriggerKind.Automatic
        only = params.context.only
        recipes: tuple[Recipe, ...] = ()
        if invoked and not failing and wanted("improve", only):
            recipes = await asyncio.to_thread(fitting, assistant, notebook, cell)
        found = offers(cell, failing=failing, invoked=invoked, only=only, recipes=recipes, chooses=server.client.rich)
        made = [_encode(server, cell, offer) for offer in found]
        if not wanted("fix", only):
            return made
        told = await server.checks.of(notebook, assistant.kernels.kernel(notebook).ledger)
        return [*_remedies(server, notebook, cell, params.range, told), *made]

    @server.feature(t.CODE_ACTION_RESOLVE)
    async def resolve(action: t.CodeAction) -> t.CodeAction:
        arguments = wire.decode([action.data], wire.ImproveArguments)
        notebook, cell = plain.place(server, arguments)
        async with surface(server, notebook, action.title, None) as shown:
            if arguments.recipe is None:
                proposals = await fix(assistant, notebook, cell, None, shown)
            else:
                proposals = await improve(assistant, notebook, cell, Wish(arguments.recipe), shown)
        action.edit = plain.edit_of(server, notebook, plain.verified(notebook, proposals))
        return action


def _remedies(
    server: NotebookServer, notebook: Notebook, cell: Cell, asked: t.Range, told: Sequence[Finding]
) -> Iterator[t.CodeAction | t.Command]:
    """Give what mends each finding on the lines that are asked about."""
    for each in told:
        line = cell.first_line + each.span.line
        if each.cell != cell.id or each.remedy is None or not asked.start.line <= line <= asked.end.line:
            continue
        action = t.CodeAction(each.remedy.title, t.CodeActionKind.QuickFix)
        shown = diagnostics.encoded(server, notebook, each)
        if diagnostics.has_failed(server, cell.uri, shown):
            continue
        action.diagnostics = [shown]
        if isinstance(each.remedy, Run):
            other = notebook.cell(each.remedy.cell)
            arguments = {"uri": other.uri, "mode": "needed", "position": {"line": other.first_line, "character": 0}}
            action.command = t.Command(action.title, "aiNotebook.run", arguments=[arguments])
        else:
            document = server.documents.text(cell.uri)
            action.edit = convert.change(cell, each.remedy.edit, document, server.client.versioned_edits)
        if server.client.literal_actions:
            yield action
        elif action.command is not None:
            yield action.command


def _encode(server: NotebookServer, cell: Cell, offer: Offer) -> t.CodeAction | t.Command:
    """Spell an offer as the client understands it.

    A client that resolves edits gets `data` for a fix or a recipe; eglot 1.9 raises an error on an action with neither
    edit nor command, and a client without code action literals knows only commands (LSP 3.17, codeActionLiteralSupport).
    """
    arguments: dict[str, Any] = {"uri": cell.uri, "version": cell.version}
    if cell.first_line:
        arguments["position"] = {"line": cell.first_line, "character": 0}
    if offer.recipe:
        arguments["recipe"] = offer.recipe
    client = server.client
    if offer.verb in ("fix", "improve") and client.resolves_edits and not client.rich:
        return t.CodeAction(title=offer.title, kind=offer.kind, data=arguments)
    command = t.Command(title=offer.title, command=f"aiNotebook.{offer.verb}", arguments=[arguments])
    if not client.literal_actions and not client.rich:
        return command
    return t.CodeAction(title=offer.title, kind=offer.kind, command=command)
