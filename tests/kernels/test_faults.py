"""All that can go wrong in or around a kernel, one test each.

What needs a boundary is in test_confined.py and test_sandbox.py: fork bomb, memory bomb, writes outside, network,
signals, `%pip install`. The end of the server is in test_life.py.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.failures import KernelStartFailed
from ai_notebook_ls.kernels.sidecar import RESTARTED
from ai_notebook_ls.ports import KernelState

from .test_life import install, shown
from .test_run import text

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def begun(kernel, run, source, **options):
    """Run a cell that prints as soon as it has begun; return its task."""
    running = asyncio.Event()
    task = asyncio.create_task(run(kernel, source, on_output=lambda *_: running.set(), **options))
    await running.wait()
    return task


# -- the process ends -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import os; print('last words', flush=True); os._exit(3)", "exit code 3"),
        ("import ctypes; ctypes.string_at(0)", signal.strsignal(signal.SIGSEGV)),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", signal.strsignal(signal.SIGKILL)),
    ],
    ids=["os._exit", "segfault", "SIGKILL"],
)
async def test_death_is_an_outcome(kernels, notebook, run, source, how):
    kernel = kernels.kernel(notebook)
    outcome = await run(kernel, source)
    assert (outcome.status, kernel.state, kernel.ledger) == ("died", KernelState.DEAD, ())
    assert how in outcome.notice
    again = await run(kernel, "1 + 1")
    assert (again.status, again.notice) == ("ok", "")


async def test_sys_exit_ends_the_cell_only(shared, run):
    await run(shared, "kept = 5")
    outcome = await run(shared, "import sys; sys.exit(3)")
    assert (outcome.status, outcome.failure.ename) == ("error", "SystemExit")
    assert outcome.notice == (
        "The cell asked to exit; in a notebook that only ends the cell, and its variables are still there."
    )
    assert shown(await run(shared, "kept")) == "5"


@pytest.mark.parametrize("source", ["quit()", "exit"])
async def test_quit_ends_the_kernel_and_the_run(kernels, notebook, run, source):
    kernel = kernels.kernel(notebook)
    outcome = await run(kernel, source)
    assert (outcome.status, kernel.state) == ("died", KernelState.DEAD)
    assert outcome.notice == "The cell ended the sidecar kernel, as `quit` and `exit` do; its variables are lost."
    assert (await run(kernel, "1")).notice == ""


async def test_death_while_queued_runs_wait(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    dying = await begun(kernel, run, "x = 1\nprint(1, flush=True)\nimport os, time; time.sleep(0.1); os._exit(3)")
    waiting = [asyncio.create_task(run(kernel, "'x' in globals()")) for _ in range(2)]
    while kernel.queue < 3:
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(dying, *waiting)
    assert [outcome.status for outcome in outcomes] == ["died", "ok", "ok"]
    assert [shown(outcome) for outcome in outcomes[1:]] == ["False", "False"]
    lost = "The sidecar kernel died (exit code 3); its variables are lost."
    assert [outcome.notice for outcome in outcomes[1:]] == [lost, lost]
    assert (await run(kernel, "1")).notice == "", "this one did not wait"


# -- it does not end --------------------------------------------------------------------------------------------------


async def test_an_infinite_loop(open_kernels, notebook, run):
    kernel = open_kernels(timeout=0.5).kernel(notebook)
    await run(kernel, "kept = 1")
    outcome = await run(kernel, "while True: pass")
    assert (outcome.status, outcome.notice) == ("timeout", "The cell was stopped after 0.5 seconds.")
    assert shown(await run(kernel, "kept")) == "1"


@pytest.mark.parametrize(
    "source",
    [
        "sum(range(10 ** 13))",
        "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except KeyboardInterrupt: pass",
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    ],
    ids=["a loop in C", "KeyboardInterrupt is swallowed", "SIGINT is ignored"],
)
async def test_a_loop_that_does_not_heed_the_interrupt(open_kernels, notebook, run, source):
    kernel = open_kernels(timeout=0.5).kernel(notebook)
    outcome = await run(kernel, source)
    assert (outcome.status, kernel.state, kernel.ledger) == ("timeout", KernelState.DEAD, ())
    assert outcome.notice == (
        "The cell was stopped after 0.5 seconds. It did not heed the interrupt, so the sidecar kernel was ended; "
        "its variables are lost."
    )
    assert (await run(kernel, "1")).status == "ok"


async def test_interrupt_while_restarting(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    first = await begun(kernel, run, "print(1, flush=True)\nwhile 1: pass")
    second = asyncio.create_task(run(kernel, "2"))
    restarting = asyncio.create_task(kernel.restart())
    await asyncio.sleep(0)
    await kernel.interrupt()
    await restarting
    outcome = await first
    assert (outcome.status, outcome.notice) == ("interrupted", RESTARTED)
    while kernel.state is not KernelState.STARTING:
        await asyncio.sleep(0)
    await kernel.interrupt()
    assert (await second).status == "interrupted"
    third = await run(kernel, "3")
    assert (third.status, third.notice) == ("ok", RESTARTED)


# -- output -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [100, 10_000_000])
async def test_endless_print(kernels, notebook, run, size):
    kernel = kernels.kernel(notebook)
    await run(kernel, "kept = 6")
    before = psutil.Process().memory_info().rss
    task = asyncio.create_task(run(kernel, f"while True: print('x' * {size})"))
    peak = before
    while not task.done():
        await asyncio.sleep(0.01)
        peak = max(peak, psutil.Process().memory_info().rss)
    outcome = await task
    assert (outcome.status, outcome.notice) == ("interrupted", "The cell was stopped after writing 40 MB of output.")
    assert peak - before < 64_000_000
    assert shown(await run(kernel, "kept")) == "6"


async def test_a_hundred_megabytes_in_one_print(shared, run):
    outcome = await run(shared, "print('x' * 100_000_000); after = 1")
    assert len(text(outcome)) == 100_000
    assert outcome.truncated_bytes == 100_000_001 - 100_000
    assert (await run(shared, "after")).status == "ok"


async def test_a_repr_of_fifty_megabytes(shared, run):
    outcome = await run(shared, "'y' * 50_000_000")
    assert outcome.status == "ok"
    assert shown(outcome) == "'" + "y" * 99_999 + "\n… cut here: the whole is 50,000,002 characters long"
    assert outcome.truncated_bytes == 50_000_002 - 100_000


async def test_a_broken_repr(shared, run):
    outcome = await run(shared, "class Evil:\n    def __repr__(self): raise ValueError('no')\nEvil()")
    assert (outcome.status, outcome.failure.ename) == ("error", "ValueError")


@pytest.mark.parametrize("how", ["input('name? ')", "import getpass; getpass.getpass()"])
async def test_input_is_refused(shared, run, how):
    outcome = await run(shared, how)
    assert (outcome.status, outcome.failure.ename) == ("error", "StdinNotImplementedError")
    assert outcome.notice.startswith("The sidecar cannot ask you for input: put the value into the code")


THREAD = """
import threading
begin, done = threading.Event(), threading.Event()
def work():
    begin.wait(); print('late'); done.set()
