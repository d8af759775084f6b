"""A notebook or `# %%` script on disk, as the terminal door opens, addresses and writes it."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai_notebook_ls import storage
from ai_notebook_ls.core.cells import Cell, script_cells
from ai_notebook_ls.core.failures import BadArguments, CellUnknown, NotebookUnreadable, NotWritable
from ai_notebook_ls.doors.notebook_json import with_sources

SIZE_LIMIT = 200_000_000
"""Bytes; outputs are most of a notebook's size, and larger files are no notebooks."""


@dataclass(frozen=True, slots=True)
class NotebookFile:
    """A file, read once."""

    path: Path
    uri: str
    cells: tuple[Cell, ...]
    data: bytes
    """All of it, as it stood when it was read."""
    text: str
    notebook: dict[str, Any] | None
    """The .ipynb as nbformat 4; None for a script."""
    written_as: int = 4
    """The major version of nbformat that the file itself is in."""

    @classmethod
    def read(cls, path: Path) -> NotebookFile:
        """Read a file. Raises NotebookUnreadable."""
        data, text = _read(path)
        uri = path.resolve().as_uri()
        if path.suffix != ".ipynb":
            return cls(path, uri, script_cells(text, uri, 1), data, text, None)
        notebook, version = _parse(path, text)
        cells = tuple(
            Cell(cell["id"], "".join(cell["source"]), cell["cell_type"], f"{uri}#{cell['id']}", 1)
            for cell in notebook["cells"]
        )
        return cls(path, uri, cells, data, text, notebook, version)

    # -- as LSP --------------------------------------------------------------------------------------------------------

    def opening(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the notifications that open it."""
        if self.notebook is None:
            item = {"uri": self.uri, "languageId": "python", "version": 1, "text": self.text}
            yield "textDocument/didOpen", {"textDocument": item}
            return
        yield (
            "notebookDocument/didOpen",
            {
                "notebookDocument": {
                    "uri": self.uri,
                    "notebookType": "jupyter-notebook",
                    "version": 1,
                    "metadata": self.notebook.get("metadata", {}),
                    "cells": [
                        {"kind": 2 if cell.kind == "code" else 1, "document": cell.uri, "metadata": _times(each)}
                        for cell, each in zip(self.cells, self.notebook["cells"], strict=True)
                    ],
                },
                "cellTextDocuments": [
                    {
                        "uri": c.uri,
                        "languageId": "python" if c.kind == "code" else "markdown",
                        "version": 1,
                        "text": c.source,
                    }
                    for c in self.cells
                ],
            },
        )

    def place(self, index: int) -> dict[str, Any]:
        """Return the `uri`, and in a script the `position`, of a cell."""
        cell = self.cells[index]
        return {"uri": cell.uri, "position": {"line": cell.first_line, "character": 0}}

    # -- addressing ----------------------------------------------------------------------------------------------------

    def find(self, cell: str) -> int:
        """Return the index of a cell given by id, or by number from 1 as people count. Raises CellUnknown."""
        for index, each in enumerate(self.cells):
            if each.id == cell:
                return index
        if cell.isdecimal() and 1 <= int(cell) <= len(self.cells):
            return int(cell) - 1
        raise CellUnknown(cell)

    def last_code(self) -> int:
        """Return the index of the last code cell. Raises BadArguments if there is none."""
        code = [i for i, cell in enumerate(self.cells) if cell.kind == "code" and cell.source.strip()]
        if not code:
            raise BadArguments(f"{self.path.name} has no code cells.", "There is nothing to run.")
        return code[-1]

    def saved_failure(self, index: int) -> dict[str, Any] | None:
        """Return the error that the notebook holds among a cell's outputs."""
        outputs = self.notebook["cells"][index].get("outputs", []) if self.notebook is not None else []
        error = next((output for output in outputs if output.get("output_type") == "error"), None)
        return {key: error[key] for key in ("ename", "evalue", "traceback")} if error else None

    # -- writing -------------------------------------------------------------------------------------------------------

    def write(self, edits: Sequence[dict[str, Any]]) -> None:
        """Write edited cells to the file if it is still as it was read; every other byte stays. Raises NotWritable."""
        if self.notebook is None:
            text = edits[0]["newText"]
        elif self.written_as != 4:
            raise NotWritable(f"{self.path.name} is in an old notebook format.", "Open and save it in Jupyter once.")
        else:
            new = {edit["uri"]: edit["newText"] for edit in edits}
            indexes = {index: new[cell.uri] for index, cell in enumerate(self.cells) if cell.uri in new}
            text = with_sources(self.text, indexes)
        mark = codecs.BOM_UTF8 if self.data.startswith(codecs.BOM_UTF8) else b""
        try:
            storage.swap(self.path, self.data, mark + text.encode("utf-8"))
        except storage.ChangedMeanwhile:
            raise NotWritable(
                f"{self.path.name} was saved by another program in the meantime; nothing was written.",
                "Run the command again.",
            ) from None
        except UnicodeEncodeError:
            raise NotWritable(
                f"The new text has a character that UTF-8 cannot hold, so {self.path.name} was not written."
            ) from None
        except OSError as error:
            raise NotWritable(f"{self.path.name} cannot be written: {error.strerror}.") from None

    def with_cells(self, result: Any) -> Any:
        """Return a result with `cell` (id) and `index` beside each `uri`, for people who read JSON."""
        if isinstance(result, list):
            return [self.with_cells(each) for each in result]
        if not isinstance(result, dict):
            return result
        known = {key: self.with_cells(value) for key, value in result.items()}
        if "uri" in known and (index := self.by_uri(known["uri"])) is not None:
            known |= {"cell": self.cells[index].id, "index": index}
        return known

    def by_uri(self, uri: str) -> int | None:
        """Return the index of the cell that a result's `uri` names; None for the whole document."""
        named = (f"{self.uri}#{cell.id}" for cell in self.cells)
        return next((index for index, each in enumerate(named) if each == uri), None)


def _read(path: Path) -> tuple[bytes, str]:
    """Return a file's bytes, and them as text without a byte order mark. Raises NotebookUnreadable."""
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise NotebookUnreadable(
                f"{path.name} is larger than {SIZE_LIMIT // 10**6} MB.", "Clear its outputs first."
            )
        data = path.read_bytes()
        return data, data.decode("utf-8-sig")  # not read_text: line ends stay as they are
    except FileNotFoundError:
        raise NotebookUnreadable(f"There is no file {path}.", "Check the path.") from None
    except IsADirectoryError:
        raise NotebookUnreadable(f"{path} is a folder.", "Name a notebook or a script in it.") from None
    except UnicodeDecodeError:
        raise NotebookUnreadable(f"{path.name} is not UTF-8 text.") from None
    except OSError as error:
        raise NotebookUnreadable(f"{path.name} cannot be read: {error.strerror}.") from None


def _parse(path: Path, text: str) -> tuple[dict[str, Any], int]:
    """Return an .ipynb as nbformat 4.5, and the major version that it is in. Raises NotebookUnreadable."""
    # jsonschema imports it, where it is, to check addresses: a grammar that takes seconds to build, and for nothing here.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import nbformat

    try:
        raw = json.loads(text)
        version = raw.get("nbformat") if isinstance(raw, dict) else None
    except (ValueError, RecursionError):
        raise NotebookUnreadable(
            f"{path.name} is not valid JSON.", "Is it a notebook? Was it saved completely?"
        ) from None
    try:
        notebook = nbformat.convert(nbformat.from_dict(raw), 4)  # type: ignore[no-untyped-call]
        ids = [cell.get("id") for cell in notebook["cells"]]
        if None in ids or len(set(ids)) != len(ids):
            for number, cell in enumerate(notebook["cells"]):
                cell["id"] = f"cell-{number}"
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
        return dict(notebook), version if isinstance(version, int) else 0
    except Exception:
        raise NotebookUnreadable(f"{path.name} is JSON, but not a notebook.") from None


def _times(cell: dict[str, Any]) -> dict[str, Any]:
    """When a cell last ran in the user's kernel, if the notebook keeps times."""
    execution = (cell.get("metadata") or {}).get("execution")
    return {} if execution is None else {"execution": execution}
