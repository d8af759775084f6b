"""A raw JSON-RPC client: no types, no checks, so that what is measured is the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 20.0
"""Seconds after which a request counts as not answered."""

# What an ordinary editor says of itself; no server gets more than another.
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "notebookDocument": {"synchronization": {"executionSummarySupport": True}},
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}},
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {"versionSupport": True},
    },
    "workspace": {"applyEdit": True, "configuration": True, "workspaceFolders": True},
    "window": {"workDoneProgress": True},
}


class Refused(Exception):
    """The server answered with an error, or is gone."""


class Client:
    """One LSP session; a subclass knows the transport."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._last = 0
        self._reading: asyncio.Task[None] | None = None

    async def initialize(self, root: Path) -> dict[str, Any]:
        """Shake hands and return the server's capabilities."""
        folder = {"uri": root.as_uri(), "name": root.name}
        params = {"processId": os.getpid(), "rootUri": root.as_uri(), "workspaceFolders": [folder]}
        result = await self.request("initialize", {**params, "capabilities": CAPABILITIES})
        await self.notify("initialized", {})
        return dict(result["capabilities"])

    async def request(self, method: str, params: Any) -> Any:
        """Return a request's result. Raises Refused, asyncio.TimeoutError."""
        self._last += 1
        answer = self._waiting[self._last] = asyncio.get_running_loop().create_future()
        await self._send({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params})
        return await asyncio.wait_for(answer, PATIENCE)

    async def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        await self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self) -> None:
        """End the session, and what serves it if it is ours."""
        if self._reading:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    def _listen(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            while (message := await self._receive()) is not None:
                if "method" not in message:
                    self._settle(message)
                elif "id" in message:  # a server's own request: a configuration has as many answers as items
                    items = (message.get("params") or {}).get("items")
                    result = None if items is None else [None] * len(items)
                    await self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(Refused("it ended"))

    def _settle(self, message: dict[str, Any]) -> None:
        answer = self._waiting.pop(message["id"], None)
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(Refused(message["error"].get("message", "an error")))
        else:
            answer.set_result(message.get("result"))

    async def _send(self, message: Mapping[str, Any]) -> None:
        raise NotImplementedError

    async def _receive(self) -> dict[str, Any] | None:
        raise NotImplementedError


class StdioClient(Client):
    """A session with a server of our own, over its stdin and stdout."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        super().__init__()
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._listen()

    @classmethod
    async def start(cls, argv: Sequence[str], root: Path, environment: Mapping[str, str]) -> StdioClient:
        """Start a server in a process group of its own."""
        pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=pipe, stdout=pipe, stderr=null, cwd=root, env=environment, start_new_session=True
        )
        return cls(process)

    def resident(self) -> int:
        """Bytes of resident memory of the server and its children."""
        return sum(process.memory_info().rss for process in self._tree())

    async def settle(self, patience: float) -> None:
        """Wait until the server has nothing to do, or patience ends."""
        pause, deadline = 0.25, asyncio.get_running_loop().time() + patience
        used = self._used()
        while asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(pause)
            before, used = used, self._used()
            if used - before < 0.05 * pause:
                return

    async def close(self) -> None:
        """Kill the server's process group: what is measured is over."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        await super().close()

    def _used(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._tree())

    def _tree(self) -> list[psutil.Process]:
        try:
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            raise Refused("it ended") from None

    async def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps(message, separators=(",", ":")).encode()
        self._stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await self._stdin.drain()

    async def _receive(self) -> dict[str, Any] | None:
        try:
            head = await self._stdout.readuntil(b"\r\n\r\n")
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            return dict(json.loads(await self._stdout.readexactly(int(length.split(b":")[1]))))
        except asyncio.IncompleteReadError:
            return None


class WebSocketClient(Client):
    """A session over WebSocket, one text frame a message."""

    def __init__(self, connection: ClientConnection) -> None:
        super().__init__()
        self._connection = connection
        self._listen()

    @classmethod
    async def open(cls, url: str) -> WebSocketClient:
        """Connect."""
        return cls(await connect(url, max_size=None))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()
        await super().close()

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._connection.send(json.dumps(message, separators=(",", ":")))

    async def _receive(self) -> dict[str, Any] | None:
        try:
            return dict(json.loads(await self._connection.recv()))
        except ConnectionClosed:
            return None
