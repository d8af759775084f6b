"""The documents that all servers get: ordinary code, ten lines a cell with its marker, and one thing to mend."""

from __future__ import annotations

from typing import Any

from benchmarks.client import Client

CELL = """\
def total_{n}(values, scale=1.0):
    \"\"\"Sum the values, scaled.\"\"\"
    result = 0.0
    for value in values:
        # scaled one by one
        result += value * scale
    return result

answer_{n} = total_{n}([1, 2, 3], scale={n})"""
MENDABLE = "import os  # never used"
"""In place of the middle cell's empty line: ruff has something to offer there."""
EMPTY_LINE = 7
COMMENT = {"line": 4, "character": 12}
"""Where is typed: the code stays what it is."""
NAME = {"line": 5, "character": 12}
"""On `result`."""
MARKER = "# %%\n"
CELL_LINES = 10


class Document:
    """A notebook, or the same text as one `# %%` script, open in one server; all is done in its middle cell."""

    def __init__(self, client: Client, root: str, cells: int, as_notebook: bool) -> None:
        self.client = client
        self.cells = cells
        self.uri = f"{root}/measured.{'ipynb' if as_notebook else 'py'}"
        self._as_notebook = as_notebook
        self._version = 1
        self._middle = cells // 2
        self._document = self._cell_uri(self._middle) if as_notebook else self.uri
        self._first = 0 if as_notebook else self._middle * CELL_LINES + 1

    @property
    def place(self) -> str:
        """The URI of the middle cell's text."""
        return self._document

    async def open(self) -> None:
        """Open it."""
        sources = [CELL.format(n=n) for n in range(self.cells)]
        lines = sources[self._middle].split("\n")
        lines[EMPTY_LINE] = MENDABLE
        sources[self._middle] = "\n".join(lines)
        if not self._as_notebook:
            text = "\n".join(MARKER + source for source in sources)
            return await self.client.notify("textDocument/didOpen", {"textDocument": _item(self.uri, text)})
        texts = [_item(self._cell_uri(n), source) for n, source in enumerate(sources)]
        cells = [{"kind": 2, "document": text["uri"]} for text in texts]
        notebook = {"uri": self.uri, "notebookType": "jupyter-notebook", "version": 1, "metadata": {}, "cells": cells}
        return await self.client.notify(
            "notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": texts}
        )

    async def pull_diagnostics(self) -> None:
        """Ask for the middle cell's diagnostics, as newer editors do; a server may then publish none by itself."""
        if self.client.capabilities.get("diagnosticProvider"):
            report = await self.client.request("textDocument/diagnostic", {"textDocument": {"uri": self._document}})
            self.client.diagnostics.setdefault(self._document, report.get("items", []))

    async def type(self) -> None:
        """Press one key in a script's comment."""
        assert not self._as_notebook
        self._version += 1
        place = self._at(COMMENT)
        identifier = {"uri": self.uri, "version": self._version}
        changes = [{"range": {"start": place, "end": place}, "text": "x"}]
        await self.client.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})

    async def code_actions(self) -> tuple[list[Any], float]:
        """Ask by key what can be done about the unused import; return the actions, and the milliseconds it took.

        As an editor does, what the server itself published there goes with it.
        """
        line = {"line": EMPTY_LINE, "character": 0}
        start = self._at(line)
        there = [each for each in self.client.diagnostics.get(self._document, ()) if _covers(each, start["line"])]
        actions, took = await self.client.timed(
            "textDocument/codeAction",
            {
                "textDocument": {"uri": self._document},
                "range": {"start": start, "end": {**start, "character": len(MENDABLE)}},
                "context": {"diagnostics": there, "triggerKind": 1},
            },
        )
        return actions or [], took

    async def hover(self) -> Any:
        """Ask about a name."""
        place = self._at(NAME)
        return await self.client.request(
            "textDocument/hover", {"textDocument": {"uri": self._document}, "position": place}
        )

    def _at(self, place: dict[str, int]) -> dict[str, int]:
        return {**place, "line": self._first + place["line"]}

    def _cell_uri(self, number: int) -> str:
        # VS Code's spelling: basedpyright fails on cells that are `file:`.
        return f"{self.uri.replace('file:', 'vscode-notebook-cell:', 1)}#cell{number}"


def _item(uri: str, text: str) -> dict[str, Any]:
    return {"uri": uri, "languageId": "python", "version": 1, "text": text}


def _covers(diagnostic: dict[str, Any], line: int) -> bool:
    return diagnostic["range"]["start"]["line"] <= line <= diagnostic["range"]["end"]["line"]
