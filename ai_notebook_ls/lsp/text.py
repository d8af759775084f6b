r"""Text documents whose lines end where LSP says, edited in place.

pygls uses str.splitlines, which also cuts at \f, \x1c, \x85 and \u2028: an edit then lands on the wrong line, and the
document is silently corrupted (seen on pygls 2.1.1, text_document.py). It also rebuilds the whole text per edit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from lsprotocol import types as t
from pygls import workspace as pygls_workspace

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")


def split_lines(text: str) -> list[str]:
    """Split text into lines, each with its end."""
    return _LINE.findall(text)


def units(text: str, points: int) -> int:
    """Return how many UTF-16 units the first code points of a text take."""
    return len(text[:points].encode("utf-16-le", "surrogatepass")) // 2


def points(text: str, units: int) -> int:
    """Return how many code points the first UTF-16 units of a text hold."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * max(0, units)].decode("utf-16-le", "ignore"))


class TextDocument(pygls_workspace.TextDocument):
    """A document kept as lines; the text is joined when somebody asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines: list[str] | None = None

    @property
    def lines(self) -> Sequence[str]:
        """The lines, each with its end."""
        if self._lines is None:
            self._lines = split_lines(self.source)
        return self._lines

    @property
    def source(self) -> str:
        """The text; a closed document has none (upstream reads the disk)."""
        if self._source is None:
            self._source = "".join(self._lines or ())
        return self._source

    def _apply_full_change(self, change: t.TextDocumentContentChangeEvent) -> None:
        self._source, self._lines = change.text, None

    def _apply_incremental_change(self, change: t.TextDocumentContentChangePartial) -> None:
        lines = self.lines
        assert isinstance(lines, list)
        place = self._position_codec.range_from_client_units(lines, change.range)
        first, last = (min(line, len(lines)) for line in (place.start.line, place.end.line))
        head = lines[first][: place.start.character] if first < len(lines) else ""
        tail = lines[last][place.end.character :] if last < len(lines) else ""
        middle, end = head + change.text + tail, min(last + 1, len(lines))
        # A lone \r and a \n that meet become one line end; text without an end swallows the next line.
        if first > 0 and not lines[first - 1].endswith("\n"):
            first -= 1
            middle = lines[first] + middle
        if end < len(lines) and not middle.endswith("\n"):
            middle += lines[end]
            end += 1
        lines[first:end] = split_lines(middle)
        self._source = None


class Workspace(pygls_workspace.Workspace):
    """pygls' workspace, with our documents."""

    @classmethod
    def like(cls, other: pygls_workspace.Workspace) -> Workspace:
        """Return an empty workspace with the same root, folders and encoding."""
        return cls(
            other.root_uri, t.TextDocumentSyncKind.Incremental, list(other.folders.values()), other.position_encoding
        )

    def document_like(self, uri: str, source: str, version: int | None) -> TextDocument:
        """Return a document that is not one of those open, with lines and positions as theirs."""
        return self._create_text_document(uri, source, version)

    def put_notebook_document(self, params: t.DidOpenNotebookDocumentParams) -> None:
        """Take an opened notebook as it came; upstream copies it, a tenth of a second for thousands of cells."""
        notebook = params.notebook_document
        self._notebook_documents[unquote(notebook.uri)] = notebook
        for each in params.cell_text_documents:
            self.put_text_document(each, notebook_uri=notebook.uri)

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> TextDocument:
        return TextDocument(
            doc_uri,
            source=source if source is not None else "",
            version=version,
            language_id=language_id,
            sync_kind=t.TextDocumentSyncKind.Incremental,
            position_codec=self._position_codec,
        )
