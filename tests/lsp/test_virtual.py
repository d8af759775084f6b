"""A notebook that comes as one text, as jupyterlab-lsp sends it: its cells are those of the real one."""

import asyncio
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lsprotocol import types as t

from ai_notebook_ls.app import build, open_session
from ai_notebook_ls.core.blocks import block
from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.lsp.neighbours import Neighbours
from ai_notebook_ls.settings import Settings
from tests.lsp.conftest import Peer

CELLS = [
    ("markdown", "# A story\n\nof prices"),
    ("code", "\n\nprices = {'apple': 3, '🦊': 1}"),
    ("code", "%%time\n%time total = prices['apple'] * 14"),
    ("code", ""),
    ("code", "!ls {total}\nprint('🦊', prices, pricse, total)"),
]
TOTAL, FOURTH, LAST = 8, 13, 16
"""The lines of the virtual document on which the last three cells begin."""


def virtual(cells: list[tuple[str, str]]) -> str:
    return "\n\n".join("\n".join(block(Cell("", text, kind))) + "\n" for kind, text in cells)  # type: ignore[arg-type]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    made = nbformat.v4.new_notebook()
    made.cells = [
        getattr(nbformat.v4, f"new_{kind}_cell")(text, id=f"id-{number}") for number, (kind, text) in enumerate(CELLS)
    ]
    path = tmp_path / "a story+ü.ipynb"
    nbformat.write(made, path)
    return path


class Page(Peer):
    """A client that waits for what it is told."""

    def told(self, uri: str) -> list[Any] | None:
        found = [m["params"] for m in self.sent if m.get("method") == t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]
        return next((each["diagnostics"] for each in reversed(found) if each["uri"] == uri), None)

    async def diagnostics(self, uri: str, *codes: str) -> list[Any]:
        async with asyncio.timeout(10):
            while [each["code"] for each in self.told(uri) or ()] != list(codes):
                self._news.clear()
                await self._news.wait()
        return self.told(uri) or []

    async def hover(self, uri: str, line: int, character: int) -> str:
        params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        answer = await self.request("textDocument/hover", params)
        return answer["result"]["contents"]["value"] if answer["result"] else ""

    def open(self, uri: str, text: str) -> None:
        item = {"uri": uri, "languageId": "python", "version": 0, "text": text}
        self.send(method="textDocument/didOpen", params={"textDocument": item})

    def open_cells(self, uri: str, cells: list[tuple[str, str]]) -> None:
        made = [{"kind": 2 if kind == "code" else 1, "document": f"{uri}#id-{n}"} for n, (kind, _) in enumerate(cells)]
        texts = [
            {"uri": f"{uri}#id-{n}", "languageId": "python", "version": 1, "text": text}
            for n, (_, text) in enumerate(cells)
        ]
        document = {"uri": uri, "notebookType": "jupyter-notebook", "version": 1, "cells": made}
        self.send(method="notebookDocument/didOpen", params={"notebookDocument": document, "cellTextDocuments": texts})


async def test_the_notebook_on_disk_tells_the_cells(notebook: Path) -> None:
    page = Page(open_session(build(Settings())))
    await page.initialize()
    uri = notebook.as_uri()
    page.open(uri, virtual(CELLS))
    found = await page.diagnostics(uri, "misspelt")
    line = CELLS[-1][1].split("\n")[1]
    start = len(line[: line.index("pricse")].encode("utf-16-le")) // 2
    assert found[0]["range"] == {
        "start": {"line": LAST + 1, "character": start},
        "end": {"line": LAST + 1, "character": start + 6},
    }
    cells = page.session.documents.notebook(uri).cells
    assert [(cell.id, cell.source, cell.kind) for cell in cells] == [
        (f"id-{number}", text, kind) for number, (kind, text) in enumerate(CELLS)
    ]
    # Where jupyterlab-lsp asks: the column is the cell's, the line counts from the block's first.
    assert "cell 2" in await page.hover(uri, LAST + 1, line.index("prices") + 1)
    assert "cell 3" in await page.hover(uri, LAST, len("!ls {t"))
    assert "cell 2" in await page.hover(uri, TOTAL + 1, len("%time total = pri"))
    assert await page.hover(uri, LAST - 1, 0) == ""


