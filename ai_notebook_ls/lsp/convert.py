"""The single place where core's words become LSP's and the wire's: positions, versions, URIs."""

from __future__ import annotations

from lsprotocol import types as t

from ai_notebook_ls.core import candidates, ledger, outcomes
from ai_notebook_ls.core import variables as names
from ai_notebook_ls.core.cells import Cell, Notebook, replace_script_cells
from ai_notebook_ls.core.edits import TextEdit, minimal_edits, unified_diff
from ai_notebook_ls.core.uses import Span
from ai_notebook_ls.lsp import wire
from ai_notebook_ls.lsp.text import TextDocument


def cell_uri(notebook: Notebook, cell_id: str) -> str:
    """Return how a result names a cell: by its own URI; in a script by the script's URI, `#` and the cell's id."""
    cell = notebook.cell(cell_id)
    return f"{cell.uri}#{cell.id}" if notebook.is_script else cell.uri


# -- core -> wire ----------------------------------------------------------------------------------------------------


def failure(notebook: Notebook, value: outcomes.Failure) -> wire.Failure:
    """Return a failure as it travels."""
    return wire.Failure(value.ename, value.evalue, list(value.traceback), cell_uri(notebook, value.cell), value.line)


def outcome(notebook: Notebook, value: outcomes.Outcome) -> wire.Outcome:
    """Return an outcome as it travels."""
    return wire.Outcome(
        status=value.status,
        uri=cell_uri(notebook, value.cell),
        outputs=list(value.outputs),
        replayed=[cell_uri(notebook, each) for each in value.replayed],
        fresh=[cell_uri(notebook, each) for each in value.fresh],
        duration_ms=round(value.duration_ms, 1),
        level=value.level,
        truncated_bytes=value.truncated_bytes,
        failure=failure(notebook, value.failure) if value.failure else None,
        execution_count=value.execution_count,
        notice=value.notice,
    )


def proposals(notebook: Notebook, value: candidates.Proposals, sent: int = 0) -> wire.Proposals:
    """Return the answer to a fix as it travels."""
    return wire.Proposals(
        candidates=[candidate(notebook, each) for each in value.candidates],
        failure=failure(notebook, value.failure) if value.failure else None,
        note=value.note,
        sent=sent,
    )


def candidate(notebook: Notebook, value: candidates.Candidate) -> wire.Candidate:
    """Return a candidate, with its receipt and diff, as it travels."""
    assert value.receipt is not None, "only what was tried is shown"
    return wire.Candidate(
        title=value.title,
        origin=value.origin,
        confidence=value.confidence,
        edits=edits(notebook, value),
        diff="\n".join(
            unified_diff(notebook.cell(edit.cell).source, edit.source, f"cell {notebook.number(edit.cell)}")
            for edit in value.edits
        ),
        receipt=receipt(notebook, value.receipt),
        run_first=[cell_uri(notebook, each) for each in value.run_first],
    )


def receipt(notebook: Notebook, value: candidates.Receipt) -> wire.Receipt:
    """Return a receipt as it travels."""
    return wire.Receipt(
        verdict=value.verdict,
        reason=value.reason,
        downstream=[wire.Downstream(cell_uri(notebook, each.cell), each.status) for each in value.downstream],
        duration_ms=round(value.duration_ms, 1),
        outcome=outcome(notebook, value.outcome) if value.outcome else None,
        before=outcome(notebook, value.before) if value.before else None,
    )


def edits(notebook: Notebook, value: candidates.Candidate) -> list[wire.Edit]:
    """Return a candidate's edits: one a cell, or one for the whole script."""
    changed = [(notebook.cell(edit.cell), edit.source) for edit in value.edits]
    if notebook.text is not None and changed:
        first = changed[0][0]
        return [wire.Edit(first.uri, first.version, replace_script_cells(notebook.text, changed))]
    return [wire.Edit(cell.uri, cell.version, source) for cell, source in changed]


