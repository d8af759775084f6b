"""Many clients of one process, and its sudden death."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, unix_connect

from tests.clients.conftest import served

CLIENTS = 20


class Page:
    """A rich client, by hand: it must see every message that comes, its own or not."""

    def __init__(self, websocket: ClientConnection, number: int, folder: Path) -> None:
        self.websocket = websocket
        self.number = number
        self.uri = (folder / f"page{number}.py").as_uri()
        self.came: list[Any] = []

    async def send(self, **message: Any) -> None:
        await self.websocket.send(json.dumps({"jsonrpc": "2.0", **message}))

    async def request(self, msg_id: Any, method: str, params: Any) -> Any:
        await self.send(id=msg_id, method=method, params=params)
        while True:
            message = json.loads(await self.websocket.recv())
            self.came.append(message)
            if message.get("id") == msg_id and "method" not in message:
                return message

    async def open(self, text: str) -> None:
        rich = {"experimental": {"aiNotebook": {"version": 1}}}
        await self.request(0, "initialize", {"processId": None, "rootUri": None, "capabilities": rich})
        document = {"uri": self.uri, "languageId": "python", "version": 1, "text": text}
        await self.send(method="textDocument/didOpen", params={"textDocument": document})

    async def run(self, msg_id: Any, **more: Any) -> Any:
        argument = {"uri": self.uri, "token": f"page{self.number}", **more}
        return await self.request(
            msg_id, "workspace/executeCommand", {"command": "aiNotebook.run", "arguments": [argument]}
        )


async def test_twenty_clients_at_once_see_only_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_NOTEBOOK_LS_ISOLATION", "limited")  # in sandboxes there were twenty zygotes, too
    async with served(tmp_path) as (path, _):

        async def visit(number: int) -> None:
            async with unix_connect(str(path)) as websocket:
                page = Page(websocket, number, tmp_path)
                await page.open(f"answer = {number} * 1000\nprint('page', {number})\nanswer")
                for msg_id in (1, 2):  # the same ids on every connection
                    answer = await page.run(msg_id)
                    assert "result" in answer, answer
                    outcome = answer["result"]
                    assert outcome["outputs"][0]["text"] == f"page {number}\n"
                    assert outcome["outputs"][1]["data"]["text/plain"] == str(number * 1000)
                assert all(f"page{number}" in json.dumps(message) for message in page.came if "method" in message)
                assert sorted(message["id"] for message in page.came if "method" not in message) == [0, 1, 2]

        await asyncio.gather(*(visit(number) for number in range(CLIENTS)))


async def test_two_clients_share_the_kernel_of_one_notebook(tmp_path: Path) -> None:
    async with served(tmp_path) as (path, _), unix_connect(str(path)) as one, unix_connect(str(path)) as two:
        first, second = Page(one, 1, tmp_path), Page(two, 1, tmp_path)
        text = "import time\n# %%\nn = globals().get('n', 0) + 1\nprint(n)\n"
        await asyncio.gather(first.open(text), second.open(text))
        place = {"position": {"line": 2, "character": 0}, "mode": "cell"}
        outcomes = await asyncio.gather(first.run(1, **place), second.run(1, **place))
        assert sorted(outcome["result"]["outputs"][0]["text"] for outcome in outcomes) == ["1\n", "2\n"]


async def test_kill_9_during_a_run_leaves_no_orphan(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    async with served(tmp_path) as (path, process):
        async with unix_connect(str(path)) as websocket:
            page = Page(websocket, 1, tmp_path)
            await page.open(f"import pathlib\npathlib.Path({str(mark)!r}).touch()\nwhile True:\n    pass")
            running = asyncio.ensure_future(page.run(1))
            async with asyncio.timeout(30):
                while not mark.exists():
                    await asyncio.sleep(0.01)
            descendants = psutil.Process(process.pid).children(recursive=True)
            assert descendants
            process.send_signal(signal.SIGKILL)
            await asyncio.wait({running}, timeout=10)
            assert running.done(), "the page notices"
            assert running.exception() is not None
        _, alive = await asyncio.to_thread(psutil.wait_procs, descendants, 2)
        assert alive == []


async def test_sigterm_is_orderly(tmp_path: Path) -> None:
    async with served(tmp_path) as (path, process), unix_connect(str(path)) as websocket:
        page = Page(websocket, 1, tmp_path)
        await page.open("x = 1")
        assert (await page.run(1))["result"]["status"] == "ok"
        descendants = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)
        assert not [each for each in descendants if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
