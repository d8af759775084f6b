"""From what a client has open to core snapshots: notebooks, `# %%` scripts and virtual documents behind `place(uri)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lsprotocol import types as t
from pygls.uris import to_fs_path

from ai_notebook_ls.core import limits
from ai_notebook_ls.core.cells import Cell, CellKind, Notebook, script_cells
from ai_notebook_ls.core.failures import CellUnknown, ContentModified, NotebookUnknown
from ai_notebook_ls.core.virtual import aligned, shown
from ai_notebook_ls.lsp.text import TextDocument, Workspace

_key = lru_cache(maxsize=16384)(unquote)
"""A URI as pygls keeps it. Cached: a snapshot asks for every cell's."""


class Documents:
    """What one session has open, as immutable snapshots, each built once per change."""

    def __init__(self) -> None:
        self.workspace = Workspace(None)
        self._snapshots: dict[str, Notebook] = {}
        self._cells: dict[str, Cell] = {}
        self._virtual: dict[str, _Virtual] = {}
        self._saved: dict[str, Notebook] = {}
        self.elsewhere: Callable[[str], Notebook | None] = lambda uri: None
        """Returns a notebook as another session of this process has it open."""

    # -- what changed ------------------------------------------------------------------------------------------------

    def forget(self, uri: str) -> None:
        """Drop the snapshot of a notebook or script that was opened, changed or closed."""
        self._snapshots.pop(_key(uri), None)
        if not self.is_open(uri):
            self._virtual.pop(_key(uri), None)
            self._saved.pop(_key(uri), None)

    def saved(self, uri: str, notebook: Notebook) -> None:
        """Take note of a notebook as it is on disk: a virtual document does not tell its cells' ids."""
        self._saved[_key(uri)] = notebook

    # -- snapshots ---------------------------------------------------------------------------------------------------

    def notebook(self, uri: str) -> Notebook:
        """Return the snapshot of a notebook or script, by its own URI or a cell's. Raises NotebookUnknown."""
        key = _key(uri)
        if self.is_virtual(uri):
            return self._as_virtual(key).notebook
        document = self.workspace.get_notebook_document(notebook_uri=uri) or self.workspace.get_notebook_document(
            cell_uri=uri
        )
        if document is not None:
            key = _key(document.uri)
        if (snapshot := self._snapshots.get(key)) is None:
            snapshot = self._open_notebook(document) if document is not None else self._open_script(key)
            self._snapshots[key] = snapshot
        return snapshot

    def place(self, uri: str, line: int | None = None, version: int | None = None) -> tuple[Notebook, Cell]:
        """Return a snapshot and the cell meant by a cell's URI, or by a script's URI and a line.

        Raises NotebookUnknown, CellUnknown, ContentModified.
        """
        script, _, fragment = uri.partition("#")
        if fragment and _key(script) in self.workspace.text_documents:
            notebook = self.notebook(script)  # as our results name a script's cell
            cell = notebook.cell(fragment)
        else:
            notebook = self.notebook(uri)
            cell = notebook.at_line(line or 0) if notebook.is_script else self._cell(notebook, uri)
        if version is not None and version != cell.version:
            raise ContentModified
        return notebook, cell

    def text(self, uri: str) -> TextDocument:
        """Return the open document that holds a cell's text, as its editor shows it. Raises NotebookUnknown."""
        if self.is_virtual(uri):
            return self._as_virtual(_key(uri)).shown
        document = self.workspace.text_documents.get(_key(uri))
        if not isinstance(document, TextDocument):
            raise NotebookUnknown(uri)
        return document

    def is_open(self, uri: str) -> bool:
        """Whether this session has the notebook or script open."""
        key = _key(uri)
        return key in self.workspace.notebook_documents or key in self.workspace.text_documents

    def has_notebook(self, uri: str) -> bool:
        """Whether a notebook is open here as cells."""
        return _key(uri) in self.workspace.notebook_documents

    def is_virtual(self, uri: str) -> bool:
        """Whether a notebook is open here as the one text that jupyterlab-lsp makes of it."""
        document = self.workspace.text_documents.get(_key(uri))
        # An editor that shows the file itself calls it `json`.
        return document is not None and document.language_id == "python" and _key(uri).endswith(".ipynb")

    # -- how ---------------------------------------------------------------------------------------------------------

    def _as_virtual(self, key: str) -> _Virtual:
        document = self.workspace.text_documents[key]
        known = self.elsewhere(key) or self._saved.get(key)
        found = self._virtual.get(key)
        if found is None or found.text != document.source or found.known is not known:
            found = self._virtual[key] = self._align(document.uri, document.source, document.version, known)
        return found

    def _align(self, uri: str, text: str, version: int | None, known: Notebook | None) -> _Virtual:
        if len(text) > limits.SCRIPT:
            cells: tuple[Cell, ...] = (Cell("cell-0", text, "code", uri, version),)
            written = text
        else:
            cells = aligned(text, known.cells if known else (), uri, version)
            written = shown(text, cells)
        notebook = Notebook(
            uri,
            cells,
            _path(uri),
            kernel_name=known.kernel_name if known else None,
            language=known.language if known else "python",
            text=written,
            virtual=True,
        )
        return _Virtual(text, known, notebook, self.workspace.document_like(uri, written, version))

    @staticmethod
    def _cell(notebook: Notebook, uri: str) -> Cell:
        cell = notebook.cell(cell_id(uri))
        if _key(cell.uri) != _key(uri):
            raise CellUnknown(cell_id(uri))
        return cell

    def _open_script(self, key: str) -> Notebook:
        document = self.workspace.text_documents.get(key)
        if document is None:
            raise NotebookUnknown(key)
        text = document.source
        return Notebook(
            document.uri, script_cells(text, document.uri, document.version), _path(document.uri), text=text
        )

    def _open_notebook(self, document: t.NotebookDocument) -> Notebook:
        metadata: Any = document.metadata or {}
        # VS Code wraps nbformat's metadata in another `metadata`.
        metadata = metadata.get("metadata", metadata) if isinstance(metadata, dict) else {}
        kernelspec = metadata.get("kernelspec") or {}
        return Notebook(
            document.uri,
            tuple(self._open_cell(cell) for cell in document.cells),
            _path(document.uri),
            kernel_name=kernelspec.get("name") if isinstance(kernelspec, dict) else None,
            language=_language(metadata, kernelspec),
        )

    def _open_cell(self, cell: t.NotebookCell) -> Cell:
        """Return a cell; the same object as before if nothing changed, since most of a notebook never does."""
        document = self.workspace.text_documents.get(_key(cell.document))
        source = document.source if document is not None else ""
        version = document.version if document is not None else None
        kind: CellKind = "code" if cell.kind == t.NotebookCellKind.Code else "markdown"
        took = took_ms(cell.metadata)
        known = self._cells.get(cell.document)
        same = known is not None and (known.version, known.kind, known.took_ms) == (version, kind, took)
        if known is not None and same and known.source == source:
            return known
        fresh = Cell(cell_id(cell.document), source, kind, cell.document, version, took_ms=took)
        self._cells[cell.document] = fresh
        return fresh