def ledger_entries(notebook: Notebook, entries: tuple[ledger.Entry, ...]) -> list[wire.LedgerEntry]:
    """Return which of the notebook's cells have run, in notebook order, and whether their state still holds."""
    last = {entry.cell: entry for entry in entries}
    if not last:
        return []
    fresh = ledger.fresh_cells(notebook, entries)
    return [_entry(notebook, last[cell.id], cell.id in fresh) for cell in notebook.code if cell.id in last]


def _entry(notebook: Notebook, entry: ledger.Entry, fresh: bool) -> wire.LedgerEntry:
    return wire.LedgerEntry(
        uri=cell_uri(notebook, entry.cell),
        fresh=fresh,
        status=entry.status,
        execution_count=entry.execution_count,
        duration_ms=round(entry.duration_ms, 1),
        names=list(entry.names),
    )


def variable(value: names.Variable) -> wire.Variable:
    """Return a variable as it travels."""
    return wire.Variable(
        name=value.name,
        type=value.type,
        module=value.module,
        kind=value.kind,
        preview=value.preview,
        truncated=value.truncated,
        shape=list(value.shape) if value.shape is not None else None,
        dtype=value.dtype,
        bytes=value.bytes,
        columns=[wire.Column(each.name, each.dtype) for each in value.columns],
        table=wire.Table(list(value.table.index), list(map(list, value.table.rows))) if value.table else None,
    )


# -- core -> LSP -----------------------------------------------------------------------------------------------------


def cell_range(cell: Cell, line: int | None, document: TextDocument) -> t.Range:
    """Return the range of a line of a cell, or of its first line, in the document and in the client's units."""
    row = cell.first_line + (line or 0)
    if row and not document.line(row):
        row = min(row, max(0, len(document.lines) - 1))
    text = document.line(row).rstrip("\r\n")
    start = len(text) - len(text.lstrip())
    return t.Range(
        t.Position(row, document.units(text[:start])),
        t.Position(row, document.units(text)),
    )


def span_range(cell: Cell, span: Span, document: TextDocument) -> t.Range:
    """Return the range of a piece of a cell's line, in the document and in the client's units."""
    return _range(document, TextEdit(span.line, span.start, span.line, span.end, ""), cell.first_line)


def change(cell: Cell, edit: TextEdit, document: TextDocument, versioned: bool) -> t.WorkspaceEdit:
    """Return an edit of a cell, versioned where the client knows that."""
    edits = [t.TextEdit(_range(document, edit, cell.first_line), edit.text)]
    if not versioned:
        return t.WorkspaceEdit(changes={cell.uri: edits})
    identifier = t.OptionalVersionedTextDocumentIdentifier(cell.uri, cell.version)
    return t.WorkspaceEdit(document_changes=[t.TextDocumentEdit(identifier, list(edits))])


def workspace_edit(wired: list[wire.Edit], documents: dict[str, TextDocument], versioned: bool) -> t.WorkspaceEdit:
    """Return minimal edits for a plain client; versioned where it knows that, so that a moved cell is left alone."""
    changes = {edit.uri: _text_edits(documents[edit.uri], edit.new_text) for edit in wired}
    if not versioned:
        return t.WorkspaceEdit(changes=changes)
    return t.WorkspaceEdit(
        document_changes=[
            t.TextDocumentEdit(
                t.OptionalVersionedTextDocumentIdentifier(edit.uri, edit.version), list(changes[edit.uri])
            )
            for edit in wired
        ]
    )


def _text_edits(document: TextDocument, new_text: str) -> list[t.TextEdit]:
    return [_text_edit(document, edit) for edit in minimal_edits(document.source, new_text)]


def _text_edit(document: TextDocument, edit: TextEdit) -> t.TextEdit:
    """A core edit, whose columns are code points, in the client's units."""
    return t.TextEdit(_range(document, edit, 0), edit.text)


def _range(document: TextDocument, edit: TextEdit, first_line: int) -> t.Range:
    def position(line: int, column: int) -> t.Position:
        row = first_line + line
        text = document.line(row)
        return t.Position(row, document.units(text[:column]))

    return t.Range(position(edit.first_line, edit.first_column), position(edit.last_line, edit.last_column))
