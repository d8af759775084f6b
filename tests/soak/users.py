"""Users who open, edit, run, explain, fix, cancel, close and come back, for as long as it is wanted, on one server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed

from tests.fuzz.doors import served

USERS = 5
PATIENCE = 120.0
"""Seconds without an answer, after which it counts as lost."""
SETTLED = 1 / 6
"""The part of the time after which memory is measured first: what grows until then are caches."""
SAMPLES = 0.08
"""The part of the time over which the memory's median is taken."""
RICH = {"experimental": {"aiNotebook": {"version": 1}}}
CELLS = (
    "import math\nnumbers = list(range(100))\nprint(len(numbers))",
    "total = sum(numbers)\nmean = total / len(numbers)\nmean",
    "def area(r):\n    return math.pi * r ** 2\narea(mean)",
    "print(total, maen)",
)
EDITS = (
    "total = sum(numbers)\nmean = total / len(numbers)\nmean",
    "mean = math.fsum(numbers) / 100",
    "mean = 1 / 0",
    "((",
    "",
)
LOOP = "while True:\n    pass"
VERBS = ("hover", "actions", "run", "explain", "fix", "improve", "cancel", "variables", "state", "edit", "diagnose")


@dataclass
class Account:
    """What was asked and answered, and what memory it took."""

    requests: int = 0
    answers: int = 0
    sessions: int = 0
    verbs: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    """Seconds since the beginning, bytes."""

    def grown(self, seconds: float) -> tuple[float, float]:
        """Return the server's memory after the first part of the time, and at its end, in MB."""

        def median(begin: float, end: float) -> float:
            return statistics.median(size / 1e6 for at, size in self.memory if begin <= at <= end)

        return median(SETTLED * seconds, (SETTLED + SAMPLES) * seconds), median((1 - SAMPLES) * seconds, seconds)

    def __str__(self) -> str:
        verbs = ", ".join(f"{number} {verb}" for verb, number in sorted(self.verbs.items()))
        cases = "".join(f"\n{each}" for each in (*self.errors[:5], *self.lost[:5], *self.doubled[:5]))
        return (
            f"{self.sessions} sessions, {self.requests:,} requests ({verbs}); "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.errors)} internal errors{cases}"
        )


