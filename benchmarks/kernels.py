"""Warm runs in sidecar kernels against jupyter_client's own ways, nbclient, and raw ZMQ."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from jupyter_client.manager import AsyncKernelManager

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.kernels.sidecar import SidecarKernel
from ai_notebook_ls.settings import Settings
from benchmarks.raw_kernel import RawKernel
from benchmarks.report import ABSENT, Samples, Section, Table, Target, ratio
from benchmarks.timing import since, turns

CODE, RESULT = "1+1", "2"
SIDECAR = "sidecar kernel"
CLIENT = "`AsyncKernelClient`, stock kernel"
NBCLIENT = "nbclient, stock kernel"
RAW = "raw ZMQ, the sidecar's kernel"
RAW_STOCK = "raw ZMQ, stock kernel"

IN_A_ROW = 5
"""Warm runs in a turn, after one that does not count: it reads what the kernel told about the turns of others."""

METHOD = f"""\
Every kernel runs `{CODE}` and the result is checked, in a kernel that is up: {IN_A_ROW} in a row each turn.
Raw ZMQ is blocking pyzmq with signed messages and nothing else, connected to **the very kernel that the sidecar runs**,
and is the floor; "stock" kernels (TCP, history, debugger) are what one gets without asking for more. The sidecar's time
includes waiting for its turn, its watch over deadline, death and output, and the folded outcome."""

Run = Callable[[], Awaitable[str]]
Opened = tuple[Run, Callable[[], str]]
"""A way to run the code, and where the kernel's connection file is."""


async def measure(quick: bool) -> Section:
    """Measure warm runs."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("IPYTHONDIR")
        os.environ["IPYTHONDIR"] = folder  # a stock kernel writes its history there: not into the user's
        try:
            warm = await _warm(6 if quick else 60)
        finally:
            if before is None:
                del os.environ["IPYTHONDIR"]
            else:
                os.environ["IPYTHONDIR"] = before
    targets = [Target("warm run in a sidecar kernel, against raw ZMQ", warm[SIDECAR].p50 / warm[RAW].p50, 1.2)]
    if NBCLIENT in warm:
        targets.append(Target("the same, against nbclient", warm[SIDECAR].p50 / warm[NBCLIENT].p50, 1))
    return Section("Kernels", METHOD, (_table(warm),), tuple(targets))


def _table(warm: dict[str, Samples]) -> Table:
    absent = Samples(why_none=ABSENT)
    found = {name: warm.get(name, absent) for name in (RAW, SIDECAR, RAW_STOCK, CLIENT, NBCLIENT)}
    rows = [[name, *each.cells(), ratio(each.p50 / warm[RAW].p50)] for name, each in found.items()]
    return Table("Warm run", ("", "p50 ms", "p95 ms", "n", "p50, ratio"), rows)


async def _warm(rounds: int) -> dict[str, Samples]:
    async with AsyncExitStack() as stack:
        sidecar, connection_file = await stack.enter_async_context(_sidecar())
        await sidecar()
        stock, stock_connection_file = await stack.enter_async_context(_stock())
        runs: dict[str, Run] = {
            SIDECAR: sidecar,
            RAW: _raw(stack, connection_file()),
            CLIENT: stock,
            RAW_STOCK: _raw(stack, stock_connection_file()),
        }
        if importlib.util.find_spec("nbclient"):
            runs[NBCLIENT], connection_file = await stack.enter_async_context(_nbclient())
            _raw(stack, connection_file())  # the other kernels publish to two clients, too
        taken = {name: Samples() for name in runs}
        for name in turns(tuple(runs), rounds):
            await runs[name]()
            for _ in range(IN_A_ROW):
                began = time.perf_counter()
                result = await runs[name]()
                taken[name].values.append(since(began))
                assert result == RESULT
        return taken


@asynccontextmanager
async def _sidecar() -> AsyncIterator[Opened]:
    kernels = SidecarKernels(Settings())
    kernel = kernels.kernel(Notebook("untitled:benchmark", ()))
    cell = Cell("cell", CODE)

    async def run() -> str:
        async with kernel.reserve():
            outcome = await kernel.run_cell(cell)
        return outcome.outputs[0]["data"]["text/plain"]

    try:
        yield run, lambda: _connection_file(kernel)
    finally:
        await kernels.close()


def _connection_file(kernel: SidecarKernel) -> str:
    process = kernel._process  # nobody else may speak to a sidecar's kernel, so nothing public tells
    assert process is not None
    return process._manager.connection_file


@asynccontextmanager
async def _stock() -> AsyncIterator[Opened]:
    manager = AsyncKernelManager(kernel_name="python3")
    await manager.start_kernel(stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()

    async def run() -> str:
        asked = client.execute(CODE)
        result = ""
        while True:
            message = await client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != asked:
                continue
            if message["msg_type"] == "execute_result":
                result = message["content"]["data"]["text/plain"]
            elif message["content"].get("execution_state") == "idle":
                break
        while (await client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != asked:
            pass
        return result

    try:
        await client.wait_for_ready(timeout=60)
        yield run, lambda: manager.connection_file
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


@asynccontextmanager
async def _nbclient() -> AsyncIterator[Opened]:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    client = NotebookClient(notebook, kernel_name="python3", timeout=60)

    async def run() -> str:
        cell = await client.async_execute_cell(notebook.cells[0], 0)
        return cell["outputs"][0]["data"]["text/plain"]

    async with client.async_setup_kernel(stderr=subprocess.DEVNULL):
        yield run, lambda: client.km.connection_file


def _raw(stack: AsyncExitStack, connection_file: str) -> Run:
    raw = RawKernel(connection_file)
    stack.callback(raw.close)

    async def run() -> str:
        return raw.run(CODE)

    return run
