"""`ai-notebook-ls attach` as jupyter-lsp runs it: real processes, children of one parent, as under a Jupyter server."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from websockets.asyncio.client import unix_connect

from ai_notebook_ls.core.blocks import block
from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.doors import announcement

SERVER = [sys.executable, "-m", "ai_notebook_ls"]
CELLS = ["prices = {'apple': 3}", "%time total = pricse['apple']", "print(total)"]
SECOND = 3
"""The line of the virtual document on which the second cell begins."""


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Jupyter server's own folder for what runs."""
    folder = tmp_path / "runtime"
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def notebook(tmp_path: Path) -> str:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(text, id=f"id-{number}") for number, text in enumerate(CELLS)]
    nbformat.write(made, tmp_path / "n.ipynb")
    return (tmp_path / "n.ipynb").as_uri()


class Attached:
    """jupyter-lsp's end of the pipes: it says what any page says, and all pages are told what it hears."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.seen: list[dict[str, Any]] = []
        self.said: list[str] = []
        self._news = asyncio.Condition()
        self.readers = [asyncio.ensure_future(each) for each in (self._hear(), self._hear_errors())]

    async def _hear(self) -> None:
        assert self.process.stdout
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                header = await self.process.stdout.readuntil(b"\r\n\r\n")
                body = await self.process.stdout.readexactly(int(header.split(b":")[1]))
                await self._note(self.seen, json.loads(body))

    async def _hear_errors(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            await self._note(self.said, line.decode())

    async def _note(self, where: list[Any], what: Any) -> None:
        async with self._news:
            where.append(what)
            self._news.notify_all()

    async def until(self, holds: Any) -> Any:
        async with asyncio.timeout(30), self._news:
            await self._news.wait_for(holds)
        return holds()

    def say(self, method: str, params: Any = None, **more: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def answer(self, number: Any) -> Any:
        return await self.until(lambda: next((m for m in self.seen if m.get("id") == number), None))

    async def told(self, words: str) -> None:
        """Wait until it has said this on stderr; what it said before does not count again."""
        await self.until(lambda: any(words in line for line in self.said))
        del self.said[: 1 + next(i for i, line in enumerate(self.said) if words in line)]

    async def diagnostics(self, uri: str, *codes: str) -> Any:
        def last() -> Any:
            found = [m["params"] for m in self.seen if m.get("method") == "textDocument/publishDiagnostics"]
            last = next((each["diagnostics"] for each in reversed(found) if each["uri"] == uri), None)
            return last if last is not None and [each["code"] for each in last] == [*codes] else None

        return await self.until(lambda: last() is not None and (last() or [True]))

    async def open(self, uri: str, number: Any = 0) -> None:
        """Do what a page does when a notebook is opened in it."""
        able = {"textDocument": {"hover": {"contentFormat": ["markdown", "plaintext"]}}}
        self.say("initialize", {"processId": None, "rootUri": None, "capabilities": able}, id=number)
        await self.answer(number)
        self.say("initialized", {})
        text = "\n\n".join("\n".join(block(Cell("", each))) + "\n" for each in CELLS)
        item = {"uri": uri, "languageId": "python", "version": 0, "text": text}
        self.say("textDocument/didOpen", {"textDocument": item})
        identifier = {"uri": uri, "version": 0}
        self.say("textDocument/didChange", {"textDocument": identifier, "contentChanges": [{"text": text}]})

    async def hover(self, uri: str, line: int, character: int, number: Any) -> str:
        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        self.say("textDocument/hover", place, id=number)
        result = (await self.answer(number))["result"]
        return result["contents"]["value"] if result else ""


@contextlib.asynccontextmanager
async def attach() -> AsyncIterator[Attached]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*SERVER, "attach", stdin=pipe, stdout=pipe, stderr=pipe)
    attached = Attached(process)
    try:
        yield attached
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await asyncio.gather(*attached.readers)


@contextlib.asynccontextmanager
async def sidecar(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The sidecar, as jupyter-server-proxy starts it."""
    command = [*SERVER, "serve", "--unix-socket", str(folder / "door.sock"), "--announce"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert process.stderr
    try:
        await process.stderr.readuntil(b"Listening on ")
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


class Page:
    """A page with our extension: it has the notebook as cells, and runs them."""

    def __init__(self, websocket: Any, uri: str) -> None:
        self._websocket = websocket
        self._uri = uri

    async def open(self, cells: list[str]) -> None:
        able = {"experimental": {"aiNotebook": {"version": 1}}}
        await self.request("initialize", {"processId": None, "rootUri": None, "capabilities": able})
        await self.say("initialized", {})
        made = [{"kind": 2, "document": f"{self._uri}#id-{number}"} for number in range(len(cells))]
        document = {"uri": self._uri, "notebookType": "jupyter-notebook", "version": 1, "cells": made}
        texts = [
            {"uri": f"{self._uri}#id-{number}", "languageId": "python", "version": 1, "text": text}
            for number, text in enumerate(cells)
        ]
        await self.say("notebookDocument/didOpen", {"notebookDocument": document, "cellTextDocuments": texts})

    async def say(self, method: str, params: Any, **more: Any) -> None:
        await self._websocket.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}))

    async def request(self, method: str, params: Any) -> Any:
        await self.say(method, params, id=method)
        async with asyncio.timeout(60):
            while True:
                message = json.loads(await self._websocket.recv())
                if message.get("id") == method:
                    return message["result"]

    async def command(self, name: str, cell: int, **more: Any) -> Any:
        arguments = [{"uri": f"{self._uri}#id-{cell}", **more}]
        return await self.request("workspace/executeCommand", {"command": name, "arguments": arguments})


