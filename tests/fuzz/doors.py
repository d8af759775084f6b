"""Sessions of hostile messages through real doors: each request is to have exactly one answer, and nothing ends."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import os
import random
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import unix_connect
from websockets.exceptions import ConnectionClosed

from tests.fuzz.hostile import NULL, SOURCES, VALUES, Expected, Hostile, Source, encoded

SERVER = (sys.executable, "-m", "ai_notebook_ls", "--log-level", "error")
ENVIRONMENT = {"AI_NOTEBOOK_LS_ISOLATION": "process", "AI_NOTEBOOK_LS_PREPARE": "false"}
AT_ONCE = 2000
"""Requests that may wait for their answers."""
OTHER = 100_000
"""Between the seeds of the two doors, which are to see other messages."""
PATIENCE = 150.0
"""Seconds without any answer, after which one is missing; a cell may run for 120."""
BROKEN = (
    *(b"\r\n\r\n" + b"x" * 20_000, b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", b"Content-Length: -1\r\n\r\n"),
    *(b"Content-Length: 99999999999\r\n\r\n", b"\x00" * 9000 + b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
)
"""What is not LSP's base protocol: the session ends, with a line in the log."""
NO_FRAMES = (
    *(
        b"\x82\x01\x00",
        b"\x81\x82\x00\x00\x00\x00\xff\xfe",
        b"\x81\xff\x7f" + b"\xff" * 40,
        b"\xf1\x80\x00\x00\x00\x00",
    ),
    *(b"\x88\x80\x00\x00\x00\x00", b"\x89\xfe\x00\xff" + b"x" * 300, b"", b"\x01\x81\x00\x00\x00\x00x" * 5, b"GET"),
)
"""What ends its own WebSocket connection, and no other."""
INITIALIZE = {"processId": None, "rootUri": None, "capabilities": {"experimental": {"aiNotebook": {"version": 1}}}}


@dataclass
class Ledger:
    """What must be answered, and what was."""

    messages: int = 0
    answers: int = 0
    ends: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    internal: list[str] = field(default_factory=list)
    codes: collections.Counter[Any] = field(default_factory=collections.Counter)

    @property
    def is_clean(self) -> bool:
        """Whether all went as it must."""
        return not (self.ends or self.missing or self.doubled or self.internal)

    def __str__(self) -> str:
        lists = {"ends": self.ends, "missing": self.missing, "doubled": self.doubled, "internal errors": self.internal}
        told = ", ".join(f"{len(each)} {name}" for name, each in lists.items())
        cases = "".join(f"\n{name}: {case}" for name, each in lists.items() for case in each[:5])
        codes = ", ".join(f"{code}: {number:,}" for code, number in self.codes.most_common())
        return f"{self.messages:,} messages, {self.answers:,} answers ({codes}); {told}{cases}"


class Session:
    """One connection's messages."""

    def __init__(self, ledger: Ledger, name: str, seed: int, send: Callable[[str], Awaitable[None]]) -> None:
        self._ledger = ledger
        self._name = name
        self._send = send
        self._source = Source(seed)
        self._random = random.Random(seed)
        self._due: collections.Counter[Expected] = collections.Counter()
        self._bodies: dict[Expected, str] = {}
        self._news = asyncio.Event()
        self._over = False

    async def perform(self, messages: int) -> None:
        """Say what a client says from beginning to end, and much between."""
        await self._hostile(20)
        await self._settled(0)
        await self._say(id="begin", method="initialize", params=INITIALIZE)
        await self._say(method="initialized", params={})
        for begun in range(0, messages, 500):
            await self._open()
            await self._hostile(min(500, messages - begun))
            await self._settled(AT_ONCE)
        await self._settled(0)
        await self._say(id="end", method="shutdown")
        await self._hostile(20)
        await self._settled(0)

    def came(self, body: str | bytes) -> None:
        """Take what the server sent."""
        message = json.loads(body)
        if "method" in message:
            if "id" in message:
                answer = {"id": message["id"], "result": self._random.choice(VALUES)}
                asyncio.get_running_loop().create_task(self._quietly(encoded(answer)))
            return
        msg_id = NULL if message["id"] is None else message["id"]
        case = f"{self._name}: {self._bodies.get(msg_id, str(msg_id))[:600]}"
        code = message.get("error", {}).get("code", "result")
        self._ledger.answers += 1
        self._ledger.codes[code] += 1
        if code == -32603:
            self._ledger.internal.append(case)
        self._due[msg_id] -= 1
        if self._due[msg_id] < 0:
            self._ledger.doubled.append(case)
        if not self._due[msg_id]:
            del self._due[msg_id]
            self._bodies.pop(msg_id, None)
        self._news.set()

    def ended(self) -> None:
        """Take note that nothing comes any more."""
        self._over = True
        self._news.set()

    async def _quietly(self, text: str) -> None:
        with contextlib.suppress(ConnectionError, ConnectionClosed):
            await self._send(text)

    async def _say(self, **message: Any) -> None:
        expected = message.get("id")
        await self._sent(Hostile(encoded(message), expected))

    async def _sent(self, message: Hostile) -> None:
        self._ledger.messages += 1
        if message.expected is not None:
            self._due[message.expected] += 1
            self._bodies[message.expected] = message.body
        await self._send(message.body)

    async def _hostile(self, number: int) -> None:
        for _ in range(number):
            await self._sent(self._source.message())

    async def _open(self) -> None:
        one, two = self._random.choice(SOURCES), self._random.choice(SOURCES)
        item = {"uri": "file:///fuzz/one.py", "languageId": "python", "version": 1, "text": one}
        await self._say(method="textDocument/didOpen", params={"textDocument": item})
        uri = "file:///fuzz/two.ipynb"
        cells = [{"kind": 2, "document": f"{uri}#{name}"} for name in "ab"]
        texts = [{"uri": f"{uri}#{n}", "languageId": "python", "version": 1, "text": two} for n in "ab"]
        notebook = {"uri": uri, "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
        await self._say(
            method="notebookDocument/didOpen", params={"notebookDocument": notebook, "cellTextDocuments": texts}
        )

    async def _settled(self, left: int) -> None:
        """Wait until no more than so many requests wait for their answers."""
        while self._due.total() > left:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), PATIENCE)
            except asyncio.TimeoutError:
                self._over = True
            if self._over and self._due.total() > left:
                self._ledger.missing += [
                    f"{self._name}: {number} of {self._bodies.get(msg_id, '')[:600]}"
                    for msg_id, number in self._due.items()
                ]
                raise EOFError(self._name)