class User:
    """One person with one notebook."""

    def __init__(self, account: Account, number: int, seed: int) -> None:
        self._account = account
        self._random = random.Random(seed)
        self._uri = f"file:///soak/notebook-{number}.ipynb"
        self._version = 1
        self._numbers = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._socket: ClientConnection

    async def visit(self, path: str, until: float) -> None:
        """Have the notebook open for a while; close it, or just go."""
        async with unix_connect(path, max_size=None, compression=None) as self._socket:
            listening = asyncio.ensure_future(self._listen())
            self._account.sessions += 1
            await self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": RICH})
            await self._tell("initialized", {})
            await self._open()
            for _ in range(self._random.randrange(5, 25)):
                if time.monotonic() < until:
                    await self._do(self._random.choice(VERBS))
            if self._random.random() < 0.7:
                await self._tell("notebookDocument/didClose", self._closing())
                await self._ask("shutdown", None)
                await self._tell("exit", {})
        await asyncio.gather(listening, return_exceptions=True)

    async def _do(self, verb: str) -> None:
        self._account.verbs[verb] = self._account.verbs.get(verb, 0) + 1
        number = self._random.randrange(len(CELLS))
        cell = f"{self._uri}#c{number}"
        document = {"textDocument": {"uri": cell}}
        start = {"line": 0, "character": 2}
        if verb == "edit":
            await self._edit(number, self._random.choice((*EDITS, CELLS[number])))
        elif verb == "hover":
            await self._ask("textDocument/hover", {**document, "position": start})
        elif verb == "actions":
            place = {**document, "range": {"start": start, "end": start}, "context": {"diagnostics": []}}
            await self._ask("textDocument/codeAction", place)
        elif verb == "diagnose":
            await self._ask("textDocument/diagnostic", document)
        elif verb == "cancel":
            await self._edit(number, LOOP)
            running = asyncio.ensure_future(self._command("run", cell, mode="cell"))
            await asyncio.sleep(self._random.random())
            await self._tell("$/cancelRequest", {"id": self._numbers})
            await running
            await self._edit(number, CELLS[number])
        elif verb == "improve":
            await self._command(verb, cell, recipe="imports")
        else:
            await self._command(verb, cell)

    async def _command(self, verb: str, uri: str, **more: Any) -> None:
        argument = {"uri": uri, "token": f"{uri}-{self._numbers}", **more}
        if verb in ("variables", "state"):
            argument = {"uri": uri}
        await self._ask("workspace/executeCommand", {"command": f"aiNotebook.{verb}", "arguments": [argument]})

    async def _open(self) -> None:
        cells = [{"kind": 2, "document": f"{self._uri}#c{n}"} for n in range(len(CELLS))]
        texts = [
            {"uri": f"{self._uri}#c{n}", "languageId": "python", "version": 1, "text": text}
            for n, text in enumerate(CELLS)
        ]
        notebook = {"uri": self._uri, "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
        await self._tell("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": texts})

    async def _edit(self, number: int, text: str) -> None:
        self._version += 1
        changed = {"uri": f"{self._uri}#c{number}", "version": self._version}
        change = {"cells": {"textContent": [{"document": changed, "changes": [{"text": text}]}]}}
        notebook = {"uri": self._uri, "version": self._version}
        await self._tell("notebookDocument/didChange", {"notebookDocument": notebook, "change": change})

    def _closing(self) -> dict[str, Any]:
        texts = [{"uri": f"{self._uri}#c{n}"} for n in range(len(CELLS))]
        return {"notebookDocument": {"uri": self._uri}, "cellTextDocuments": texts}

    # -- the wire ----------------------------------------------------------------------------------------------------

    async def _tell(self, method: str, params: Any) -> None:
        await self._socket.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    async def _ask(self, method: str, params: Any) -> None:
        self._numbers += 1
        number = self._numbers
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._account.requests += 1
        case = f"{method} {json.dumps(params)[:300]}"
        await self._socket.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        try:
            message = await asyncio.wait_for(answer, PATIENCE)
        except (asyncio.TimeoutError, asyncio.CancelledError):
            self._account.lost.append(case)
            return
        if message.get("error", {}).get("code") == -32603:
            self._account.errors.append(f"{case}: {message['error']}")

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for body in self._socket:
                message = json.loads(body)
                if "method" not in message:
                    self._account.answers += 1
                    waiting = self._waiting.pop(message["id"], None)
                    if waiting is None:
                        self._account.doubled.append(str(body)[:300])
                    elif not waiting.done():
                        waiting.set_result(message)
                elif "id" in message:
                    await self._answer(message)
        for each in self._waiting.values():
            each.cancel()

    async def _answer(self, asked: dict[str, Any]) -> None:
        """Take the last of the answers that a question offers, as somebody does who wants it to go on."""
        actions = (asked.get("params") or {}).get("actions") or [None]
        await self._socket.send(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": actions[-1]}))


async def soak(seconds: float, seed: int, say: Callable[[str], None]) -> Account:
    """Let users work for so long."""
    account = Account()
    began = time.monotonic()
    until = began + seconds

    async def user(path: str, number: int) -> None:
        visits = 0
        while time.monotonic() < until:
            await User(account, number, seed + number + 1000 * visits).visit(path, until)
            visits += 1

    with tempfile.TemporaryFile() as errors:
        async with served(errors, AI_NOTEBOOK_LS_ISOLATION="limited", AI_NOTEBOOK_LS_PREPARE="true") as (path, process):
            watched = psutil.Process(process.pid)
            users = [asyncio.ensure_future(user(path, number)) for number in range(USERS)]
            told = began
            while not all(each.done() for each in users):
                await asyncio.wait(users, timeout=min(5.0, seconds / 60))
                now = time.monotonic()
                account.memory.append((now - began, watched.memory_info().rss))
                if now - told > 60:
                    told = now
                    say(f"{now - began:.0f} s, {account.memory[-1][1] / 1e6:.1f} MB: {account}")
            for each in users:
                each.result()
    return account