async def test_what_a_page_ran_and_explained_is_shown(tmp_path: Path, notebook: str) -> None:
    async with sidecar(tmp_path) as process, attach() as stock, unix_connect(str(tmp_path / "door.sock")) as socket:
        await stock.told("relaying to the sidecar")
        page = Page(socket, notebook)
        await page.open(CELLS)
        await stock.open(notebook)
        (found,) = await stock.diagnostics(notebook, "misspelt")
        # `%time ` has as many columns in its cell as it has: the block's own line is another.
        assert found["range"]["start"] == {"line": SECOND, "character": CELLS[1].index("pricse")}
        outcome = await page.command("aiNotebook.run", 1)
        assert outcome["failure"]["ename"] == "NameError"
        (failed,) = await stock.diagnostics(notebook, "NameError")
        assert failed["range"]["start"]["line"] == SECOND
        await page.command("aiNotebook.explain", 1)
        shown = await stock.hover(notebook, SECOND, 1, 1)
        assert "pricse" in shown
        assert "NameError" in shown
        assert "cell 2" in await stock.hover(notebook, 6, 7, 2)
        assert process.returncode is None


async def test_it_serves_by_itself_until_there_is_a_sidecar_and_after(tmp_path: Path, notebook: str) -> None:
    async with attach() as stock:
        await stock.told("serving by itself")
        await stock.open(notebook)
        await stock.diagnostics(notebook, "misspelt")
        assert "cell 2" in await stock.hover(notebook, 6, 7, 1)
        async with sidecar(tmp_path) as first:
            await stock.told("relaying to the sidecar")
            assert "cell 2" in await stock.hover(notebook, 6, 7, 2), "nothing had to be opened again"
            first.kill()  # its announcement stays
            await stock.told("the sidecar is gone")
            await stock.told("serving by itself")
            assert "cell 2" in await stock.hover(notebook, 6, 7, 3)
            await stock.diagnostics(notebook, "misspelt")
        async with sidecar(tmp_path):
            await stock.told("relaying to the sidecar")
            assert "cell 2" in await stock.hover(notebook, 6, 7, 4)
        await stock.told("the sidecar is gone")
        assert "cell 2" in await stock.hover(notebook, 6, 7, 5)
        assert [m.get("id") for m in stock.seen if "method" not in m] == [0, 1, 2, 3, 4, 5]


