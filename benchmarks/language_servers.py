"""Our server beside ruff server, basedpyright, pylsp and jedi-language-server, over stdio."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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
CALM = 15.0
"""Seconds that a server gets to read what was opened, before it is asked."""

METHOD = f"""\
Each server over stdio, with the same client, capabilities and text ({CELL_LINES} lines a cell). All are up with the same
document open, and are asked in turn, once a round. *codeAction*: by key, on an unused import in the middle cell, with the
diagnostics that the server itself published there; servers that sync notebooks (`notebookDocumentSync`) get a
notebook, the others the same text as one `.py` file. *didChange*: {KEYS} keys in a comment in the middle of a `.py` file,
then a hover that proves them read; the whole divided by {KEYS}. Memory is resident, with child processes, after all this.
A slow server gets fewer rounds (n). The table says what a *platform* costs: ours offers what it knows already and
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


@dataclass
class Subject:
    """A server that is up."""

    server: Server
    client: StdioClient
    document: Document | None = None


async def measure(quick: bool) -> Section:
    """Measure starts, then code actions, then keystrokes."""
    places = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    found = {name: shutil.which(command[0], path=places) for name, command in SERVERS.items()}
    servers = [Server(name, (path, *SERVERS[name][1:])) for name, path in found.items() if path]
    with tempfile.TemporaryDirectory(prefix="ainb-") as folder:
        bench = _Bench(Path(folder), quick)
        await bench.starts(servers)
        async with bench.up(servers) as subjects:
            for cells in SIZES:
                await bench.actions(subjects, cells)
            for lines in LINES:
                await bench.keys(subjects, lines)
            for subject in subjects:
                with _failing(Samples()):
                    subject.server.full = subject.client.resident()
    return Section("Language servers", METHOD, _tables(servers), _targets(servers))


class _Bench:
    """Where and how long it is measured."""

    def __init__(self, root: Path, quick: bool) -> None:
        self.root = root
        self.start_rounds = 2 if quick else 7
        self.rounds = 30 if quick else 300
        self.bursts = 1 if quick else 5
        self.budget = 1.5 if quick else 8.0
        """Seconds of waiting for one server at one size."""
        # Nobody's settings and caches, and nothing left behind.
        homes = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")
        self.environment = {**os.environ, **dict.fromkeys(homes, str(root))}

    async def starts(self, servers: Sequence[Server]) -> None:
        """Time from spawn to the answer to `initialize`; the first start of each only warms the disk cache."""
        for number_, server in enumerate(turns(servers, self.start_rounds + 1)):
            began = time.perf_counter()
            client = await StdioClient.start(server.argv, self.root, self.environment)
            with _failing(server.start):
                capabilities = await client.initialize(self.root)
                took = since(began)
                if number_ >= len(servers):
                    server.start.values.append(took)
                else:
                    server.syncs_notebooks = bool(capabilities.get("notebookDocumentSync"))
                    await client.settle(CALM)
                    server.idle = client.resident()
            await client.close()

    @asynccontextmanager
    async def up(self, servers: Sequence[Server]) -> AsyncIterator[list[Subject]]:
        """Start all servers that work."""
        subjects: list[Subject] = []
        try:
            for server in servers:
                if not server.start.why_none:
                    subjects.append(Subject(server, await StdioClient.start(server.argv, self.root, self.environment)))
                    with _failing(server.start):
                        await subjects[-1].client.initialize(self.root)
            yield subjects
        finally:
            await asyncio.gather(*(subject.client.close() for subject in subjects))

    async def actions(self, subjects: Sequence[Subject], cells: int) -> None:
        """Time code actions in a notebook of so many cells."""

        async def ask(subject: Subject, document: Document) -> float:
            actions, took = await document.code_actions()
            subject.server.offered = len(actions)
            return took

        taken = {subject.server.name: Samples() for subject in subjects}
        await self._all(subjects, cells, True, ask, taken, self.rounds)
        for subject in subjects:
            subject.server.actions[cells] = taken[subject.server.name]

    async def keys(self, subjects: Sequence[Subject], lines: int) -> None:
        """Time keystrokes in a script of so many lines."""

        async def burst(subject: Subject, document: Document) -> float:
            began = time.perf_counter()
            for _ in range(KEYS):
                await document.type()
            await document.hover()
            return since(began) / KEYS

        taken = {subject.server.name: Samples() for subject in subjects}
        await self._all(subjects, lines // CELL_LINES, False, burst, taken, self.bursts)
        for subject in subjects:
            subject.server.keys[lines] = taken[subject.server.name]

    async def _all(
        self,
        subjects: Sequence[Subject],
        cells: int,
        notebook: bool,
        act: Callable[[Subject, Document], Awaitable[float]],
        taken: Mapping[str, Samples],
        rounds: int,
    ) -> None:
        """Open a document in all servers, let them read it, and time an act in turns; each one's first is not counted."""
        documents = {}
        for subject in subjects:
            name, kind = subject.server.name, notebook and subject.server.syncs_notebooks
            documents[name] = Document(subject.client, self.root.as_uri(), cells, kind)
            with _failing(taken[name]):
                await documents[name].open()
                await subject.client.settle(CALM)
                await act(subject, documents[name])
        waited = dict.fromkeys(documents, 0.0)
        for subject in turns(subjects, rounds):
            name = subject.server.name
            if taken[name].why_none or waited[name] > self.budget:
                continue
            began = time.perf_counter()
            with _failing(taken[name]):
                taken[name].values.append(await act(subject, documents[name]))
            waited[name] += time.perf_counter() - began
        for document in documents.values():
            await document.close()


@contextmanager
def _failing(samples: Samples):
    """Note a server's failure as the reason why there are no samples."""
    try:
        yield
    except asyncio.TimeoutError:
        samples.why_none = f"no answer in {PATIENCE:.0f} s"
    except (Refused, ConnectionError) as error:
        samples.why_none = f"failed: {error}"


def _tables(servers: Sequence[Server]) -> list[Table]:
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
            ("", "opened as", "actions", *(head for size in SIZES for head in (f"{size:,} cells", "ratio"))),
            rows(actions),
        ),
        Table(
            "didChange, ms a key: p50 / p95 (n)",
            ("", *(f"{lines:,} lines" for lines in LINES)),
            rows(lambda server: [_cell(taken) for taken in server.keys.values()]),
        ),
    ]


def _cell(taken: Samples) -> str:
    """Write samples as one cell."""
    if taken.why_none or not taken.values:
        return taken.why_none or "-"
    return f"{number(taken.p50)} / {number(taken.p95)} ({len(taken.values)})"


def _targets(servers: Sequence[Server]) -> list[Target]:
    nothing = Server("", ())
    ours, floor = (next((each for each in servers if each.name == name), nothing) for name in (OURS, FLOOR))
    measured = {size: ours.actions.get(size, Samples()).p50 / floor.actions.get(size, Samples()).p50 for size in SIZES}
    return [Target(f"codeAction in {size:,} cells, against ruff's", each, LIMIT) for size, each in measured.items()]