async def test_an_edit_is_seen_at_once_and_a_new_cell_counts(notebook: Path) -> None:
    page = Page(open_session(build(Settings())))
    await page.initialize()
    uri = notebook.as_uri()
    page.open(uri, virtual(CELLS))
    await page.diagnostics(uri, "misspelt")
    now = [*CELLS[:4], ("code", "fresh = 1"), ("code", "print(fresh, prices)")]
    change = {"textDocument": {"uri": uri, "version": 1}, "contentChanges": [{"text": virtual(now)}]}
    page.send(method="textDocument/didChange", params=change)
    await page.diagnostics(uri)
    assert "cell 5" in await page.hover(uri, LAST + 3, 7)
    page.send(method="textDocument/didClose", params={"textDocument": {"uri": uri}})
    assert await page.hover(uri, LAST + 3, 7) == ""


@pytest.mark.parametrize(
    "content", [None, "", "{", "[]", '{"cells": [{"id": 1}]}', '{"cells": null}', '{"nbformat": 3}']
)
async def test_without_a_readable_notebook_blank_lines_divide(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "unsaved.ipynb"
    if content is not None:
        path.write_text(content)
    page = Page(open_session(build(Settings())))
    await page.initialize()
    page.open(path.as_uri(), 'price = 3\n\n\nget_ipython().run_line_magic("time", " 1")\nprint(price, pricee)\n')
    found = await page.diagnostics(path.as_uri(), "misspelt")
    assert found[0]["range"]["start"] == {"line": 4, "character": 13}
    assert "cell 1" in await page.hover(path.as_uri(), 4, 7)


async def test_it_shares_what_was_learned_with_the_page_that_has_the_notebook(notebook: Path) -> None:
    assistant, neighbours = build(Settings()), Neighbours()
    page, stock = Page(open_session(assistant, neighbours)), Page(open_session(assistant, neighbours))
    await page.initialize({"experimental": {"aiNotebook": {"version": 1}}})
    await stock.initialize()
    uri = notebook.as_uri()
    encoded = uri.replace("+", "%2B")  # the plugin's spelling; jupyterlab-lsp's leaves the plus
    unsaved = [*CELLS[:3], ("code", "raise ValueError('not on disk')"), *CELLS[4:]]
    page.open_cells(encoded, unsaved)
    stock.open(uri, virtual(unsaved))
    await stock.diagnostics(uri, "misspelt")
    notebook_there = page.session.documents.notebook(encoded)
    cell = notebook_there.cell("id-3")
    failure = Failure("ValueError", "not on disk", ("Traceback",), "id-3", 0)
    assistant.memory.outcome(notebook_there, cell, Outcome("id-3", "error", failure=failure))
    assistant.memory.explanation(notebook_there, cell, "Somebody raised it.")
    assistant.state_changed(notebook_there)
    told = await stock.diagnostics(uri, "ValueError", "misspelt")
    assert told[0]["range"] == {"start": {"line": FOURTH, "character": 0}, "end": {"line": FOURTH, "character": 31}}
    assert "Somebody raised it." in await stock.hover(uri, FOURTH, 8)
    assert page.session.documents.notebook(encoded).virtual is False
    kernel = assistant.kernels.kernel(stock.session.documents.notebook(uri))
    assert kernel is assistant.kernels.kernel(notebook_there)
    assert kernel.notebook is notebook_there, "what is told of a kernel names the page's own cells"  # type: ignore[attr-defined]
    page.session.abandon()
    assert stock.session.documents.elsewhere(uri) is None


async def test_json_shown_by_an_editor_is_no_notebook(notebook: Path) -> None:
    page = Page(open_session(build(Settings())))
    await page.initialize()
    item = {"uri": notebook.as_uri(), "languageId": "json", "version": 0, "text": notebook.read_text()}
    page.send(method="textDocument/didOpen", params={"textDocument": item})
    assert page.session.documents.notebook(notebook.as_uri()).virtual is False
    assert json.loads(page.session.documents.text(notebook.as_uri()).source)