async def test_a_sidecar_that_hangs_is_left_alone(tmp_path: Path, notebook: str) -> None:
    async with sidecar(tmp_path) as process:
        process.send_signal(signal.SIGSTOP)
        async with attach() as stock:
            await stock.told("serving by itself")
            await stock.open(notebook)
            assert "cell 2" in await stock.hover(notebook, 6, 7, 1)
        process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"socket": 1}', '{"socket": "/nowhere"}', '{"socket": "%s"}'], ids=range(6)
)
async def test_a_stale_or_foreign_announcement_does_not_mislead(
    runtime: Path, tmp_path: Path, notebook: str, content: str
) -> None:
    runtime.mkdir()
    left = tmp_path / "left.sock"
    server = await asyncio.start_unix_server(lambda *_: None, left)
    server.close()
    await server.wait_closed()
    file = runtime / f"ai-notebook-ls-{os.getpid()}.json"
    file.write_text(content.replace("%s", str(left)))
    file.chmod(0o600)
    async with attach() as stock:
        await stock.told("serving by itself")
        await stock.open(notebook)
        assert "cell 2" in await stock.hover(notebook, 6, 7, 1)


async def test_announcements_are_private_and_only_the_owners_are_taken(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getppid", lambda: os.getpid())  # as a sibling sees it
    async with sidecar(tmp_path):
        file = runtime / f"ai-notebook-ls-{os.getpid()}.json"
        assert file.stat().st_mode & 0o777 == 0o600
        assert announcement.find() == str(tmp_path / "door.sock")
        file.chmod(0o644)
        assert announcement.find() is None
        file.chmod(0o600)
        Path(tmp_path / "door.sock").chmod(0o666)
        assert announcement.find() is None
        if os.getuid() == 0:
            Path(tmp_path / "door.sock").chmod(0o600)
            os.chown(file, 1, -1)
            assert announcement.find() is None
            os.chown(file, 0, -1)
    assert not file.exists(), "a sidecar that ends takes it back"


async def test_one_pages_goodbye_is_not_the_others(notebook: str) -> None:
    async with attach() as stock:
        await stock.open(notebook, 0)
        await stock.open(notebook, "page-2:0")
        await stock.diagnostics(notebook, "misspelt")
        stock.say("shutdown", id=1)
        assert (await stock.answer(1))["result"] is None
        stock.say("exit")
        stock.say("textDocument/didClose", {"textDocument": {"uri": notebook}})
        assert "cell 2" in await stock.hover(notebook, 6, 7, "page-2:1")
        stock.say(
            "textDocument/hover", {"textDocument": {"uri": notebook}, "position": {"line": 6, "character": 7}}, id=2
        )
        stock.say(
            "textDocument/hover", {"textDocument": {"uri": notebook}, "position": {"line": 0, "character": 1}}, id=2
        )
        await stock.until(lambda: len([m for m in stock.seen if m.get("id") == 2]) == 2)


@pytest.mark.parametrize("way", ["SIGTERM", "stdin"])
@pytest.mark.parametrize("relayed", [False, True])
async def test_it_ends_promptly_and_leaves_nobody(tmp_path: Path, notebook: str, way: str, relayed: bool) -> None:
    async with contextlib.AsyncExitStack() as stack:
        if relayed:
            await stack.enter_async_context(sidecar(tmp_path))
        stock = await stack.enter_async_context(attach())
        await stock.told("relaying" if relayed else "serving by itself")
        await stock.open(notebook)
        await stock.diagnostics(notebook, "misspelt")
        children = psutil.Process(stock.process.pid).children(recursive=True)
        assert children == [], "no kernel is prepared: nothing can be run from here"
        if way == "SIGTERM":
            stock.process.terminate()
        else:
            assert stock.process.stdin
            stock.process.stdin.close()
        await asyncio.wait_for(stock.process.wait(), 10)
        assert not [line for line in stock.said if re.search("Traceback|Error", line)]


async def test_help_and_a_terminal(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(*SERVER, "attach", "--help", stdout=asyncio.subprocess.PIPE)
    text = (await process.communicate())[0].decode()
    assert "jupyterlab-lsp" in text
    assert process.returncode == 0


async def test_a_runtime_folder_that_cannot_be_written_costs_only_the_announcement(
    runtime: Path, tmp_path: Path
) -> None:
    runtime.write_text("a file in its place")
    async with sidecar(tmp_path) as process:
        async with unix_connect(str(tmp_path / "door.sock")) as socket:
            page = Page(socket, (tmp_path / "n.ipynb").as_uri())
            await page.open(CELLS)
            assert (await page.command("aiNotebook.state", 0))["kernel"] == "none"
        assert process.returncode is None
