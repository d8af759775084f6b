r"""Text documents whose lines end where LSP says, edited in place.

pygls uses str.splitlines, which also cuts at \f, \x1c, \x85 and \u2028: an edit then lands on the wrong line, and the
document is silently corrupted (seen on pygls 2.1.1, text_document.py). It also rebuilds the whole text per edit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote, urlparse

from lsprotocol import types as t
from pygls import workspace as pygls_workspace
from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")


_END = re.compile(r"\r\n|\n|\r")
LONG = 1_000_000
"""Characters of a text that is not split into lines: the lines of 10 MB take a tenth of a second."""
_OTHER_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""What only str.splitlines takes for a line's end."""


def split_lines(text: str) -> list[str]:
    """Split text into lines, each with its end.

    The pattern takes twice as long as what str has.
    """
    if not any(each in text for each in _OTHER_ENDS):
        return text.splitlines(keepends=True)
    if "\r" in text:
        return _LINE.findall(text)
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def units(text: str, points: int) -> int:
    """Return how many UTF-16 units the first code points of a text take."""
    return len(text[:points].encode("utf-16-le", "surrogatepass")) // 2


def points(text: str, units: int) -> int:
    """Return how many code points the first UTF-16 units of a text hold."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * max(0, units)].decode("utf-16-le", "ignore"))


@lru_cache(maxsize=1024)
def _path(uri: str) -> str:
    """Return a document's path; cached, since a notebook's thousands of cells share it."""
    return str(to_fs_path(uri) or urlparse(uri).path)


class TextDocument(pygls_workspace.TextDocument):
    """A document kept as lines; the text is joined when somebody asks."""

    def __init__(
        self,
        uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
        local: bool = True,
        sync_kind: t.TextDocumentSyncKind = t.TextDocumentSyncKind.Incremental,
        position_codec: PositionCodec | None = None,
    ) -> None:
        """Set what upstream sets, which takes a URI apart twice for each of a notebook's thousands of cells."""
        self.uri, self.version, self.language_id = uri, version, language_id
        self.path = _path(uri.partition("#")[0])
        self.filename = self.path.rpartition("/")[2]
        self._local, self._source = local, source
        self._is_sync_kind_full = sync_kind == t.TextDocumentSyncKind.Full
        self._is_sync_kind_incremental = sync_kind == t.TextDocumentSyncKind.Incremental
        self._is_sync_kind_none = sync_kind == t.TextDocumentSyncKind.None_
        self._position_codec = position_codec or PositionCodec()
        self._lines: list[str] | None = None
        self._returns: tuple[str, bool] | None = None
        """A text, and whether lines end at a lone carriage return in it."""

    @property
    def lines(self) -> Sequence[str]:
        """The lines, each with its end."""
        if self._lines is None:
            self._lines = split_lines(self.source)
        return self._lines

    def line(self, number: int) -> str:
        """Return a line with its end, or nothing below the last one; a long text is not split for it."""
        if self._is_long:
            start = self._start_of(number)
            return self.source[start : self._end_of(start)]
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def units(self, text: str) -> int:
        """Return how many of the client's units a text has; upstream looks at each character."""
        return len(text) if text.isascii() else int(self.position_codec.client_num_units(text))

    @property
    def _is_long(self) -> bool:
        """Whether it is better left in one piece."""
        return self._lines is None and len(self.source) > LONG

    def _start_of(self, number: int) -> int:
        start = 0
        for _ in range(number):
            if (start := self._end_of(start)) == len(self.source):
                break
        return start

    def _end_of(self, start: int) -> int:
        """Where a line ends that begins there."""
        if not self._has_lone_returns:
            return self.source.find("\n", start) + 1 or len(self.source)
        found = _END.search(self.source, start)
        return found.end() if found else len(self.source)

    @property
    def _has_lone_returns(self) -> bool:
        source = self.source
        if self._returns is None or self._returns[0] is not source:
            self._returns = source, "\r" in source and source.count("\r") != source.count("\r\n")
        return self._returns[1]

    @property
    def source(self) -> str:
        """The text; a closed document has none (upstream reads the disk)."""
        if self._source is None:
            self._source = "".join(self._lines or ())
        return self._source

    def _apply_full_change(self, change: t.TextDocumentContentChangeEvent) -> None:
        self._source, self._lines = change.text, None

    def _apply_incremental_change(self, change: t.TextDocumentContentChangePartial) -> None:
        if self._is_long:
            start, end = map(self._offset, (change.range.start, change.range.end))
            self._source = self.source[:start] + change.text + self.source[end:]
            return
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

    def _offset(self, place: t.Position) -> int:
        """Where a client's position is in a long text."""
        start = self._start_of(place.line)
        line = self.source[start : self._end_of(start)].rstrip("\r\n")
        return start + min(len(line), self._points(line, place.character))

    def _points(self, line: str, count: int) -> int:
        """Return how many code points so many of the client's units of a line are; upstream counts one by one."""
        encoding = self._position_codec.encoding
        if encoding == t.PositionEncodingKind.Utf32 or line.isascii():
            return count
        if encoding == t.PositionEncodingKind.Utf8:
            return len(line.encode("utf-8", "surrogatepass")[: max(0, count)].decode("utf-8", "ignore"))
        return points(line, count)


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
