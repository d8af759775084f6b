"""A raw JSON-RPC client: no types, no checks, so that what is measured is the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 10.0
"""Seconds after which a request counts as not answered."""
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

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
        "diagnostic": {},
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
        self.capabilities: dict[str, Any] = {}
        """What the server can do."""
        self.diagnostics: dict[str, list[Any]] = {}
        """What the server last said, by document."""
        self._waiting: dict[int, tuple[float, asyncio.Future[tuple[Any, float]]]] = {}
        self._sending: set[asyncio.Future[None]] = set()
        self._last = 0

    async def initialize(self, root: Path, capabilities: Mapping[str, Any] = CAPABILITIES) -> float:
        """Shake hands; return the milliseconds that the answer took."""
        folder = {"uri": root.as_uri(), "name": root.name}
        params = {"processId": os.getpid(), "rootUri": root.as_uri(), "workspaceFolders": [folder]}
        result, took = await self.timed("initialize", {**params, "capabilities": capabilities})
        self.capabilities = result["capabilities"]
        await self.notify("initialized", {})
        return took

    async def request(self, method: str, params: Any) -> Any:
        """Return a request's result. Raises Refused, asyncio.TimeoutError."""
        return (await self.timed(method, params))[0]

    async def timed(self, method: str, params: Any) -> tuple[Any, float]:
        """Return a request's result, and the milliseconds from its first byte sent to the answer's last byte read.

        Raises Refused, asyncio.TimeoutError.
        """
        self._last += 1
        answer: asyncio.Future[tuple[Any, float]] = asyncio.get_running_loop().create_future()
        text = json.dumps({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params})
        self._waiting[self._last] = time.perf_counter(), answer
        await self._send(text)
        return await asyncio.wait_for(answer, PATIENCE)

    async def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        await self._send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    async def close(self) -> None:
        """End the session, and what serves it if it is ours."""
        raise NotImplementedError

    async def _send(self, text: str) -> None:
        raise NotImplementedError

    def _arrived(self, text: str | bytes) -> None:
        now, message = time.perf_counter(), json.loads(text)
        method = message.get("method")
        if method is None:
            self._settle(message, now)
        elif "id" in message:  # a server's own request: a configuration has as many answers as items
            items = (message.get("params") or {}).get("items")
            result = None if items is None else [None] * len(items)
            answer = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result})
            self._sending.add(sending := asyncio.ensure_future(self._send(answer)))
            sending.add_done_callback(self._sending.discard)
        elif method == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]

    def _settle(self, message: dict[str, Any], now: float) -> None:
        began, answer = self._waiting.pop(message["id"])
        if answer.done():
            return  # it came too late
        if "error" in message:
            answer.set_exception(Refused(message["error"].get("message", "an error")))
        else:
            answer.set_result((message.get("result"), (now - began) * 1e3))

    def _ended(self) -> None:
        for _, answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Refused("it ended"))


class StdioClient(Client, asyncio.SubprocessProtocol):
    """A session with a server process of our own, over its stdin and stdout."""

    def __init__(self) -> None:
        super().__init__()
        self._buffer = bytearray()
        self._exited = asyncio.get_running_loop().create_future()
        self._process: psutil.Process
        self._transport: asyncio.SubprocessTransport
        self._stdin: asyncio.WriteTransport

    @classmethod
    async def start(cls, argv: Sequence[str], root: Path, environment: Mapping[str, str]) -> StdioClient:
        """Start a server."""
        null = asyncio.subprocess.DEVNULL
        _, client = await asyncio.get_running_loop().subprocess_exec(
            cls, *argv, stderr=null, cwd=root, env=environment, start_new_session=True
        )
        return client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.SubprocessTransport, transport)
        self._stdin = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        self._process = psutil.Process(self._transport.get_pid())

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take the whole messages out of what has come."""
        self._buffer += data
        while (head := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self._buffer, 0, head)
            assert length is not None
            start = head + 4
            end = start + int(length[1])
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[start:end])
            del self._buffer[:end]
            self._arrived(body)

    def process_exited(self) -> None:
        """Let nobody wait for a server that is gone."""
        self._exited.set_result(None)
        self._ended()

    def resident(self) -> int:
        """Bytes of resident memory of the server and its children."""
        return sum(process.memory_info().rss for process in tree(self._process))

    async def settle(self, patience: float) -> None:
        """Wait until the server has nothing to do, or patience ends."""
        pause, deadline = 0.2, time.monotonic() + patience
        used = self._used()
        while time.monotonic() < deadline:
            await asyncio.sleep(pause)
            before, used = used, self._used()
            if used - before < 0.05 * pause:
                return

    async def close(self) -> None:
        """Kill the server and its children: what is measured is over."""
        kill(self._process)
        await self._exited
        self._transport.close()

    def _used(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in tree(self._process))

    async def _send(self, text: str) -> None:
        body = text.encode()
        self._stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


class WebSocketClient(Client):
    """A session over WebSocket, one text frame a message."""

    def __init__(self, connection: ClientConnection) -> None:
        super().__init__()
        self._connection = connection
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str) -> WebSocketClient:
        """Connect."""
        return cls(await connect(url, max_size=None, open_timeout=60))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()
        await self._reading

    async def _send(self, text: str) -> None:
        await self._connection.send(text)

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                self._arrived(await self._connection.recv())
        self._ended()


def tree(process: psutil.Process) -> list[psutil.Process]:
    """Return a process and all below it. Raises Refused if it is gone."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        raise Refused("it ended") from None


def kill(process: psutil.Process) -> None:
    """Kill a process and all below it."""
    with contextlib.suppress(Refused):
        for each in tree(process):
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
