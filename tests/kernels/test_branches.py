"""Branches: a copy of a kernel's state, and a kernel that nothing of what happens in the copy reaches."""

from __future__ import annotations

import asyncio
import sys

import psutil
import pytest
import pytest_asyncio

from ai_notebook_ls.kernels import sandbox
from ai_notebook_ls.kernels.asking import evaluate
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.ports import KernelState
from ai_notebook_ls.settings import IsolationSettings, Settings

from .conftest import end_all

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks a running kernel"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["limited", "sandboxed"])
async def confined(request):
    """The kernels of all tests, in a sandbox and not."""
    if request.param == "sandboxed" and sandbox.obstacle():
        pytest.skip(sandbox.obstacle())
    kernels = SidecarKernels(Settings(isolation=IsolationSettings(level=request.param)))
    yield kernels
    await kernels.close()


@pytest_asyncio.fixture(loop_scope="module")
async def kernels(confined):
    """Kernels of one's own."""
    yield confined
    await end_all(confined)


def shown(outcome):
    """The value of a cell's last expression."""
    assert outcome.status == "ok", outcome.failure or outcome.notice
    return outcome.outputs[-1]["data"]["text/plain"]


def said(outcome):
    """What a cell printed."""
    return "".join(output["text"] for output in outcome.outputs if output["output_type"] == "stream")


async def test_a_branch_has_the_state_and_changes_nothing_of_it(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, "values = [1]\nlazy = (n for n in range(9))\nadd = lambda: values.append(9) or len(values)", "a")
    await run(kernel, "import random; random.seed(7); 'shown'", "b")
    async with kernel.branch() as branch:
        assert kernel.not_forked == ""
        assert shown(await run(branch, "values.append(2); add(), next(lazy), Out[2], In[2][-7:], random.random()")) == (
            "(3, 0, 'shown', \"'shown'\", 0.32383276483316237)"
        )
        await run(branch, "values = None; del add; import os; os.chdir('/'); os.environ['NEW'] = '1'")
        assert [entry.cell for entry in branch.ledger][:2] == ["a", "b"]
    assert shown(await run(kernel, "import os; values, next(lazy), add(), random.random(), os.getcwd() == '/'")) == (
        "([1, 9], 0, 2, 0.32383276483316237, False)"
    )
    assert [entry.cell for entry in kernel.ledger][:2] == ["a", "b"]
    assert [entry.execution_count for entry in kernel.ledger] == [1, 2, 3]


async def test_open_files_keep_their_place_and_content(kernels, notebook, run, tmp_path):
    (tmp_path / "read.txt").write_text("abcdef")
    kernel = kernels.kernel(notebook)
    await run(kernel, "r = open('read.txt'); first = r.read(2); w = open('w.txt', 'w'); n = w.write('mine'); w.flush()")
    async with kernel.branch() as branch:
        told = "r.seek(0); w.write(' theirs'); w.flush(); w.seek(0); r.read(), w.tell()"
        assert shown(await run(branch, told)) == "('abcdef', 0)"
        assert kernel.not_forked == ""
    assert shown(await run(kernel, "w.write('!'); w.close(); first, r.read(2), open('w.txt').read()")) == (
        "('ab', 'cd', 'mine!')"
    )


async def test_several_at_once_and_branches_of_branches(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, "x = [0]")

    async def tried(number):
        async with kernel.branch() as branch:
            await run(branch, f"x.append({number})")
            async with branch.branch() as inner:
                return shown(await run(inner, "x.append('inner'); x")), shown(await run(branch, "x"))

    found = await asyncio.gather(*map(tried, range(1, 4)))
    assert found == [(f"[0, {number}, 'inner']", f"[0, {number}]") for number in range(1, 4)]
    assert shown(await run(kernel, "x")) == "[0]"


async def test_a_branch_keeps_what_the_user_made_of_the_shell(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(
        kernel,
        "import logging, sys, warnings\n"
        "shell = get_ipython()\n"
        "shell.register_magic_function(lambda line: 'magic ' + line, magic_name='mine')\n"
        "shell.events.register('post_run_cell', lambda result: print('hook'))\n"
        "import os, signal; old = signal.signal(signal.SIGUSR1, lambda *_: print('signalled'))\n"
        "logging.getLogger('u').addHandler(logging.StreamHandler(sys.stdout))\n"
        "class C: pass\n"
        "shell.display_formatter.formatters['text/plain'].for_type(C, lambda c, p, cycle: p.text('formatted'))",
    )
    async with kernel.branch() as branch:
        assert kernel.not_forked == ""
        outcome = await run(branch, "%mine x")
        assert (outcome.outputs[0]["data"]["text/plain"], said(outcome)) == ("'magic x'", "hook\n")
        outcome = await run(branch, "logging.getLogger('u').warning('logged')\nshell is get_ipython(), C()")
        assert "(True, formatted)" in str(outcome.outputs)
        assert "signalled" in said(await run(branch, "os.kill(os.getpid(), signal.SIGUSR1)"))
        assert said(outcome) == "logged\nhook\n"
    assert said(await run(kernel, "logging.getLogger('u').warning('logged')")) == "logged\nhook\n"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import asyncio; await asyncio.sleep(0); print('awaited')", "awaited"),
        ("%time print('timed')", "timed"),
        ("!echo shell", "shell"),
        ("import threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()", "thread"),
        ("import subprocess; print(subprocess.run(['echo', 'child'], capture_output=True, text=True).stdout)", "child"),
        ("from concurrent.futures import ThreadPoolExecutor as T; print(T(1).submit(abs, -5).result())", "5"),
        ("import multiprocessing as m; p = m.Process(target=exit, args=(3,)); p.start(); p.join(); p.exitcode", ""),
    ],
)
async def test_what_works_in_a_branch(shared, run, source, told):
    async with shared.branch() as branch:
        assert shared.not_forked == ""
        outcome = await run(branch, source)
        assert outcome.status == "ok"
        assert told in said(outcome)


