"""The documents that all servers get: ordinary code, ten lines a cell with its marker."""

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
COMMENT = 4
"""The line of the cell that is typed into: the code stays what it is."""
CURSOR = {"line": 5, "character": 12}
"""On `result`, in the cell."""
MARKER = "# %%\n"
CELL_LINES = CELL.count("\n") + 1


class Document:
    """A notebook, or the same text as one `# %%` script, open in one server."""

    def __init__(self, client: Client, root: str, cells: int, as_notebook: bool) -> None:
        self.client = client
        self.cells = cells
        self.as_notebook = as_notebook
        self._uri = f"{root}/measured.{'ipynb' if as_notebook else 'py'}"
        self._version = 1

    async def open(self) -> None:
        """Open it."""
        sources = [CELL.format(n=n) for n in range(self.cells)]
        if not self.as_notebook:
            text = "\n".join(MARKER + source for source in sources)
            item = {"uri": self._uri, "languageId": "python", "version": 1, "text": text}
            return await self.client.notify("textDocument/didOpen", {"textDocument": item})
        uris = [f"{self._uri}#cell{n}" for n in range(self.cells)]
        texts = [
            {"uri": uri, "languageId": "python", "version": 1, "text": source}
            for uri, source in zip(uris, sources, strict=True)
        ]
        notebook = {"uri": self._uri, "notebookType": "jupyter-notebook", "version": 1, "metadata": {}}
        notebook["cells"] = [{"kind": 2, "document": uri} for uri in uris]
        params = {"notebookDocument": notebook, "cellTextDocuments": texts}
        return await self.client.notify("notebookDocument/didOpen", params)

    async def type(self, cell: int) -> None:
        """Press one key in a comment of a cell."""
        self._version += 1
        document, first = self._place(cell)
        place = {"line": first + COMMENT, "character": 12}
        changes = [{"range": {"start": place, "end": place}, "text": "x"}]
        identifier = {"uri": document, "version": self._version}
        if not self.as_notebook:
            params: dict[str, Any] = {"textDocument": identifier, "contentChanges": changes}
            return await self.client.notify("textDocument/didChange", params)
        changed = {"cells": {"textContent": [{"document": identifier, "changes": changes}]}}
        notebook = {"uri": self._uri, "version": self._version}
        params = {"notebookDocument": notebook, "change": changed}
        return await self.client.notify("notebookDocument/didChange", params)

    async def code_actions(self, cell: int) -> list[Any]:
        """Ask what can be done at the cursor, as a person would by key."""
        document, place = self._cursor(cell)
        params = {
            "textDocument": {"uri": document},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": [], "triggerKind": 1},
        }
        return await self.client.request("textDocument/codeAction", params) or []

    async def hover(self, cell: int) -> Any:
        """Ask about the name under the cursor."""
        document, place = self._cursor(cell)
        return await self.client.request("textDocument/hover", {"textDocument": {"uri": document}, "position": place})

    def _cursor(self, cell: int) -> tuple[str, dict[str, int]]:
        document, first = self._place(cell)
        return document, {**CURSOR, "line": first + CURSOR["line"]}

    def _place(self, cell: int) -> tuple[str, int]:
        """The document that holds a cell, and the cell's first line there."""
        if self.as_notebook:
            return f"{self._uri}#cell{cell}", 0
        return self._uri, cell * (CELL_LINES + 1) + 1
