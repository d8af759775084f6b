"""Our server beside ruff server, basedpyright, pylsp and jedi-language-server, over stdio."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from benchmarks.client import PATIENCE, Refused, StdioClient
from benchmarks.corpus import CELL_LINES, Document
from benchmarks.report import ABSENT, Samples, Section, Table, Target, megabytes, number, ratio
from benchmarks.timing import since, turns

OURS, FLOOR = "ai-notebook-ls", "ruff server"
SERVERS = {
    OURS: (sys.executable, "-m", "ai_notebook_ls"),
    FLOOR: ("ruff", "server"),
    "basedpyright": ("basedpyright-langserver", "--stdio"),
    "pylsp": ("pylsp",),
    "jedi-language-server": ("jedi-language-server",),
}
SIZES = (10, 100, 1_000)
LINES = (1_000, 10_000)
KEYS = 100
LIMIT = 2.5
"""Our code action, against ruff's."""
CALM = 8.0
"""Seconds that a server gets to read what was opened, before it is asked."""

METHOD = f"""\
Each server over stdio, with the same client, capabilities and text ({CELL_LINES} lines a cell); a time is from sending
to the last byte of the answer. All are up with the same document open, have read it, have answered once, and are asked
in turn. *codeAction*: by key, on an unused import in the middle cell, with the diagnostics that the server itself gave
there; servers that sync notebooks (`notebookDocumentSync`) get a notebook, the others the same text as one `.py` file.
*didChange*: {KEYS} keys in a comment in the middle of a `.py` file, then a hover that proves them read; the whole
divided by {KEYS}. Memory is resident, with child processes, after `initialize` and with the largest `.py` file, after
the keys. A slow server gets fewer rounds (n). This is what a *platform* costs: ours offers what it knows already and
checks no code, ruff checks style, the others understand types; it is no contest of answers."""


@dataclass
class Server:
    """A language server that is installed here, what it said and how long it took."""

    name: str
    argv: tuple[str, ...]
    start: Samples = field(default_factory=Samples)
    actions: dict[int, Samples] = field(default_factory=dict)
    keys: dict[int, Samples] = field(default_factory=dict)
    offered: int | None = None
    """Code actions in the last answer."""
    syncs_notebooks: bool = False
    idle: float = float("nan")
    """Bytes after `initialize`."""
    full: float = float("nan")
    """Bytes at the end."""


async def measure(quick: bool) -> Section:
    """Measure starts, then code actions, then keystrokes."""
    places = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    found = {name: shutil.which(command[0], path=places) for name, command in SERVERS.items()}
    servers = [Server(name, (path, *SERVERS[name][1:])) for name, path in found.items() if path]
    with tempfile.TemporaryDirectory(prefix="ainb-") as folder:
        bench = _Bench(Path(folder), quick)
        await bench.starts(servers)
        for cells in bench.sizes:
            await bench.actions(servers, cells)
        for lines in bench.lines:
            await bench.keys(servers, lines)
    return Section("Language servers", METHOD, _tables(servers, bench), _targets(servers, bench))