threading.Thread(target=work).start()
print('soon')
"""


async def test_output_of_a_thread_while_another_cell_runs(kernels, notebook, run):
    cells = Cell("first", THREAD), Cell("second", "begin.set(); done.wait(); print('own')")
    kernel = kernels.kernel(replace(notebook, cells=cells))
    told = []
    await run(kernel, THREAD, cell="first")
    outcome = await run(kernel, cells[1].source, cell="second", on_output=lambda *it: told.append(it))
    assert text(outcome) == "own\n"
    assert [(cell, output["text"]) for cell, output in sorted(told)] == [("first", "late\n"), ("second", "own\n")]
    assert outcome.notice == (
        "After its end cell 1 went on writing (from a thread, say); that is not among these outputs."
    )
    assert (await run(kernel, "1")).notice == ""


async def test_output_of_a_thread_between_runs(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, THREAD.replace("begin.wait()", "done.wait(0.1)"), cell="first")
    while not kernel._process._overheard:  # only after a rest is anything read
        await asyncio.sleep(0.01)
    told = []
    outcome = await run(kernel, "print('own')", on_output=lambda *it: told.append(it))
    assert (text(outcome), told[0][0], told[0][1]["text"]) == ("own\n", "first", "late\n")
    assert "a deleted cell went on writing" in outcome.notice


async def test_threads_of_a_pool_write_for_the_cell_that_asks_them(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, "from concurrent.futures import ThreadPoolExecutor as P\np = P(1); p.submit(print, 1).result()")
    outcome = await run(kernel, "p.submit(print, 2).result()")
    assert (text(outcome), outcome.notice) == ("2\n", "")


async def test_a_flood_between_runs_is_bounded(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    source = "import threading\nstop = False\ndef work():\n    while not stop: print('x' * 1_000_000)\n"
    before = psutil.Process().memory_info().rss
    await run(kernel, source + "threading.Thread(target=work).start()", cell="first")
    inbox = kernel._process._overheard
    while not any(head.skipped for head in inbox._heads):  # it is full
        await asyncio.sleep(0.01)
    assert psutil.Process().memory_info().rss - before < 100_000_000
    outcome = await run(kernel, "stop = True; 1")
    assert (outcome.status, shown(outcome)) == ("ok", "1")


async def test_a_display_of_an_earlier_cell_is_changed_there(shared, run):
    await run(shared, "bar = display('0 %', display_id=True)", cell="earlier")
    told = []
    outcome = await run(shared, "bar.update('100 %')", on_output=lambda *it: told.append(it))
    [(cell, output)] = told
    assert (cell, output["output_type"], output["data"]["text/plain"]) == (
        "earlier",
        "update_display_data",
        "'100 %'",
    )
    assert (outcome.outputs, outcome.notice) == ((), "")


# -- around it --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["full", "read-only"])
def bad_folder(request: Any) -> Iterator[Path]:
    """A folder for temporary files in which there is no room, or no right, to write."""
    folder = Path(tempfile.mkdtemp())
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "none", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("nothing can be mounted here")
    try:
        if request.param == "full":
            (folder / "all").write_bytes(b"x" * 4096)
        else:
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


async def test_a_runtime_folder_that_cannot_be_written(bad_folder, open_kernels, notebook, run, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(bad_folder))
    monkeypatch.setattr(tempfile, "tempdir", str(bad_folder))
    kernel = open_kernels().kernel(notebook)
    with pytest.raises(KernelStartFailed) as caught:
        await run(kernel, "1")
    assert "No space left on device" in caught.value.message or "Read-only file system" in caught.value.message
    assert kernel.state is KernelState.NONE
    monkeypatch.undo()


async def test_a_kernelspec_that_does_not_start(open_kernels, notebook, run):
    install("broken", [sys.executable, "-c", "import no_such_module_at_all"])
    kernel = open_kernels().kernel(replace(notebook, kernel_name="broken"))
    with pytest.raises(KernelStartFailed, match="'broken' ended before it was ready: ModuleNotFoundError"):
        await run(kernel, "1")
    assert kernel.state is KernelState.NONE


async def test_an_interpreter_without_ipykernel(open_kernels, notebook, run, tmp_path):
    venv.create(tmp_path / "bare", with_pip=False)
    python = tmp_path / "bare" / "bin" / "python"
    install("bare", [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    kernel = open_kernels().kernel(replace(notebook, kernel_name="bare"))
    with pytest.raises(KernelStartFailed) as caught:
        await run(kernel, "1")
    assert caught.value.message == "The kernel 'bare' has no ipykernel, without which its Python cannot run cells."
    assert caught.value.hint == "Install it there: `…/bare/bin/python -m pip install ipykernel`."