async def test_figures_and_frames_in_a_branch(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, "import matplotlib.pyplot as plt, pandas as pd, numpy as np\nframe = pd.DataFrame({'a': [1, 2]})")
    async with kernel.branch() as branch:
        assert kernel.not_forked == ""
        outcome = await run(
            branch, "frame['b'] = np.ones((300, 300)).dot(np.ones(300))[:2]; plt.plot(frame.a); frame.b"
        )
        assert any("image/png" in output.get("data", {}) for output in outcome.outputs)
    assert shown(await run(kernel, "list(frame.columns)")) == "['a']"


@pytest.mark.parametrize("end", ["import os; os._exit(3)", "import ctypes; ctypes.string_at(0)", "quit()"])
async def test_the_end_of_a_branch_is_not_the_kernels(shared, run, end):
    await run(shared, "x = 5")
    async with shared.branch() as branch:
        await run(branch, end)
        assert branch.state is not KernelState.BUSY
    assert shown(await run(shared, "x")) == "5"


async def test_a_stopped_branch_leaves_the_kernel_running(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, "x = 1")
    async with kernel.branch() as branch:
        looping = asyncio.create_task(run(branch, "print('on')\nwhile True: pass", on_output=lambda *_: heard.set()))
        heard = asyncio.Event()
        await heard.wait()
        assert shown(await run(kernel, "x + 1")) == "2"
        await branch.interrupt()
        assert (await looping).status == "interrupted"
        assert shown(await run(branch, "x")) == "1"
    assert shown(await run(kernel, "x")) == "1"


async def test_nothing_of_a_branch_stays(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, "x = 1")
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    daemon = "import subprocess; _ = subprocess.Popen(['sleep', '1000'], start_new_session=True)"
    async with kernel.branch() as branch:
        await run(branch, daemon)
        during = psutil.Process().children(recursive=True)
        sleeper = next(process for process in during if process.name() == "sleep")
    assert not sleeper.is_running()
    rest = [process for process in psutil.Process().children(recursive=True) if process.pid not in before]
    assert not psutil.wait_procs(rest, timeout=10)[1]


async def test_nothing_stays_of_a_branch_that_is_given_up_on_the_way(kernels, notebook, run, monkeypatch):
    """Cancelled when the fork has been heard of, and before its kernel's answer."""
    kernel = kernels.kernel(notebook)
    await run(kernel, "x = 1")
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    lifelines, accepted, start = [], asyncio.Event(), asyncio.start_unix_server

    def listening(accept, path):
        def accepting(reader, writer):
            lifelines.append(writer)
            accept(reader, writer)
            accepted.set()

        return start(accepting, path)

    async def never(*_):
        await accepted.wait()
        branching.cancel()
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio, "start_unix_server", listening)
    monkeypatch.setattr("ai_notebook_ls.kernels.branches.evaluate", answered(evaluate, then=never))
    branching = asyncio.create_task(kernel.branch().__aenter__())
    with pytest.raises(asyncio.CancelledError):
        await branching
    assert [writer.is_closing() for writer in lifelines] == [True]
    rest = [process for process in psutil.Process().children(recursive=True) if process.pid not in before]
    assert not psutil.wait_procs(rest, timeout=10)[1]


def answered(call, then):
    async def calling(*arguments):
        await call(*arguments)
        await then()

    return calling


OBSTACLES = [
    ("import threading, time; threading.Thread(target=time.sleep, args=(99,), daemon=True).start()", "a thread"),
    ("import asyncio; task = asyncio.ensure_future(asyncio.Event().wait())", "an asyncio task"),
    ("import sqlite3; c = sqlite3.connect('d.db'); _ = c.execute('create table t (a)')", "SQLite"),
    ("import mmap; m = mmap.mmap(-1, 100)", "memory is shared"),
    (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname())",
        "a network connection",
    ),
    ("big = open('big', 'w'); _ = big.truncate(100_000_000)", "a large file"),
]


@pytest.mark.parametrize(("source", "why"), OBSTACLES, ids=[why for _, why in OBSTACLES])
async def test_what_stands_in_the_way_of_a_fork_makes_a_slower_branch(kernels, notebook, run, source, why):
    kernel = kernels.kernel(notebook)
    await run(kernel, "x = [1]", "a")
    await run(kernel, source, "b")
    async with kernel.branch() as branch:
        assert why in kernel.not_forked
        assert shown(await run(branch, "x.append(2); x")) == "[1, 2]"
        assert [entry.cell for entry in branch.ledger][:2] == ["a", "b"]
    assert shown(await run(kernel, "x")) == "[1]"


async def test_a_branch_of_a_kernel_that_has_not_run(kernels, notebook, run):
    async with kernels.kernel(notebook).branch() as branch:
        assert shown(await run(branch, "6 * 7")) == "42"


async def test_a_branch_waits_for_its_kernel(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    heard = asyncio.Event()
    source = "print('on', flush=True)\nimport time; time.sleep(0.5); x = 3"
    running = asyncio.create_task(run(kernel, source, on_output=lambda *_: heard.set()))
    await heard.wait()
    async with kernel.branch() as branch:
        assert running.done()
        assert shown(await run(branch, "x")) == "3"
    await running
