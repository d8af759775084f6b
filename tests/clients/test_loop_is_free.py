"""The event loop serves everybody: whatever one notebook holds, no step of it takes more than 50 ms."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

WATCHED = [sys.executable, str(Path(__file__).with_name("watched_server.py"))]
LINE = "value = [1, 2, 3]  # as in many cells\n"
HUGE = LINE * (10_000_000 // len(LINE))
CHAIN = ["x0 = 1", *(f"x{n} = x{n - 1} + 1" for n in range(1, 5000))]
SCRIPT = "\n".join(f"# %%\nname{n} = '''a\n# %% text\n'''\nvalue{n} = name{n - 1 if n else 0}" for n in range(2000))
FRAME = "import pandas as pd, numpy as np\ndf = pd.DataFrame(np.zeros((2, 50_000)), columns=[f'c{n}' for n in range(50_000)])"


class Client:
    """A rich client that reads all that comes, and answers each question with its last choice, which is the cautious one."""

    def __init__(self, process: asyncio.subprocess.Process, report: Path) -> None:
        assert process.stdin and process.stdout
        self.process, self.report = process, report
        self._in, self._out = process.stdin, process.stdout
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.notified: dict[str, int] = {}
        self.reading = asyncio.ensure_future(self._read())

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def request(self, method: str, params: Any) -> Any:
        number = len(self._waiting)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self.send(id=number, method=method, params=params)
        async with asyncio.timeout(30):
            return await self._waiting[number]

    async def command(self, name: str, uri: str, **more: Any) -> Any:
        arguments = [{"uri": uri, "token": f"{name}-{len(self._waiting)}", **more}]
        return await self.request("workspace/executeCommand", {"command": f"aiNotebook.{name}", "arguments": arguments})

    async def _read(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                header = await self._out.readuntil(b"\r\n\r\n")
                message = json.loads(await self._out.readexactly(int(header.split(b":")[1].split(b"\r")[0])))
                if "method" not in message:
                    self._waiting[message["id"]].set_result(message)
                elif "id" in message:
                    choices = (message.get("params") or {}).get("actions") or [None]
                    self.send(id=message["id"], result=choices[-1])
                else:
                    self.notified[message["method"]] = self.notified.get(message["method"], 0) + 1

    def open_script(self, uri: str, text: str) -> None:
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.send(method="textDocument/didOpen", params={"textDocument": document})

    def change(self, uri: str, version: int, **change: Any) -> None:
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        self.send(method="textDocument/didChange", params=params)

    def open_notebook(self, uri: str, sources: list[str]) -> list[str]:
        cells = [f"{uri}#c{n}" for n in range(len(sources))]
        notebook = {
            "uri": uri,
            "notebookType": "jupyter-notebook",
            "version": 1,
            "cells": [{"kind": 2, "document": each} for each in cells],
        }
        texts = [
            {"uri": each, "languageId": "python", "version": 1, "text": text}
            for each, text in zip(cells, sources, strict=True)
        ]
        params = {"notebookDocument": notebook, "cellTextDocuments": texts}
        self.send(method="notebookDocument/didOpen", params=params)
        return cells

    def change_cell(self, uri: str, cell: str, version: int, text: str) -> None:
        whole = {"document": {"uri": cell, "version": version}, "changes": [{"text": text}]}
        notebook = {"uri": uri, "version": version}
        params = {"notebookDocument": notebook, "change": {"cells": {"textContent": [whole]}}}
        self.send(method="notebookDocument/didChange", params=params)

    async def look(self, uri: str, line: int = 0) -> None:
        """Ask for all that an editor asks for by itself."""
        document = {"uri": uri}
        place = {"line": line, "character": 1}
        spot = {"start": place, "end": place}
        await self.request("textDocument/hover", {"textDocument": document, "position": place})
        asked = {"textDocument": document, "range": spot, "context": {"diagnostics": [], "triggerKind": 1}}
        await self.request("textDocument/codeAction", asked)
        await self.request("textDocument/codeLens", {"textDocument": document})
        await self.request("textDocument/diagnostic", {"textDocument": document})
        for name in ("state", "history"):
            await self.command(name, uri)

    def held(self) -> list[str]:
        """What has held the loop since it was last asked."""
        lines = self.report.read_text().splitlines() if self.report.exists() else []
        self.report.write_text("")
        return lines


@contextlib.asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Client]:
    report = folder / "held"
    process = await asyncio.create_subprocess_exec(
        *WATCHED, str(report), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 27,
        env={**os.environ, "AI_NOTEBOOK_LS_ISOLATION": "limited"}, cwd=folder,
    )  # fmt: skip
    client = Client(process, report)
    capabilities = {
        "experimental": {"aiNotebook": {"version": 1}},
        "textDocument": {"diagnostic": {}},
        "workspace": {"diagnostics": {"refreshSupport": True}},
        "notebookDocument": {"synchronization": {}},
    }
    await client.request("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
    client.send(method="initialized", params={})
    client.held()  # what is imported at the start is nobody's work
    try:
        yield client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await client.reading


async def test_no_notebook_holds_the_loop(tmp_path: Path) -> None:
    held: dict[str, list[str]] = {}
    uri = (tmp_path / "a").as_uri()
    async with watched(tmp_path) as client:
        first, huge, last = client.open_notebook(f"{uri}1.ipynb", ["value = 1", HUGE, "value"])
        await client.look(first)
        await client.look(huge)
        client.change_cell(f"{uri}1.ipynb", huge, 2, HUGE + "x = 1")
        await client.look(last)
        for name in ("run", "explain", "fix", "improve"):
            await client.command(name, huge)
            await client.command(name, last)
        await client.command("preview", last, command="aiNotebook.explain")
        await client.command("scratch", f"{uri}1.ipynb", code=HUGE)
        held["a cell of 10 MB"] = client.held()

        client.open_script(f"{uri}2.py", HUGE)
        await client.look(f"{uri}2.py", 5)
        spot = {"line": 7, "character": 1}
        client.change(f"{uri}2.py", 2, text="y", range={"start": spot, "end": spot})
        await client.look(f"{uri}2.py", 5)
        held["a script of 10 MB"] = client.held()

        client.open_script(f"{uri}3.ipynb", HUGE)
        await client.look(f"{uri}3.ipynb", 5)
        client.change(f"{uri}3.ipynb", 2, text="y", range={"start": spot, "end": spot})
        await client.look(f"{uri}3.ipynb", 5)
        held["a virtual document of 10 MB"] = client.held()

        client.open_script(f"{uri}4.py", SCRIPT)
        await client.look(f"{uri}4.py", 9000)
        client.change(f"{uri}4.py", 2, text="y", range={"start": spot, "end": spot})
        await client.look(f"{uri}4.py", 9000)
        held["a script of 10,000 lines"] = client.held()

        client.open_script(f"{uri}5.ipynb", SCRIPT)
        await client.look(f"{uri}5.ipynb", 9000)
        client.change(f"{uri}5.ipynb", 2, text="y", range={"start": spot, "end": spot})
        await client.look(f"{uri}5.ipynb", 9000)
        held["a virtual document of 10,000 lines"] = client.held()

        deep = [
            "x = " + "(" * 190 + "1" + ")" * 190,
            "x = " + "-" * 2000 + "1",
            "y = x" + ".real" * 5000,
            "y = x" + "+ 1" * 5000,
        ]
        for cell in client.open_notebook(f"{uri}6.ipynb", deep):
            await client.look(cell)
        held["deep nesting"] = client.held()

        chain = client.open_notebook(f"{uri}7.ipynb", CHAIN)
        await client.look(chain[-1])
        held["5,000 cells, looked at"] = client.held()
    assert {case: lines for case, lines in held.items() if lines} == {}


@pytest.mark.long
async def test_no_run_holds_the_loop(tmp_path: Path) -> None:
    held: dict[str, list[str]] = {}
    uri = (tmp_path / "a").as_uri()
    async with watched(tmp_path) as client:
        chain = client.open_notebook(f"{uri}7.ipynb", CHAIN)
        client.change_cell(f"{uri}7.ipynb", chain[3], 2, "x3 = x2 + undefined_name")
        client.change_cell(f"{uri}7.ipynb", chain[4], 2, "import os\nx4 = os.path.join('a', 'b') + str(x2)")
        await client.look(chain[4])
        held["5,000 cells, changed"] = client.held()
        await client.command("run", chain[1])
        held["5,000 cells, run"] = client.held()
        await client.command("explain", chain[3])
        held["5,000 cells, explain"] = client.held()
        await client.command("fix", chain[3])
        held["5,000 cells, fix"] = client.held()
        await client.command("improve", chain[4], recipe="pathlib")
        held["5,000 cells, improve"] = client.held()
        await client.command("scratch", f"{uri}7.ipynb", code="x0")
        await client.command("variables", f"{uri}7.ipynb")
        await client.look(chain[2])
        held["5,000 cells, rest"] = client.held()

        wide = client.open_notebook(f"{uri}9.ipynb", [FRAME, "df['c1x']", f"raise ValueError('x' * {12_000_000})"])
        for cell in wide:
            await client.command("run", cell)
            await client.look(cell)
        for name in ("explain", "fix", "variables", "improve"):
            await client.command(name, wide[1])
        held["50,000 columns"] = client.held()
        for name in ("explain", "fix"):
            await client.command(name, wide[2])
        await client.command("history", wide[2])
        held["an error of 12 MB"] = client.held()
    assert {case: lines for case, lines in held.items() if lines} == {}


async def test_sigterm_ends_a_server_with_such_notebooks_within_two_seconds(tmp_path: Path) -> None:
    uri = (tmp_path / "a").as_uri()
    async with watched(tmp_path) as client:
        _, huge = client.open_notebook(f"{uri}1.ipynb", ["value = 1", HUGE])
        client.open_notebook(f"{uri}2.ipynb", CHAIN)
        await client.command("state", huge)
        client.process.terminate()
        async with asyncio.timeout(2):
            await client.process.wait()
