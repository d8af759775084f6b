"""Our server beside ruff server, basedpyright, pylsp and jedi-language-server, over stdio."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.client import PATIENCE, Refused, StdioClient
from benchmarks.corpus import Document
from benchmarks.report import ABSENT, Samples, Section, Table, Target, megabytes, number

METHOD = """\
Each server over stdio, with the same client, capabilities and text (ten lines a cell). A round asks every server in turn,
in an order that reverses from round to round, and begins when all of them are idle. *codeAction*: by key, no diagnostics, a
different cell each time; servers that sync notebooks (`notebookDocumentSync`) get a notebook, the others the same text as
one `.py` file. *After a keystroke*: one key in the cell, then the request; the pair is timed. *Keys*: 100 keys in a comment in the
middle of a `.py` file, then a hover that proves them read; the whole divided by 100. Resident memory is the process tree's.
ruff and pylsp do no more here than look: the numbers say what a platform costs, not how clever an answer is."""

SIZES = (10, 100, 1000)
LINES = (1_000, 10_000)
KEYS = 100
OURS, FLOOR = "ai-notebook-ls", "ruff server"
LIMIT = 2.5


@dataclass(frozen=True)
class Server:
    """A language server, and how it is started."""

    name: str
    command: str
    options: tuple[str, ...] = ()

    def argv(self) -> list[str] | None:
        """Return its command line, or None if it is not installed here."""
        if self.name == OURS:
            return [sys.executable, "-m", "ai_notebook_ls"]
        places = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        found = shutil.which(self.command, path=places)
        return [found, *self.options] if found else None


SERVERS = (
    Server(OURS, OURS),
    Server(FLOOR, "ruff", ("server",)),
    Server("basedpyright", "basedpyright-langserver", ("--stdio",)),
    Server("pylsp", "pylsp"),
    Server("jedi-language-server", "jedi-language-server"),
)


@dataclass
class Subject:
    """A server that runs, and the document that is open in it."""

    name: str
    client: StdioClient
    document: Document


class Bench:
    """All measurements of one run; a server that fails once has a reason instead of later samples."""

    def __init__(self, root: Path, quick: bool) -> None:
        self.root = root
        self.rounds = 2 if quick else 5
        self.budget = 2.0 if quick else 6.0
        """Seconds for one server at one size: a slow one gets fewer rounds."""
        # Nobody's cache or settings, and nothing left behind.
        homes = {
            name: str(root / "home") for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "JUPYTER_CONFIG_DIR")
        }
        self.environment = {**os.environ, **homes}
        self.notes: dict[str, dict[str, str]] = {server.name: {} for server in SERVERS}
        """Server -> what was seen besides: how it opens notebooks, how many actions it gives, its memory."""

    async def initialize(self) -> dict[str, Samples]:
        """Time from spawn to the answer to `initialize`, in fresh processes."""
        found = {server.name: Samples() for server in SERVERS}
        for number_, server in ordered(SERVERS, self.rounds):
            samples, argv = found[server.name], server.argv()
            if argv is None:
                samples.why_none = ABSENT
            if argv is None or samples.why_none:
                continue
            began = time.perf_counter()
            client = await StdioClient.start(argv, self.root, self.environment)
            try:
                async with failing(samples):
                    capabilities = await client.initialize(self.root)
                    samples.values.append((time.perf_counter() - began) * 1e3)
                    if number_ == 0:
                        await client.settle(5)
                        syncs = "notebookDocumentSync" in capabilities
                        self.notes[server.name] |= {
                            "opened as": "notebook" if syncs else ".py",
                            "idle": megabytes(client.resident()),
                        }
            finally:
                await client.close()
        return found

    @asynccontextmanager
    async def opened(self, cells: int, notebook: bool) -> AsyncIterator[list[Subject]]:
        """Start all servers that work, with a document of so many cells, and wait until they are idle."""
        subjects: list[Subject] = []
        try:
            for server in SERVERS:
                argv, kind = server.argv(), self.notes[server.name].get("opened as")
                if argv is None or kind is None:
                    continue
                client = await StdioClient.start(argv, self.root, self.environment)
                document = Document(client, self.root.as_uri(), cells, notebook and kind == "notebook")
                subjects.append(Subject(server.name, client, document))
                await client.initialize(self.root)
                await document.open()
            yield subjects
        finally:
            await asyncio.gather(*(subject.client.close() for subject in subjects))

    async def rounds_of(
        self, subjects: Sequence[Subject], act: Callable[[Subject, int], Awaitable[Any]], most: int
    ) -> dict[str, Samples]:
        """Time an act, up to `most` times a round and server, interleaved; the first time of each does not count."""
        found = {subject.name: Samples() for subject in subjects}
        left = dict.fromkeys(found, self.budget)
        for subject in subjects:
            async with failing(found[subject.name]):
                await subject.client.settle(10)
                await act(subject, 0)
        for number_, subject in ordered(subjects, self.rounds):
            samples, share = found[subject.name], self.budget / self.rounds
            if samples.why_none or left[subject.name] <= 0:
                continue
            async with failing(samples):
                await subject.client.settle(3)
                began = time.perf_counter()
                for turn in range(most):
                    start = time.perf_counter()
                    await act(subject, number_ * most + turn)
                    samples.values.append((time.perf_counter() - start) * 1e3)
                    if time.perf_counter() - began > share:
                        break
                left[subject.name] -= time.perf_counter() - began
        return found

    async def ask(self, subject: Subject, turn: int) -> None:
        """Request code actions in a cell, a different one each time."""
        actions = await subject.document.code_actions(turn * 37 % subject.document.cells)
        self.notes[subject.name]["actions"] = str(len(actions))

    async def type_and_ask(self, subject: Subject, turn: int) -> None:
        """Press a key and request code actions."""
        cell = turn * 37 % subject.document.cells
        await subject.document.type(cell)
        await subject.document.code_actions(cell)

    async def burst(self, subject: Subject, turn: int) -> None:
        """Type fast, then prove that all of it was read."""
        cell = subject.document.cells // 2
        for _ in range(KEYS):
            await subject.document.type(cell)
        await subject.document.hover(cell)


async def measure(quick: bool = False) -> Section:
    """Measure the language servers."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder).resolve(), quick)
        (bench.root / "home").mkdir()
        started = await bench.initialize()
        asked, typed, bursts = {}, {}, {}
        for cells in SIZES:
            async with bench.opened(cells, notebook=True) as subjects:
                asked[cells] = await bench.rounds_of(subjects, bench.ask, 40)
                typed[cells] = await bench.rounds_of(subjects, bench.type_and_ask, 10)
                if cells == SIZES[-1]:
                    remember_memory(bench, subjects, "notebook")
        for lines in LINES:
            async with bench.opened(lines // 10, notebook=False) as subjects:
                bursts[lines] = await bench.rounds_of(subjects, bench.burst, 1)
                if lines == LINES[-1]:
                    remember_memory(bench, subjects, "script")
    return Section("Language servers", METHOD, tables(bench, started, asked, typed, bursts), targets(asked))


def tables(
    bench: Bench,
    started: Mapping[str, Samples],
    asked: Mapping[int, Mapping[str, Samples]],
    typed: Mapping[int, Mapping[str, Samples]],
    bursts: Mapping[int, Mapping[str, Samples]],
) -> list[Table]:
    """Return the tables of the report."""
    sizes = [f"{cells:,} cells" for cells in SIZES]
    lines = [f"{count:,} lines" for count in LINES]
    notes = bench.notes
    start = [
        (name, *samples.cells(), *(notes[name].get(key, "-") for key in ("idle", "notebook", "script")))
        for name, samples in started.items()
    ]

    def across(found: Mapping[int, Mapping[str, Samples]], keys: Iterable[str], divide: int = 1) -> list[list[str]]:
        return [
            [name, *(notes[name].get(key, "-") for key in keys), *(cell(of.get(name), divide) for of in found.values())]
            for name in notes
        ]

    memory = ("MB idle", f"MB, {sizes[-1]}", f"MB, {lines[-1]}")
    return [
        Table("Start to the answer to `initialize`, ms; memory", ("server", "p50", "p95", "n", *memory), start),
        Table(
            "codeAction, ms: p50 / p95 (n)",
            ("server", "opened as", "actions", *sizes),
            across(asked, ("opened as", "actions")),
        ),
        Table("A keystroke and codeAction, ms: p50 / p95 (n)", ("server", *sizes), across(typed, ())),
        Table(f"didChange, ms a key in a burst of {KEYS}: p50 / p95 (n)", ("server", *lines), across(bursts, (), KEYS)),
    ]


def cell(samples: Samples | None, divide: int = 1) -> str:
    """Write samples as one cell of a table."""
    if samples is None or samples.why_none or not samples.values:
        return samples.why_none or "-" if samples else "-"
    return f"{number(samples.p50 / divide)} / {number(samples.p95 / divide)} ({len(samples.values)})"


def targets(asked: Mapping[int, Mapping[str, Samples]]) -> list[Target]:
    """Return the targets with the ratios reached."""
    return [
        Target(
            f"codeAction p50, {cells:,} cells: ours / ruff's",
            found.get(OURS, Samples()).p50 / found.get(FLOOR, Samples()).p50,
            LIMIT,
        )
        for cells, found in asked.items()
    ]


def remember_memory(bench: Bench, subjects: Iterable[Subject], key: str) -> None:
    """Note what each server holds in memory now."""
    for subject in subjects:
        try:
            bench.notes[subject.name][key] = megabytes(subject.client.resident())
        except Refused as error:
            bench.notes[subject.name][key] = str(error)


def ordered(things: Sequence[Any], rounds: int) -> Iterable[tuple[int, Any]]:
    """Yield (round, thing), backwards in every second round: nobody always comes after the same neighbour."""
    for turn in range(rounds):
        for thing in things if turn % 2 == 0 else reversed(things):
            yield turn, thing


@asynccontextmanager
async def failing(samples: Samples) -> AsyncIterator[None]:
    """Note a server's failure as the reason why it has no samples."""
    try:
        yield
    except asyncio.TimeoutError:
        samples.why_none = f"no answer in {PATIENCE:.0f} s"
    except (Refused, ConnectionError) as error:
        samples.why_none = f"failed: {error}"