@dataclass(frozen=True, slots=True)
class _Virtual:
    """A virtual document, read with the help of the notebook that it was made of."""

    text: str
    known: Notebook | None
    notebook: Notebook
    shown: TextDocument


@lru_cache(maxsize=16384)
def cell_id(cell_uri: str) -> str:
    """Return the cell id in a cell's URI: what follows the `#`."""
    return unquote(cell_uri.partition("#")[2]) or cell_uri


def took_ms(metadata: Any) -> float | None:
    """Return how long a cell took in the user's kernel, by the times that Jupyter keeps (nbformat's cell metadata)."""
    metadata = metadata.get("metadata", metadata) if isinstance(metadata, dict) else {}
    times = metadata.get("execution") if isinstance(metadata, dict) else None
    if not isinstance(times, dict):
        return None
    try:
        began, ended = (
            datetime.fromisoformat(str(times[name]).replace("Z", "+00:00"))
            for name in ("iopub.execute_input", "shell.execute_reply")
        )
        return max(0.0, (ended - began).total_seconds() * 1e3)
    except (KeyError, ValueError, TypeError):
        return None


def _path(uri: str) -> str | None:
    if not uri.startswith(("file:", "vscode-notebook-cell:")):
        return None
    path = to_fs_path(uri.replace("vscode-notebook-cell:", "file:", 1))
    return str(Path(path)) if path else None


def _language(metadata: dict[str, Any], kernelspec: Any) -> str:
    info = metadata.get("language_info") or {}
    name = info.get("name") if isinstance(info, dict) else None
    spec = kernelspec.get("language") if isinstance(kernelspec, dict) else None
    return str(name or spec or "python")
