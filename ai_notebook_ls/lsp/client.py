"""What the client of a session can do, read once from its `initialize`."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types as t

from ai_notebook_ls.lsp import wire


@dataclass(frozen=True, slots=True)
class Client:
    """A client's abilities, as far as they change what we send."""

    rich: bool = False
    """Says `experimental.aiNotebook` (protocol.md, "Two kinds of clients")."""
    resolves_edits: bool = False
    """Takes a code action without edit and asks for it by `codeAction/resolve`."""
    literal_actions: bool = False
    """Knows CodeAction; an older client knows only Command."""
    applies_edits: bool = False
    versioned_edits: bool = False
    shows_documents: bool = False
    work_done_progress: bool = False
    code_lens_refresh: bool = False
    pulls_diagnostics: bool = False
    """Asks for diagnostics, and can be told to ask again: a run changes them without an edit. Neovim 0.11 cannot."""
    related_documents: bool = False
    """Takes the diagnostics of other cells with those of the one that it asks for."""
    related_information: bool = False

    @classmethod
    def read(cls, capabilities: t.ClientCapabilities) -> Client:
        """Read a client's capabilities; what is missing or odd counts as no."""
        text, workspace, window = capabilities.text_document, capabilities.workspace, capabilities.window
        action = text.code_action if text else None
        resolve = action.resolve_support if action else None
        edit = workspace.workspace_edit if workspace else None
        show = window.show_document if window else None
        lens = workspace.code_lens if workspace else None
        pull = text.diagnostic if text else None
        push = text.publish_diagnostics if text else None
        again = workspace.diagnostics if workspace else None
        return cls(
            rich=_version(capabilities.experimental) == wire.VERSION,
            resolves_edits=bool(resolve and "edit" in resolve.properties and action and action.data_support),
            literal_actions=bool(action and action.code_action_literal_support),
            applies_edits=bool(workspace and workspace.apply_edit),
            versioned_edits=bool(edit and edit.document_changes),
            shows_documents=bool(show and show.support),
            work_done_progress=bool(window and window.work_done_progress),
            code_lens_refresh=bool(lens and lens.refresh_support),
            pulls_diagnostics=bool(pull and again and again.refresh_support),
            related_documents=bool(pull and pull.related_document_support),
            related_information=bool(push and push.related_information),
        )


def _version(experimental: object) -> object:
    """The `aiNotebook.version` of `experimental`, whatever a client put there."""
    # cattrs leaves LSPAny as it came: dicts from JSON.
    own = experimental.get("aiNotebook") if isinstance(experimental, dict) else None
    return own.get("version") if isinstance(own, dict) else None
