"""Zygotes: a kernel that one forks is as a kernel that was started, and nothing of ours is in it."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import ipykernel
import psutil
import pytest

from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.kernels import nests
from ai_notebook_ls.ports import KernelState

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not nests.FORKS, reason="kernels are forked on Linux only"),
]

SEEN = """
import os, signal, sys, threading
{
    'names': sorted(name for name in globals() if name != '_i1'),
    'path': ['site' if path == os.environ['PIP_TARGET'] else path for path in sys.path],
    'environment': sorted(set(os.environ) - {'JPY_PARENT_PID', 'MPLBACKEND'}),
    'cwd': os.getcwd(),
    'signals': [str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)],
    'threads': sorted(type(thread).__name__ for thread in threading.enumerate()),
    'leader': os.getpid() == os.getpgrp() == os.getsid(0),
    'input': os.readlink('/proc/self/fd/0'),
    'ours': [name for name in ('supervisor', 'launcher', 'forking', 'obstacles') if name in sys.modules],
    'debugpy': 'debugpy' in sys.modules,
    'main': sys.modules['__main__'].__dict__ is globals(),
    'history': get_ipython().history_manager.enabled,
}
"""


def shown(outcome):
    """The value of a cell's last expression."""
    assert outcome.status == "ok", outcome.failure or outcome.notice
    return ast.literal_eval(outcome.outputs[-1]["data"]["text/plain"])


def zygotes():
    """The processes of this one's zygotes."""
    children = psutil.Process().children()
    return [child for child in children if any(word.endswith("zygote.py") for word in child.cmdline())]


def spec(name, interpreter):
    """Install a kernelspec of an interpreter."""
    folder = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels" / name
    folder.mkdir(parents=True)
    argv = [str(interpreter), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": argv, "display_name": name, "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(about), "utf-8")


@pytest.fixture
def kernels(open_kernels):
    """With zygotes of their own: they are what is tested."""
    return open_kernels()


@pytest.fixture
def other_python(tmp_path):
    """An interpreter of its own, with this one's packages and a folder for more."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    packages = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    (packages / "shared.pth").write_text(str(Path(ipykernel.__file__).parent.parent))
    return tmp_path / "venv" / "bin" / "python", packages


async def test_a_forked_kernel_is_as_a_started_one(open_kernels, notebook, run, monkeypatch):
    forked = shown(await run(open_kernels().kernel(notebook), SEEN))
    assert zygotes()
    monkeypatch.setattr(nests, "FORKS", False)
    started = shown(await run(open_kernels().kernel(notebook), SEEN))
    assert forked == started
    assert forked["leader"]
    assert forked["main"]
    assert forked["ours"] == []


async def test_kernels_share_a_zygote_and_no_state(kernels, notebook, run):
    one, two = (kernels.kernel(replace(notebook, path=notebook.path + str(n))) for n in (1, 2))
    await asyncio.gather(run(one, "x = 1; import random"), run(two, "import random"))
    assert len(zygotes()) == 1
    assert shown(await run(two, "'x' in globals()")) is False
    rolls = [shown(await run(kernel, "random.random()")) for kernel in (one, two)]
    assert rolls[0] != rolls[1]


async def test_what_the_notebook_imports_is_there_before(kernels, notebook, run):
    notebook = replace(
        notebook, cells=(Cell("a", "import pandas as pd\nfrom matplotlib import pyplot\nimport nonsense"),)
    )
    kernels.prepare(notebook)
    await asyncio.gather(*kernels._preparing)
    assert kernels.kernel(notebook).state is KernelState.NONE
    loaded = "import sys; [name for name in ('pandas', 'matplotlib.pyplot', 'nonsense') if name in sys.modules]"
    assert shown(await run(kernels.kernel(notebook), loaded)) == ["pandas", "matplotlib.pyplot"]


async def test_what_is_needed_to_tell_a_failure_is_there_in_the_end(kernels, notebook, run):
    notebook = replace(notebook, cells=(Cell("a", "import pandas as pd"),))
    kernels.prepare(notebook)
    read = "import linecache; [name for name in linecache.cache if name.endswith('pandas/core/frame.py')] != []"
    rehearsed = False
    while not rehearsed:
        async with kernels.throwaway(notebook) as fresh:
            rehearsed = shown(await run(fresh, read))
    async with kernels.throwaway(notebook) as fresh:
        outcome = await run(fresh, "import pandas as pd; pd.DataFrame()['price']")
    assert (outcome.failure.ename, outcome.failure.evalue) == ("KeyError", "'price'")


@pytest.mark.parametrize("prepared", [False, True])
async def test_figures_show_themselves(kernels, notebook, run, prepared):
    notebook = replace(notebook, cells=(Cell("a", "import matplotlib.pyplot as plt"),))
    if prepared:
        kernels.prepare(notebook)
        await asyncio.gather(*kernels._preparing)
    outcome = await run(kernels.kernel(notebook), "import matplotlib.pyplot as plt; plt.plot([1, 2]);")
    assert "image/png" in outcome.outputs[-1]["data"]


async def test_a_module_beside_the_notebook_is_not_imported_for_it(kernels, notebook, run, tmp_path):
    (tmp_path / "requests.py").write_text("open('ran', 'w')", "utf-8")
    notebook = replace(notebook, cells=(Cell("a", "import requests"),))
    kernels.prepare(notebook)
    await run(kernels.kernel(notebook), "1")
    assert not (tmp_path / "ran").exists()


async def test_each_interpreter_has_its_own(kernels, notebook, run, other_python):
    spec("elsewhere", other_python[0])
    other = replace(notebook, kernel_name="elsewhere")
    assert shown(await run(kernels.kernel(other), "import sys; sys.prefix")) == str(other_python[0].parent.parent)


async def test_what_is_installed_later_makes_a_new_zygote(kernels, notebook, run, other_python):
    interpreter, packages = other_python
    spec("growing", interpreter)
    growing = replace(notebook, kernel_name="growing")
    kernel = kernels.kernel(growing)
    await run(kernel, "x = 1")
    (first,) = zygotes()
    (packages / "brand_new.py").write_text("value = 6", "utf-8")
    async with kernels.throwaway(growing) as fresh:
        assert shown(await run(fresh, "import brand_new; brand_new.value")) == 6
        assert first not in zygotes() or len(zygotes()) == 2
    assert shown(await run(kernel, "x")) == 1
    await kernel.restart()
    await run(kernel, "1")
    await asyncio.gather(*kernels._retiring)
    assert first not in zygotes()
    assert len(zygotes()) == 1


async def test_the_death_of_a_zygote_takes_no_kernel_with_it(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, "x = 1")
    for process in zygotes():
        process.kill()
        process.wait()
    assert shown(await run(kernel, "x")) == 1
    await kernel.restart()
    assert shown(await run(kernel, "6 * 7")) == 42


async def test_an_interpreter_that_cannot_fork_starts_its_kernels(kernels, notebook, run, tmp_path):
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\ncase "$*" in *zygote.py*) exit 3;; esac\nexec {sys.executable} "$@"\n', "utf-8")
    script.chmod(0o700)
    spec("stubborn", script)
    assert shown(await run(kernels.kernel(replace(notebook, kernel_name="stubborn")), "6 * 7")) == 42


async def test_the_provisioner_serves_other_programs(tmp_path):
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(connection_file=str(tmp_path / "kernel.json"), kernel_name="python3")
    manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": "ai-notebook-ls-zygote"}
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        reply = await client.execute_interactive("x = 1", timeout=60)
        assert reply["content"]["status"] == "ok"
        assert zygotes()
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
    assert not zygotes()
