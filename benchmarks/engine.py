"""The sidecar engine: how soon a kernel is there, what a branch costs, and what both take of the machine."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
from jupyter_client.manager import AsyncKernelManager

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.kernels import nests
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.kernels.sidecar import SidecarKernel
from ai_notebook_ls.settings import Settings
from benchmarks.report import Samples, Section, Table, Target, megabytes, ratio
from benchmarks.timing import since, turns

IMPORTS = "import pandas as pd\nimport matplotlib.pyplot as plt"
STOCK = "`AsyncKernelManager` + `wait_for_ready`"
COLD = "sidecar kernel, started cold"
ZYGOTE = "sidecar kernel, forked by its zygote"
SANDBOX = "the same, in the sandbox"
BRANCH = "branch (fork of the kernel)"
PICKLE = "cloudpickle into a kernel of the zygote"
FURTHER = 6
"""Kernels beyond the first, whose memory is shared out."""
FLOOD = 4.0
"""Seconds of output without end."""

METHOD = f"""\
*Ready* is from asking for a kernel to the result of its first `1+1`; for the stock way, to `wait_for_ready`'s return,
without a cell. The zygote is up by then, as it is when a notebook has been open for a second; *cold* is what we do where
there can be none. *First cell* is `{IMPORTS.replace(chr(10), "; ")}` in a kernel that is ready; the zygote has imported both, in
idle time, because the notebook does. *State*: a kernel with a DataFrame of that size gets a copy that answers `len(df)`;
cloudpickle writes the frame to a file, and a further kernel of the same zygote, with pandas in it, reads it: what one
would do without a fork. Memory is PSS, the honest share: of a kernel's processes, the mean of {FURTHER} further ones
that have run `1+1`. *Flood*: the peak of the server's resident memory over what it was, while a cell prints without end
for {FLOOD:.0f} s and then is stopped."""

Opened = Callable[[], AbstractAsyncContextManager[SidecarKernel]]


async def measure(quick: bool) -> Section:
    """Measure ready, first cell, branches, then memory."""
    rounds = 3 if quick else 12
    ready = await _ready(rounds)
    first = await _first_cell(rounds)
    sizes = (10, 100) if quick else (100, 1000)
    state = {size: await _state(size, min(rounds, 8)) for size in sizes}
    further, flood = await _further_kernel(), await asyncio.to_thread(_flood)
    small, large = sizes
    targets = (
        Target("ready: a forked kernel, against the stock way", ready[ZYGOTE].p50 / ready[STOCK].p50, 0.15),
        Target("ready: a forked kernel, against our cold start", ready[ZYGOTE].p50 / ready[COLD].p50, 0.4),
        Target("ready: what the sandbox adds, ms", ready[SANDBOX].p50 - ready[ZYGOTE].p50, 15),
        Target("first cell with pandas and pyplot, against cold", first[ZYGOTE].p50 / first[COLD].p50, 0.1),
        Target(
            f"branch with {small} MB, against cloudpickle", state[small][BRANCH].p50 / state[small][PICKLE].p50, 0.5
        ),
        Target(f"branch with {large} MB, against {small} MB", state[large][BRANCH].p50 / state[small][BRANCH].p50, 2),
        Target("memory of a further kernel, MB (PSS)", further / 1e6, 30),
        Target("the server's memory under a flood of output, MB more", flood / 1e6, 64),
    )
    rows = [[f"{size:,} MB, {name}", *samples.cells()] for size in sizes for name, samples in state[size].items()]
    memory = [
        ["a further kernel (PSS)", megabytes(further)],
        ["the server under a flood (peak, more)", megabytes(flood)],
    ]
    return Section(
        "Sidecar engine",
        METHOD,
        (
            _table("Ready", ready, STOCK),
            _table("First cell", first, COLD),
            Table("A copy of a kernel's state", ("", "p50 ms", "p95 ms", "n"), rows),
            Table("Memory", ("", "MB"), memory),
        ),
        targets,
    )


def _table(title: str, taken: dict[str, Samples], base: str) -> Table:
    rows = [[name, *each.cells(), ratio(each.p50 / taken[base].p50)] for name, each in taken.items()]
    return Table(title, ("", "p50 ms", "p95 ms", "n", "p50, ratio"), rows)


def _settings(level: str) -> Settings:
    return replace(Settings(), isolation=replace(Settings().isolation, level=level))


def _notebook(source: str = "") -> Notebook:
    return Notebook("untitled:benchmark", (Cell("cell", source),))


@asynccontextmanager
async def _kernels(level: str = "limited", source: str = "", zygote: bool = True) -> AsyncIterator[SidecarKernels]:
    """Sidecar kernels, ready to start one."""
    before, nests.FORKS = nests.FORKS, nests.FORKS and zygote
    kernels = SidecarKernels(_settings(level))
    try:
        kernels.prepare(_notebook(source))
        await asyncio.gather(*kernels._preparing)
        async with kernels.throwaway(_notebook(source)) as kernel:  # imports, and the disk cache
            await _run(kernel, source or "1+1")
        yield kernels
    finally:
        nests.FORKS = before
        await kernels.close()


async def _run(kernel: SidecarKernel, source: str) -> str:
    async with kernel.reserve():
        outcome = await kernel.run_cell(Cell("cell", source))
    assert outcome.status == "ok", outcome
    return outcome.outputs[-1]["data"]["text/plain"] if outcome.outputs else ""


async def _ready(rounds: int) -> dict[str, Samples]:
    taken = {name: Samples() for name in (ZYGOTE, SANDBOX, COLD, STOCK)}
    async with _kernels() as forked, _kernels("sandboxed") as sandboxed, _kernels(zygote=False) as cold:

        async def sidecar(kernels: SidecarKernels) -> None:
            async with kernels.throwaway(_notebook()) as kernel:
                began = time.perf_counter()
                assert await _run(kernel, "1+1") == "2"
                taken[name].values.append(since(began))

        for name in turns(tuple(taken), rounds):
            if name == STOCK:
                await _stock(taken[name])
            else:
                await sidecar({ZYGOTE: forked, SANDBOX: sandboxed, COLD: cold}[name])
        async with sandboxed.throwaway(_notebook()) as kernel:
            await _run(kernel, "1")
            if kernel.level != "sandboxed":
                taken[SANDBOX] = Samples(why_none="no sandbox here")
    return taken


async def _stock(taken: Samples) -> None:
    began = time.perf_counter()
    manager = AsyncKernelManager(kernel_name="python3")
    await manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        taken.values.append(since(began))
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def _first_cell(rounds: int) -> dict[str, Samples]:
    taken = {name: Samples() for name in (ZYGOTE, COLD)}
    async with _kernels(source=IMPORTS) as forked, _kernels(zygote=False) as cold:
        for name in turns(tuple(taken), rounds):
            async with (forked if name == ZYGOTE else cold).throwaway(_notebook(IMPORTS)) as kernel:
                await _run(kernel, "1")
                began = time.perf_counter()
                await _run(kernel, IMPORTS)
                taken[name].values.append(since(began))
    return taken


async def _state(size: int, rounds: int) -> dict[str, Samples]:
    """Copies of a kernel with a frame of so many MB."""
    taken = {name: Samples() for name in (BRANCH, PICKLE)}
    rows = size * 1_000_000 // 80
    async with _kernels(source="import pandas as pd") as kernels:
        kernel = kernels.kernel(_notebook())
        await _run(kernel, f"import pandas as pd, numpy as np\ndf = pd.DataFrame(np.random.rand({rows}, 10))")
        assert importlib.util.find_spec("cloudpickle"), "pip install cloudpickle"
        await _run(kernel, "import cloudpickle")
        with tempfile.TemporaryDirectory() as folder:
            ways: dict[str, Callable[[], Awaitable[str]]] = {
                BRANCH: lambda: _branch(kernel),
                PICKLE: lambda: _pickle(kernels, kernel, Path(folder, "state")),
            }
            for name in turns(tuple(taken), rounds):
                began = time.perf_counter()
                assert await ways[name]() == str(rows)
                taken[name].values.append(since(began))
        assert not kernel.not_forked
    return taken


async def _branch(kernel: SidecarKernel) -> str:
    async with kernel.branch() as branch:
        return await _run(branch, "len(df)")


async def _pickle(kernels: SidecarKernels, kernel: SidecarKernel, file: Path) -> str:
    write = f"with open({str(file)!r}, 'wb') as f: cloudpickle.dump(df, f, protocol=5)"
    read = f"import pickle\nwith open({str(file)!r}, 'rb') as f: df = pickle.load(f)\nlen(df)"
    async with kernels.throwaway(_notebook()) as other:
        await asyncio.gather(_run(kernel, write), _run(other, "1"))  # the start overlaps with the writing
        return await _run(other, read)


async def _further_kernel() -> float:
    """Bytes that each of a few further kernels adds."""
    async with _kernels() as kernels:
        found = []
        for count in (1, FURTHER):
            for place in range(count):
                await _run(kernels.kernel(replace(_notebook(), uri=f"untitled:{count}-{place}")), "1+1")
            found.append(_pss(psutil.Process().children(recursive=True)))
        return (found[1] - found[0]) / FURTHER


def _pss(processes: Sequence[psutil.Process]) -> float:
    return float(sum(process.memory_full_info().pss for process in processes))


def _flood() -> float:
    """Bytes by which a server's memory grows under a flood, in a process of its own: this one's is used already."""
    ran = subprocess.run([sys.executable, "-m", "benchmarks.engine"], capture_output=True, text=True, check=True)
    return float(ran.stdout)


async def _flooded() -> float:
    async with _kernels() as kernels:
        kernel = kernels.kernel(_notebook())
        await _run(kernel, "1+1")
        before = peak = psutil.Process().memory_info().rss
        running = asyncio.create_task(_run_flood(kernel))
        began = time.perf_counter()
        while not running.done():
            await asyncio.sleep(0.01)
            peak = max(peak, psutil.Process().memory_info().rss)
            if time.perf_counter() - began > FLOOD:
                began = float("inf")
                await kernel.interrupt()
        return float(peak - before)


async def _run_flood(kernel: SidecarKernel) -> None:
    async with kernel.reserve():
        await kernel.run_cell(Cell("flood", "while True: print('x' * 1000)"))


if __name__ == "__main__":
    os.environ.setdefault("IPYTHONDIR", tempfile.mkdtemp())
    print(asyncio.run(_flooded()))