class _Bench:
    """Where and how long it is measured."""

    def __init__(self, root: Path, quick: bool) -> None:
        self.root = root
        self.sizes = SIZES[:2] if quick else SIZES
        self.lines = LINES[:1] if quick else LINES
        self.start_rounds = 2 if quick else 7
        self.rounds = 30 if quick else 200
        self.bursts = 1 if quick else 5
        self.budget = 1.0 if quick else 4.0
        """Seconds of waiting for one server at one size."""
        # Nobody's settings and caches, and nothing left behind.
        homes = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")
        self.environment = {**os.environ, **dict.fromkeys(homes, str(root))}

    async def starts(self, servers: Sequence[Server]) -> None:
        """Time from spawn to the answer to `initialize`; the first start of each only warms the disk cache."""
        for turn, server in enumerate(turns(servers, self.start_rounds + 1)):
            began = time.perf_counter()
            client = await StdioClient.start(server.argv, self.root, self.environment)
            with _failing(server.start):
                await client.initialize(self.root)
                took = since(began)
                if turn >= len(servers):
                    server.start.values.append(took)
                else:
                    server.syncs_notebooks = bool(client.capabilities.get("notebookDocumentSync"))
                    await client.settle(CALM)
                    server.idle = client.resident()
            await client.close()

    async def actions(self, servers: Sequence[Server], cells: int) -> None:
        """Time code actions in a notebook of so many cells."""

        async def ask(server: Server, document: Document) -> float:
            actions, took = await document.code_actions()
            server.offered = len(actions)
            return took

        taken = await self._all(servers, cells, True, ask, self.rounds)
        for server in servers:
            server.actions[cells] = taken[server.name]

    async def keys(self, servers: Sequence[Server], lines: int) -> None:
        """Time keystrokes in a script of so many lines."""

        async def burst(_: Server, document: Document) -> float:
            began = time.perf_counter()
            for _ in range(KEYS):
                await document.type()
            await document.hover()
            return since(began) / KEYS

        taken = await self._all(servers, lines // CELL_LINES, False, burst, self.bursts)
        for server in servers:
            server.keys[lines] = taken[server.name]

    async def _all(
        self,
        servers: Sequence[Server],
        cells: int,
        notebook: bool,
        act: Callable[[Server, Document], Awaitable[float]],
        rounds: int,
    ) -> dict[str, Samples]:
        """Time an act in all servers, in turns, with the same document open; each one's first does not count."""
        taken = {server.name: Samples(why_none=server.start.why_none) for server in servers}
        async with self._open(servers, cells, notebook, taken) as documents:
            for server in servers:
                with _failing(Samples()):  # the first may be late: jedi fills its cache
                    if server.name in documents:
                        await act(server, documents[server.name])
            waited = dict.fromkeys(taken, 0.0)
            for server in turns(servers, rounds):
                samples = taken[server.name]
                if samples.why_none or waited[server.name] > self.budget:
                    continue
                began = time.perf_counter()
                with _failing(samples):
                    samples.values.append(await act(server, documents[server.name]))
                waited[server.name] += time.perf_counter() - began
            for server in servers:
                if server.name in documents:
                    with _failing(Samples()):
                        server.full = cast(StdioClient, documents[server.name].client).resident()
        return taken

    @asynccontextmanager
    async def _open(
        self, servers: Sequence[Server], cells: int, notebook: bool, taken: Mapping[str, Samples]
    ) -> AsyncIterator[dict[str, Document]]:
        """Start the servers that work, open a document in each and let them read it."""
        clients: list[StdioClient] = []
        documents: dict[str, Document] = {}
        try:
            for server in servers:
                if taken[server.name].why_none:
                    continue
                clients.append(await StdioClient.start(server.argv, self.root, self.environment))
                kind = notebook and server.syncs_notebooks
                document = documents[server.name] = Document(clients[-1], self.root.as_uri(), cells, kind)
                with _failing(taken[server.name]):
                    await clients[-1].initialize(self.root)
                    await document.open()
                    await document.pull_diagnostics()
            await asyncio.gather(*(client.settle(CALM) for client in clients), return_exceptions=True)
            yield documents
        finally:
            await asyncio.gather(*(client.close() for client in clients))


@contextmanager
def _failing(samples: Samples) -> Iterator[None]:
    """Note a server's failure as the reason why there are no samples."""
    try:
        yield
    except asyncio.TimeoutError:
        samples.why_none = f"no answer in {PATIENCE:.0f} s"
    except (Refused, ConnectionError) as error:
        samples.why_none = f"failed: {str(error)[:60]}"


def _tables(servers: Sequence[Server], bench: _Bench) -> list[Table]:
    by_name = {server.name: server for server in servers}
    floor = by_name.get(FLOOR)

    def rows(cells: Callable[[Server], Sequence[str]]) -> list[list[str]]:
        return [[name, *(cells(by_name[name]) if name in by_name else [ABSENT])] for name in SERVERS]

    def actions(server: Server) -> list[str]:
        cells = ["notebook" if server.syncs_notebooks else "one `.py` file", str(server.offered)]
        for size, taken in server.actions.items():
            cells += [_cell(taken), ratio(taken.p50 / floor.actions[size].p50) if floor else ""]
        return cells

    return [
        Table(
            "Start: from spawn to the answer to `initialize`; memory",
            ("", "p50 ms", "p95 ms", "n", "MB idle", "MB at the end"),
            rows(lambda server: [*server.start.cells(), megabytes(server.idle), megabytes(server.full)]),
        ),
        Table(
            "codeAction, ms: p50 / p95 (n), and the p50's ratio to ruff's",
            ("", "opened as", "actions", *(head for size in bench.sizes for head in (f"{size:,} cells", "ratio"))),
            rows(actions),
        ),
        Table(
            "didChange, ms a key: p50 / p95 (n)",
            ("", *(f"{lines:,} lines" for lines in bench.lines)),
            rows(lambda server: [_cell(taken) for taken in server.keys.values()]),
        ),
    ]


def _cell(taken: Samples) -> str:
    """Write samples as one cell."""
    if taken.why_none or not taken.values:
        return taken.why_none or "-"
    return f"{number(taken.p50)} / {number(taken.p95)} ({len(taken.values)})"


def _targets(servers: Sequence[Server], bench: _Bench) -> list[Target]:
    nothing = Server("", ())
    ours, floor = (next((each for each in servers if each.name == name), nothing) for name in (OURS, FLOOR))
    measured = {
        size: ours.actions.get(size, Samples()).p50 / floor.actions.get(size, Samples()).p50 for size in bench.sizes
    }
    return [Target(f"codeAction in {size:,} cells, against ruff's", each, LIMIT) for size, each in measured.items()]
