"""How many kernels there may be, and which one makes room for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.failures import NoRoom
from ai_notebook_ls.kernels import pool
from ai_notebook_ls.kernels.pool import MADE_ROOM, SidecarKernels
from ai_notebook_ls.ports import KernelState
from ai_notebook_ls.settings import KernelsSettings, Settings

from .conftest import LIMITED, RunSource

pytestmark = pytest.mark.asyncio(loop_scope="module")
A, B, C = (Notebook(f"untitled:{name}", ()) for name in "abc")
Make = Callable[..., SidecarKernels]


@pytest_asyncio.fixture(loop_scope="module")
async def capped() -> AsyncIterator[Make]:
    """Make kernels with a cap."""
    made: list[SidecarKernels] = []

    def make(**cap: int) -> SidecarKernels:
        made.append(SidecarKernels(Settings(kernels=KernelsSettings(**cap), isolation=LIMITED)))
        return made[-1]

    yield make
    for kernels in made:
        await kernels.close()


async def busy(kernel: Any, run: RunSource) -> asyncio.Task[Any]:
    """Let a kernel run until it is interrupted."""
    running = asyncio.Event()
    task = asyncio.create_task(run(kernel, "print(1, flush=True)\nwhile 1: pass", on_output=lambda *_: running.set()))
    await running.wait()
    return task


async def test_the_least_recently_used_one_makes_room(capped: Make, run: RunSource) -> None:
    kernels = capped(limit=2)
    told: list[tuple[str, KernelState]] = []
    kernels.changed = lambda notebook: told.append((notebook.uri, kernels.kernel(notebook).state))
    a, b, c = map(kernels.kernel, (A, B, C))
    for kernel in (a, b, a):
        await run(kernel, "x = 1")
    assert (await run(c, "1")).notice == ""
    assert [kernel.state for kernel in (a, b, c)] == [KernelState.IDLE, KernelState.NONE, KernelState.IDLE]
    assert (B.uri, KernelState.NONE) in told[told.index((B.uri, KernelState.IDLE)) :]
    outcome = await run(b, "'x' in globals()")
    assert (outcome.outputs[-1]["data"]["text/plain"], outcome.notice) == ("False", MADE_ROOM)
    assert a.state is KernelState.NONE
    assert (await run(b, "1")).notice == "", "it is said once"


async def test_the_newcomer_waits_for_a_busy_one(capped: Make, run: RunSource) -> None:
    kernels = capped(limit=1)
    a, b = map(kernels.kernel, (A, B))
    task = await busy(a, run)
    waiting = asyncio.create_task(run(b, "1"))
    while b.state is not KernelState.STARTING:
        await asyncio.sleep(0)
    await a.interrupt()
    assert [(await each).status for each in (task, waiting)] == ["interrupted", "ok"]
    assert a.state is KernelState.NONE


async def test_a_busy_one_stays_and_the_newcomer_is_refused_in_the_end(
    capped: Make, run: RunSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 0.1)
    kernels = capped(limit=1)
    a, b = map(kernels.kernel, (A, B))
    task = await busy(a, run)
    with pytest.raises(NoRoom, match=r"as many as may be \(kernels.limit\), and all are busy. Try again"):
        await run(b, "1")
    assert b.state is KernelState.NONE
    await a.interrupt()
    assert (await task).status == "interrupted"
    assert (await run(b, "1")).status == "ok"
    assert a.state is KernelState.NONE


async def test_many_at_once_keep_to_the_cap(capped: Make, run: RunSource) -> None:
    kernels = capped(limit=2)
    found = [kernels.kernel(replace(A, uri=f"untitled:{n}")) for n in range(4)]
    outcomes = await asyncio.gather(*(run(kernel, "1") for kernel in found))
    assert sum(kernel.alive for kernel in found) <= 2
    assert [each.status for each in outcomes] == ["ok"] * 4


async def test_memory_is_a_cap_too(capped: Make, run: RunSource) -> None:
    kernels = capped(memory_mb=150)
    a, b, c = map(kernels.kernel, (A, B, C))
    await run(a, "held = bytearray(200_000_000)")
    while a.memory_bytes() < 200_000_000:  # measured after each run; pytest's own timeout ends this
        await asyncio.sleep(0.01)
    await run(b, "1")
    assert (a.state, b.state) == (KernelState.NONE, KernelState.IDLE)
    await run(c, "1")
    assert b.state is KernelState.IDLE, "there is room for small ones"


async def test_what_is_tried_counts_in_memory_and_never_has_to_go(
    capped: Make, run: RunSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 0.1)
    kernels = capped(limit=1)
    a, b = map(kernels.kernel, (A, B))
    await run(a, "x = 1")
    async with a.branch() as branch, kernels.throwaway(B) as throwaway:
        await run(branch, "held = bytearray(100_000_000)")
        assert (await run(throwaway, "1")).status == "ok"
        while a.memory_bytes() < 100_000_000:
            await asyncio.sleep(0.01)
        with pytest.raises(NoRoom):
            await run(b, "1")
        assert (await run(branch, "x")).status == "ok"
    assert (await run(b, "1")).status == "ok"


async def test_a_renamed_notebook_gets_a_kernel_of_its_own(capped: Make, tmp_path: Path, run: RunSource) -> None:
    """Nobody tells that it is the same one; the old name's kernel is closed when it was idle for long, or makes room."""
    kernels = capped(limit=1)
    old = kernels.kernel(Notebook("file:///old", (), path=str(tmp_path / "old.ipynb")))
    await run(old, "x = 1")
    new = kernels.kernel(Notebook("file:///new", (), path=str(tmp_path / "new.ipynb")))
    assert (await run(new, "'x' in globals()")).outputs[-1]["data"]["text/plain"] == "False"
    assert old.state is KernelState.NONE
