"""How results reach a plain client, by standard LSP alone: edits, documents, messages, diagnostics."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from lsprotocol import types as t
from pygls.uris import from_fs_path

from ai_notebook_ls.assist.ask import Answer
from ai_notebook_ls.assist.explain import Explanation
from ai_notebook_ls.assist.hover import first_line, outcome_text
from ai_notebook_ls.assist.variables import as_line, as_markdown, nothing
from ai_notebook_ls.core.candidates import Candidate, Proposals
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import ContentModified, NoVerifiedFix
from ai_notebook_ls.core.harmless import harmless
from ai_notebook_ls.core.outcomes import Outcome
from ai_notebook_ls.core.variables import Variables
from ai_notebook_ls.lsp import convert, wire
from ai_notebook_ls.lsp.server import NotebookServer
from ai_notebook_ls.ports import KernelState, Preview

MESSAGE_LIMIT = 300
"""Characters of a window/showMessage: editors show one line, some in a dialog."""


def place(server: NotebookServer, arguments: wire.CellArguments) -> tuple[Notebook, Cell]:
    """Return what a command's arguments point at. Raises NotebookUnknown, CellUnknown, ContentModified."""
    line = arguments.position.line if arguments.position else None
    return server.documents.place(arguments.uri, line, arguments.version)


def verified(notebook: Notebook, proposals: Proposals) -> Candidate:
    """Return the best candidate if it is verified and an edit. Raises NoVerifiedFix, which says why not."""
    best = proposals.candidates[0] if proposals.candidates else None
    if best is None or best.receipt is None:
        raise NoVerifiedFix(proposals.note or "No fix was found.")
    if best.receipt.verdict != "verified":
        raise NoVerifiedFix(f"No fix is sure to be right. Best candidate: {best.title}. {best.receipt.reason}")
    if not best.edits:
        raise NoVerifiedFix(f"No edit is needed. {best.title}. {best.receipt.reason}")
    return best


def edit_of(server: NotebookServer, notebook: Notebook, candidate: Candidate) -> t.WorkspaceEdit:
    """Return a candidate as a workspace edit. Raises ContentModified if a cell has changed since the snapshot."""
    edits = convert.edits(notebook, candidate)
    documents = {edit.uri: server.documents.text(edit.uri) for edit in edits}
    if any(documents[edit.uri].version != edit.version for edit in edits):
        raise ContentModified
    return convert.workspace_edit(edits, documents, server.client.versioned_edits)


async def show_proposals(server: NotebookServer, notebook: Notebook, proposals: Proposals) -> None:
    """Apply the verified fix and say what was run; the command was the user's act.

    Raises NoVerifiedFix, ContentModified.
    """
    candidate = verified(notebook, proposals)
    assert candidate.receipt is not None
    edit = edit_of(server, notebook, candidate)
    answer = await server.workspace_apply_edit_async(t.ApplyWorkspaceEditParams(edit, label=candidate.title))
    if not answer.applied:
        raise NoVerifiedFix(f"The editor did not apply it: {answer.failure_reason or 'no reason given'}.")
    server.say(f"{candidate.title}. {candidate.receipt.reason}")


async def show_explanation(server: NotebookServer, notebook: Notebook, cell: Cell, explanation: Explanation) -> None:
    """Show an explanation in a markdown document, or as a short message; the hover has it whole in any case."""
    if await _show_document(server, notebook, f"cell-{notebook.number(cell.id)}", explanation.markdown):
        return
    text = " ".join(explanation.markdown.split())
    server.say(_short(text) + (" (hover over the cell for all of it)" if len(text) > MESSAGE_LIMIT else ""))


async def show_answer(server: NotebookServer, notebook: Notebook, answer: Answer) -> None:
    """Show the answer to a question in a markdown document, or as a short message."""
    if not await _show_document(server, notebook, "answer", answer.markdown):
        server.say(_short(" ".join(answer.markdown.split())))


async def show_preview(server: NotebookServer, notebook: Notebook, preview: Preview) -> None:
    """Show what would be sent, as it is, in a text document, or how much in a message."""
    where = preview.destination or "a model on this machine"
    text = "\n\n".join(f"[{each['role']}]\n{each['content']}" for each in preview.messages)
    told = (
        f"To {where}: {len(preview.body):,} bytes, in which these messages are:\n\n{text}\n\n{preview.later}".rstrip()
        + "\n"
    )
    if not await _show_document(server, notebook, "preview", told, markdown=False):
        server.say(f"{len(preview.body):,} bytes would go to {where}, about {preview.tokens:,} tokens.")


def show_outcome(server: NotebookServer, notebook: Notebook, cell: Cell, outcome: Outcome) -> None:
    """Say in one line how a run went; its failure is a diagnostic, all of it is in the hover."""
    number = notebook.number(cell.id)
    if outcome.status == "ok":
        text = _short(" ".join(outcome_text(outcome).split()))
        server.say(f"Cell {number} ran in the sidecar{': ' + text if text else ' without output.'}")
        return
    failed = notebook.number(outcome.cell)
    what = f"{outcome.failure.ename}: {first_line(outcome.failure.evalue)}" if outcome.failure else outcome.status
    server.say(_short(f"Cell {failed} failed in the sidecar: {what} {outcome.notice}".strip()), t.MessageType.Warning)


async def show_variables(
    server: NotebookServer, notebook: Notebook, state: KernelState, found: Variables | None
) -> None:
    """Show a kernel's variables in a markdown document, or as a short message; or say why there are none."""
    why = nothing(state, found)
    if why or found is None:
        server.say(why)
    elif not await _show_document(server, notebook, "variables", as_markdown(found)):
        server.say(_short(as_line(found)))


async def _show_document(
    server: NotebookServer, notebook: Notebook, about: str, text: str, markdown: bool = True
) -> bool:
    """Write a file into this process's private folder (0700, gone with the process) and have it shown."""
    if not server.client.shows_documents:
        return False
    path = _folder() / f"{Path(notebook.path or 'notebook').stem}-{about}.{'md' if markdown else 'txt'}"
    path.write_text(harmless(text) if markdown else text, encoding="utf-8")
    shown = await server.window_show_document_async(
        t.ShowDocumentParams(from_fs_path(str(path)) or "", take_focus=False)
    )
    return shown.success


_made: list[Path] = []


def _folder() -> Path:
    if not _made:
        _made.append(Path(tempfile.mkdtemp(prefix="ai-notebook-ls-")))
        atexit.register(shutil.rmtree, _made[0], ignore_errors=True)
    return _made[0]


def _short(text: str) -> str:
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"