async def stdio_session(ledger: Ledger, seed: int, messages: int, errors: Any) -> None:
    """A process for one session; at its end come `exit`, or broken frames."""
    environment = {**os.environ, **ENVIRONMENT}
    process = await asyncio.create_subprocess_exec(
        *SERVER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors, env=environment
    )
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None

    async def send(text: str) -> None:
        body = text.encode("utf-8", "surrogatepass")
        stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        await stdin.drain()

    session = Session(ledger, f"stdio, seed {seed}", seed, send)

    async def listen() -> None:
        try:
            while header := await stdout.readline():
                await stdout.readline()
                session.came(await stdout.readexactly(int(header.split(b":")[1])))
        finally:
            session.ended()

    listening = asyncio.ensure_future(listen())
    broken = BROKEN[seed % len(BROKEN)] if seed % 2 else None
    try:
        await session.perform(messages)
        if broken is None:
            await send(encoded({"method": "exit"}))
        else:
            stdin.write(broken)
            await stdin.drain()
    except (EOFError, ConnectionError) as error:
        ledger.ends.append(f"stdio, seed {seed}: {type(error).__name__}")
    try:
        code: int | str = await asyncio.wait_for(process.wait(), 60)
    except asyncio.TimeoutError:
        process.kill()
        code = "none"
    if code != 0:  # `shutdown` had come
        ledger.ends.append(f"stdio, seed {seed}: exit code {code} after {broken!r:.80}")
    await asyncio.gather(listening, return_exceptions=True)


@contextlib.asynccontextmanager
async def served(errors: Any, **more: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A server on a unix socket."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        path = str(Path(folder) / "door.sock")
        environment = {**os.environ, **ENVIRONMENT, **more}
        process = await asyncio.create_subprocess_exec(
            *SERVER, "serve", "--unix-socket", path, stderr=errors, env=environment
        )
        async with asyncio.timeout(60):
            while not Path(path).exists():
                await asyncio.sleep(0.05)
        try:
            yield path, process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def websocket_session(ledger: Ledger, seed: int, messages: int, path: str) -> None:
    """A connection to a server that has others, too, some of which do not speak WebSocket."""
    async with unix_connect(path, max_size=None, compression=None, ping_interval=None) as websocket:
        session = Session(ledger, f"websocket, seed {seed}", seed, websocket.send)

        async def listen() -> None:
            try:
                async for body in websocket:
                    session.came(body)
            except ConnectionClosed:
                pass
            finally:
                session.ended()

        listening = asyncio.ensure_future(listen())
        try:
            for garbage in NO_FRAMES:
                await _disturb(path, garbage)
            await session.perform(messages)
            await websocket.send(encoded({"method": "exit"}))
        except (EOFError, ConnectionError, ConnectionClosed) as error:
            ledger.ends.append(f"websocket, seed {seed}: {type(error).__name__}")
        await asyncio.wait_for(asyncio.gather(listening, return_exceptions=True), 60)


async def _disturb(path: str, garbage: bytes) -> None:
    """Open a connection of its own that sends what is no frame."""
    async with unix_connect(path, ping_interval=None, close_timeout=2) as websocket:
        websocket.transport.write(garbage)
        websocket.transport.abort()


async def fuzz(messages: int, seed: int, say: Callable[[str], None], session: int = 10_000) -> Ledger:
    """Send so many messages, half of them through each door."""
    ledger = Ledger()
    with tempfile.TemporaryFile() as errors:
        for number, begun in enumerate(range(0, messages // 2, session)):
            await stdio_session(ledger, seed + number, min(session, messages // 2 - begun), errors)
            say(f"stdio: {ledger}")
        async with served(errors) as (path, process):
            for number, begun in enumerate(range(0, messages // 2, session)):
                await websocket_session(ledger, OTHER + seed + number, min(session, messages // 2 - begun), path)
                if process.returncode is not None:
                    ledger.ends.append(f"the server, seed {OTHER + seed + number}: exit code {process.returncode}")
                    break
                say(f"websocket: {ledger}")
        errors.seek(0)
        log = errors.read().decode(errors="replace")
    if "Traceback (most recent call last)" in log:
        ledger.internal.append(log[log.index("Traceback (most recent call last)") :][:2000])
    return ledger
