"""Our door through jupyter-server-proxy against the jupyter-lsp proxy: the same command, in one real Jupyter server."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import random
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil

from benchmarks.client import WebSocketClient, kill
from benchmarks.corpus import Document
from benchmarks.report import ABSENT, Samples, Section, Table, Target, ratio
from benchmarks.timing import turns

DOOR, PROXY = "our door, `/ai-notebook-ls/`", "jupyter-lsp, `/lsp/ws/ai-notebook-ls`"
PATHS = {DOOR: "ai-notebook-ls/", PROXY: "lsp/ws/ai-notebook-ls"}
NEEDS = {DOOR: "jupyter_server_proxy", PROXY: "jupyter_lsp"}
LIMIT = 1 / 50
"""Our round trip, against jupyter-lsp's, when somebody clicks now and then."""
CELLS = 20
IN_A_ROW = 10
PAUSE = (0.15, 0.35)
"""Seconds between two idle-paced requests, at random: jupyter-lsp polls every 0.1 s, and must not fall into step."""
START = 60.0
"""Seconds that the Jupyter server may take to start."""

METHOD = f"""\
`workspace/executeCommand` with `aiNotebook.state`, from sending to the answer, through one real Jupyter server to the
same program: by our own door (jupyter-server-proxy, WebSocket, unix socket) and by the stock one (jupyter-lsp, which
`ai-notebook-ls` registers with, too: WebSocket, stdio). The same notebook of {CELLS} cells is open on both.
*Idle-paced* requests come {PAUSE[0]:g} to {PAUSE[1]:g} s after the last answer, as a person's do: then the
processes on the way (the Jupyter server, ours) have to wake up first, which is most of our time, while jupyter-lsp's is
its polling either way. The target names neither pace, so both are shown.
*Back to back* requests come {IN_A_ROW} in a row each turn."""


async def measure(quick: bool) -> Section:
    """Measure both doors, turn by turn."""
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(_jupyter_server())
        opened = {
            name: await _open(stack, base.format(path=path))
            for name, path in PATHS.items()
            if importlib.util.find_spec(NEEDS[name])
        }
        paced = {name: Samples(why_none="" if name in opened else ABSENT) for name in PATHS}
        rushed = {name: Samples(why_none=each.why_none) for name, each in paced.items()}
        for document in opened.values():
            await _ask(document)
        chance = random.Random(0)
        for name in turns(tuple(opened), 8 if quick else 60):
            await asyncio.sleep(chance.uniform(*PAUSE))
            paced[name].values.append(await _ask(opened[name]))
        for name in turns(tuple(opened), 2 if quick else 10):
            rushed[name].values += [await _ask(opened[name]) for _ in range(IN_A_ROW)]
    targets = tuple(
        Target(f"round trip by our door, {how}, against jupyter-lsp's", samples[DOOR].p50 / samples[PROXY].p50, LIMIT)
        for how, samples in (("back to back", rushed), ("idle-paced", paced))
    )
    return Section("Doors", METHOD, (_table("Idle-paced", paced), _table("Back to back", rushed)), targets)


def _table(title: str, taken: dict[str, Samples]) -> Table:
    rows = [[name, *each.cells(), ratio(each.p50 / taken[DOOR].p50)] for name, each in taken.items()]
    return Table(f"{title}, round trip", ("", "p50 ms", "p95 ms", "n", "p50, ratio"), rows)


async def _open(stack: AsyncExitStack, url: str) -> Document:
    client = await WebSocketClient.open(url)
    stack.push_async_callback(client.close)
    root = Path(tempfile.gettempdir())
    await client.initialize(root)
    document = Document(client, root.as_uri(), CELLS, as_notebook=True)
    await document.open()
    return document


async def _ask(document: Document) -> float:
    """Return how many milliseconds an answer took."""
    command = {"command": "aiNotebook.state", "arguments": [{"uri": document.uri}]}
    state, took = await document.client.timed("workspace/executeCommand", command)
    assert state["kernel"] == "none"
    return took


@asynccontextmanager
async def _jupyter_server() -> AsyncIterator[str]:
    """Start a Jupyter server of our own; give the URL of a WebSocket in it, with a `{path}` to fill in."""
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="ainb-") as folder:
        homes = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        places = {name: str(Path(folder, name)) for name in homes}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
            *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}"),
            env={**os.environ, **places, "JUPYTER_TOKEN": token},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,
        )
        try:
            port = await asyncio.wait_for(_port(Path(places["JUPYTER_RUNTIME_DIR"])), START)
            yield f"ws://127.0.0.1:{port}/{{path}}?token={token}"
        finally:
            await _end(process)


async def _port(runtime: Path) -> int:
    """Wait for the file in which the server tells its port."""

    def told() -> int | None:
        texts = (file.read_text() for file in runtime.glob("jpserver-*.json"))
        return next((int(json.loads(text)["port"]) for text in texts if text), None)

    while (port := told()) is None:  # noqa: ASYNC110 (nobody tells us)
        await asyncio.sleep(0.1)
    return port


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the Jupyter server as a person would, so that it ends what it started; else kill it."""
    top = psutil.Process(process.pid)
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 10)
    except asyncio.TimeoutError:
        kill(top)
        await process.wait()
