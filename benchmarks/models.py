"""What we add to a model's server: time before the first word, processor time a token, and how soon a stop is one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import psutil

from benchmarks.client import CAPABILITIES, StdioClient
from benchmarks.corpus import Document
from benchmarks.report import Samples, Section, Table, Target, megabytes
from benchmarks.timing import since, turns
from benchmarks.token_server import token_server

RAW, OURS = "raw: HTTP and JSON alone", "ours: to the page"
TOKENS = 10_000
FIRST = "paced-20-10"
STALL = 20.0
"""Milliseconds that another request may have to wait."""
MILLION = 1_000_000

METHOD = f"""\
A server without a model, in a process of its own, streams an answer to a question about a notebook of 10 cells. *Ours* is
`aiNotebook.ask` over stdio, to the last message that a page gets; *raw* reads the same events with httpx2 and json, and does
nothing with them. *First word*: from the request to the first text, the server's first token comes after 20 ms. *A token*:
processor time of the whole process, divided by {TOKENS:,}, once when a token comes at a time, once when all come in one piece.
*Stop*: from `$/cancelRequest` until the server sees the connection closed. *Another request*: the longest that the state of
the notebook was waited for while {TOKENS:,} tokens came in one piece. Memory is resident, of the language server alone."""


class Page(StdioClient):
    """A client that is told of streamed text."""

    def __init__(self) -> None:
        super().__init__()
        self.first: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.text = 0
        """Characters that have come."""

    def _arrived(self, text: str | bytes) -> None:
        message = json.loads(text)
        if message.get("method") == "aiNotebook/delta":
            self.text += len(message["params"]["text"])
            if not self.first.done():
                self.first.set_result(time.perf_counter())
        else:
            super()._arrived(text)

    def ask(self, document: Document) -> asyncio.Task[Any]:
        """Put a question; what is streamed is counted from now on."""
        self.first, self.text = asyncio.get_running_loop().create_future(), 0
        arguments = {"uri": document.place, "question": "Why?", "token": "t"}
        command = {"command": "aiNotebook.ask", "arguments": [arguments]}
        return asyncio.ensure_future(self.request("workspace/executeCommand", command))

    @property
    def last(self) -> int:
        """The number of the request that was sent last."""
        return self._last

    @property
    def used(self) -> float:
        """Seconds of processor time that the server has had."""
        return sum(psutil.Process(self._process.pid).cpu_times()[:2])

    @property
    def memory(self) -> int:
        """Bytes of resident memory."""
        return int(psutil.Process(self._process.pid).memory_info().rss)


async def measure(quick: bool) -> Section:
    """Measure the first word, tokens, stops and memory."""
    rounds = 5 if quick else 30
    async with token_server() as url:
        first = await _first_words(url, rounds)
        paced = await _per_token(url, f"paced-0-{TOKENS}", 1 if quick else 5)
        once = await _per_token(url, f"once-{TOKENS}", 2 if quick else 10)
        stops = await _stops(url, rounds)
        waits = await _waits(url, rounds // 3)
        memory = await _memory(url)
    added = {name: taken[OURS].p50 - taken[RAW].p50 for name, taken in (("paced", paced), ("once", once))}
    targets = (
        Target("first word of a model, ms more than raw", first[OURS].p50 - first[RAW].p50, 30),
        Target("processor time of a token that comes alone, µs more than raw", added["paced"], 100),
        Target("processor time of a token that comes with all others, µs more than raw", added["once"], 100),
        Target("from a stop to the closed connection, ms", stops.p50, 20),
        Target(f"another request during {TOKENS:,} tokens at once, ms at most", waits.p50, STALL),
        Target("memory before a model is used, MB more than without", (memory[SET_UP] - memory[WITHOUT]) / 1e6, 2),
    )
    times = [[f"first word, {name}", "ms", *each.cells()] for name, each in first.items()]
    times += [[f"a token that comes alone, {name}", "µs", *each.cells()] for name, each in paced.items()]
    times += [[f"a token that comes with all others, {name}", "µs", *each.cells()] for name, each in once.items()]
    times += [["stop", "ms", *stops.cells()], ["another request, the longest wait", "ms", *waits.cells()]]
    rows = [[name, megabytes(each)] for name, each in memory.items()]
    tables = (
        Table("An answer of a model", ("", "unit", "p50", "p95", "n"), times),
        Table("Memory of the language server", ("", "MB"), rows),
    )
    return Section("Models", METHOD, tables, targets)


@asynccontextmanager
async def _page(url: str, model: str, used: bool = True) -> AsyncIterator[tuple[Page, Document]]:
    """Start our server with a model, and open a notebook; unless it is not to be used, it has answered once."""
    with tempfile.TemporaryDirectory(prefix="ainb-") as folder:
        homes = ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")
        own = {"BASE_URL": url, "MODEL": model, "PROVIDER": "openai" if url else "builtin"}
        environment = {
            **os.environ,
            **dict.fromkeys(homes, folder),
            **{f"AI_NOTEBOOK_LS_{n}": v for n, v in own.items()},
        }
        page = await Page.start((sys.executable, "-m", "ai_notebook_ls"), Path(folder), environment)
        assert isinstance(page, Page)
        try:
            await page.initialize(Path(folder), {**CAPABILITIES, "experimental": {"aiNotebook": {"version": 1}}})
            document = Document(page, Path(folder).as_uri(), 10, as_notebook=True)
            await document.open()
            await _state(page, document)
            if used:
                await page.ask(document)
            yield page, document
        finally:
            await page.close()


async def _state(page: Page, document: Document) -> float:
    """Return how many milliseconds the state of the notebook took."""
    command = {"command": "aiNotebook.state", "arguments": [{"uri": document.uri}]}
    return (await page.timed("workspace/executeCommand", command))[1]


async def _raw(http: httpx2.AsyncClient, model: str) -> tuple[float, float]:
    """Read an answer; return the milliseconds until its first text, and our seconds of processor time."""
    first, text = 0.0, 0
    began, used = time.perf_counter(), time.process_time()
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Why?"}]}
    async with http.stream("POST", "/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                text += len(json.loads(line[6:])["choices"][0]["delta"].get("content", ""))
                first = first or since(began)
    assert text
    return first, time.process_time() - used


async def _first_words(url: str, rounds: int) -> dict[str, Samples]:
    taken = {RAW: Samples(), OURS: Samples()}
    async with _page(url, FIRST) as (page, document), httpx2.AsyncClient(base_url=url) as http:
        for name in turns((RAW, OURS), rounds):
            if name == RAW:
                taken[RAW].values.append((await _raw(http, FIRST))[0])
                continue
            began = time.perf_counter()
            answer = page.ask(document)
            taken[OURS].values.append((await page.first - began) * 1e3)
            await answer
    return taken


async def _per_token(url: str, model: str, rounds: int) -> dict[str, Samples]:
    taken = {RAW: Samples(), OURS: Samples()}
    async with _page(url, model) as (page, document), httpx2.AsyncClient(base_url=url, timeout=60) as http:
        for name in turns((RAW, OURS), rounds):
            if name == RAW:
                used = (await _raw(http, model))[1]
            else:
                before = page.used
                await page.ask(document)
                used = page.used - before
                assert page.text == TOKENS * len(" token")
            taken[name].values.append(used * MILLION / TOKENS)
    return taken


async def _stops(url: str, rounds: int) -> Samples:
    taken = Samples()
    async with _page(url, "endless", used=False) as (page, document), httpx2.AsyncClient(base_url=url) as http:
        for _ in range(rounds):
            answer = page.ask(document)
            await page.first
            began = time.monotonic()
            await page.notify("$/cancelRequest", {"id": page.last})
            await asyncio.gather(answer, return_exceptions=True)  # it was stopped
            left = (await http.get("/left")).json()["left"]
            taken.values.append((left - began) * 1e3)
    return taken


async def _waits(url: str, rounds: int) -> Samples:
    taken = Samples()
    async with _page(url, f"once-{TOKENS}") as (page, document):
        for _ in range(rounds):
            answer = page.ask(document)
            longest = 0.0
            while not answer.done():
                longest = max(longest, await _state(page, document))
            taken.values.append(longest)
    return taken


WITHOUT, SET_UP, USED = "no model set up", "a model set up, not asked yet", "a model that has answered"


async def _memory(url: str) -> dict[str, float]:
    found = {}
    for name, where, used in ((WITHOUT, "", False), (SET_UP, url, False), (USED, url, True)):
        async with _page(where, "once-1", used) as (page, _):
            await page.settle(8)
            found[name] = float(page.memory)
    return found
