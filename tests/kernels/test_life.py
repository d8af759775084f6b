"""A kernel's life: where it starts, how it ends, and that nothing of it stays."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.failures import KernelspecMissing, KernelStartFailed
from ai_notebook_ls.kernels import sandbox
from ai_notebook_ls.ports import KernelState

pytestmark = pytest.mark.asyncio(loop_scope="module")


def shown(outcome):
    """The value of a cell's last expression."""
    return outcome.outputs[-1]["data"]["text/plain"]


def install(name, argv, **more):
    """Install a kernelspec."""
    folder = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels" / name
    folder.mkdir(parents=True, exist_ok=True)
    spec = {"argv": argv, "display_name": name, "language": "python", **more}
    (folder / "kernel.json").write_text(json.dumps(spec), "utf-8")


def run_folders(kernels):
    """The folders that hold the connection files and sockets of these kernels."""
    return {folder for nest in kernels._nests.values() for folder in nest.folder.iterdir()}


async def test_where_it_runs_and_what_it_sees(kernels, notebook, run, tmp_path):
    kernel = kernels.kernel(notebook)
    assert kernel.state is KernelState.NONE
    outcome = await run(
        kernel,
        "import os, sys\n"
        "(os.getcwd(), [n for n in os.environ if n.startswith('AI_NOTEBOOK_LS')], 'debugpy' in sys.modules,"
        " get_ipython().history_manager.enabled, [p for p in sys.path if 'kernels' in p], '' in sys.path)",
    )
    assert ast.literal_eval(shown(outcome)) == (str(tmp_path), [], False, False, [], True)


async def test_two_notebooks_have_two_kernels(kernels, run, tmp_path):
    one, two = (kernels.kernel(Notebook(f"untitled:{n}", ())) for n in (1, 2))
    assert kernels.kernel(Notebook("untitled:1", ())) is one
    outcomes = await asyncio.gather(run(one, "x = 1; x"), run(two, "'x' in globals()"))
    assert [shown(outcome) for outcome in outcomes] == ["1", "False"]


async def test_one_file_by_two_paths_is_one_notebook(kernels, notebook, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert kernels.kernel(notebook) is kernels.kernel(replace(notebook, path=str(link / "own.ipynb")))


async def test_a_branch_is_independent_and_ends(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, "x = 1")
    async with kernels.throwaway(notebook) as branch:
        pid = int(shown(await run(branch, "import os; x = 2; os.getpid()")))
    assert not psutil.pid_exists(pid)
    assert shown(await run(kernel, "x")) == "1"


async def test_restart_forgets(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    await run(kernel, "x = 1")
    await kernel.restart()
    assert (kernel.state, kernel.ledger, kernel.memory_bytes()) == (KernelState.NONE, (), 0)
    assert shown(await run(kernel, "'x' in globals()")) == "False"


async def test_restart_during_a_run(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    running = asyncio.Event()
    task = asyncio.create_task(run(kernel, "print(1, flush=True)\nwhile 1: pass", on_output=lambda *_: running.set()))
    await running.wait()
    await kernel.restart()
    outcome = await task
    assert (outcome.status, kernel.state) == ("interrupted", KernelState.NONE)
    assert "restarted" in outcome.notice


async def test_interrupt_while_starting(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    task = asyncio.create_task(run(kernel, "1"))
    while kernel.state is not KernelState.STARTING:
        await asyncio.sleep(0)
    await kernel.interrupt()
    assert (await task).status == "interrupted"
    assert (await run(kernel, "2")).status == "ok"


async def test_death_while_idle_is_told_with_the_next_run(kernels, notebook, run):
    kernel = kernels.kernel(notebook)
    pid = int(shown(await run(kernel, "import os; os.getpid()")))
    os.kill(pid, signal.SIGKILL)
    while kernel.state is not KernelState.DEAD:
        await asyncio.sleep(0.01)
    outcome = await run(kernel, "1 + 1")
    assert outcome.status == "ok"
    assert outcome.notice == f"The sidecar kernel died ({signal.strsignal(9)}); its variables are lost."


async def test_an_unused_kernel_is_closed(open_kernels, notebook, run):
    kernels = open_kernels(idle_minutes=0.01 / 60)
    kernel = kernels.kernel(notebook)
    pid = int(shown(await run(kernel, "import os; os.getpid()")))
    while psutil.pid_exists(pid) or kernel.state is not KernelState.NONE:
        await asyncio.sleep(0.01)


async def test_close_leaves_nothing(open_kernels, notebook, run):
    kernels = open_kernels()
    before = set(psutil.Process().children(recursive=True))
    kernel = kernels.kernel(notebook)
    await run(kernel, "import subprocess; subprocess.Popen(['sleep', '1000'], start_new_session=True)")
    started = set(psutil.Process().children(recursive=True)) - before
    assert "sleep" in {process.name() for process in started}
    folders = run_folders(kernels)
    await kernels.close()
    assert not psutil.wait_procs(started, timeout=5)[1]
    assert folders
    assert not any(folder.exists() for folder in folders)


async def test_close_while_starting(open_kernels, notebook, run):
    kernels = open_kernels()
    before = set(psutil.Process().children(recursive=True))
    kernel = kernels.kernel(notebook)
    task = asyncio.create_task(run(kernel, "1"))
    while not set(psutil.Process().children(recursive=True)) - before:
        await asyncio.sleep(0)
    await kernels.close()
    assert (await task).status == "interrupted"
    assert not psutil.wait_procs(set(psutil.Process().children(recursive=True)) - before, timeout=5)[1]


SERVER = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from ai_notebook_ls.core.cells import Cell, Notebook
    from ai_notebook_ls.kernels.pool import SidecarKernels
    from ai_notebook_ls.settings import IsolationSettings, Settings

    SOURCES = [
        "print('on', flush=True)\\nwhile True: pass",
        # Holds the GIL: no signal handler of Python's would ever run, and no output leave.
        "print('on', flush=True)\\nimport time\\ntime.sleep(0.5)\\nsum(range(10 ** 13))",
        "import subprocess\\na = subprocess.Popen(['sleep', '1001'])\\nprint('on', flush=True)\\n!sleep 1002",
        "import subprocess as s\\na = s.Popen(['sleep', '1003'], start_new_session=True)\\nprint('on', flush=True)\\na.wait()",
        # A daemon, as daemon(3) makes one.
        "import os, sys\\nif not os.fork():\\n  os.setsid()\\n  if not os.fork():\\n    os.execlp('sleep', 'sleep', '1004')"
        "\\n  os._exit(0)\\nprint('on', flush=True)\\n!sleep 1005",
    ]

    async def run(kernel, number, source, folder):
        async with kernel.reserve():
            await kernel.run_cell(Cell("c", source), lambda *_: Path(folder, str(number)).touch())

    async def branched(kernel, folder):
        async with kernel.branch() as branch:
            await run(branch, "branch", SOURCES[1], folder)

    async def main(level, folder):
        kernels = SidecarKernels(Settings(isolation=IsolationSettings(level=level)))
        found = [kernels.kernel(Notebook(f"untitled:{n}", ())) for n in range(len(SOURCES) + 1)]
        runs = (run(kernel, n, source, folder) for n, (kernel, source) in enumerate(zip(found, SOURCES)))
        await asyncio.gather(*runs, branched(found[-1], folder))

    asyncio.run(main(*sys.argv[1:]))
    """
)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the process group goes")
@pytest.mark.parametrize("level", [pytest.param("process", marks=pytest.mark.long), "limited", "sandboxed"])
async def test_a_killed_server_leaves_no_orphans(level, tmp_path):
    if level == "sandboxed" and sandbox.obstacle():
        pytest.skip(sandbox.obstacle())
    temporary = Path(tempfile.mkdtemp())  # tmp_path is too long for unix sockets
    environment = {**os.environ, "TMPDIR": str(temporary)}
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, level, str(tmp_path), env=environment)
    try:
        while len(list(tmp_path.iterdir())) < 6:
            assert server.returncode is None
            await asyncio.sleep(0.02)
        while sum(process.cpu_times().user > 1 for process in psutil.Process(server.pid).children(recursive=True)) < 3:
            await asyncio.sleep(0.02)  # all three loops are going round
        descendants = psutil.Process(server.pid).children(recursive=True)
        assert [process.name() for process in descendants].count("sleep") == 5
        folders = list(temporary.glob("ai-notebook-ls-*/*"))
    finally:
        server.kill()
        await server.wait()
    _, alive = psutil.wait_procs(descendants, timeout=5)
    assert not alive
    assert folders
    if level != "sandboxed":  # there the supervisors go with the sandbox; the next server sweeps
        deadline = time.monotonic() + 5
        while any(folder.exists() for folder in folders) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        assert not any(folder.exists() for folder in folders)
    shutil.rmtree(temporary)


async def test_missing_kernelspec(kernels, notebook, run):
    with pytest.raises(KernelspecMissing, match=r"'julia-1\.10', which is not installed here .*python3"):
        await run(kernels.kernel(replace(notebook, kernel_name="julia-1.10")), "1")


async def test_unreadable_kernelspec(kernels, notebook, run):
    install("nonsense", 3)
    with pytest.raises(KernelspecMissing, match="'nonsense'"):
        await run(kernels.kernel(replace(notebook, kernel_name="nonsense")), "1")


async def test_no_kernel_for_the_language(kernels, notebook, run):
    with pytest.raises(KernelspecMissing, match="'R'"):
        await run(kernels.kernel(replace(notebook, language="R")), "1")


async def test_another_kernel_is_chosen(kernels, notebook, run):
    install("other", [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], env={"WHICH": "other"})
    await run(kernels.kernel(notebook), "x = 1")
    outcome = await run(kernels.kernel(replace(notebook, kernel_name="other")), "import os; os.environ['WHICH']")
    assert shown(outcome) == "'other'"


async def test_a_kernel_that_is_not_ipykernel_keeps_its_own_argv(kernels, notebook, run, tmp_path):
    script = tmp_path / "own_way.py"
    script.write_text("from ipykernel.kernelapp import launch_new_instance; launch_new_instance()")
    install("own-way", [sys.executable, str(script), "-f", "{connection_file}"])
    outcome = await run(kernels.kernel(replace(notebook, kernel_name="own-way")), "import sys; sys.argv[0]")
    assert shown(outcome) == repr(str(script))


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (
            [sys.executable, "-c", "import no_such_module_at_all"],
            "The kernel 'broken' ended before it was ready: "
            "ModuleNotFoundError: No module named 'no_such_module_at_all'.",
        ),
        (["/no/such/program"], "The kernel 'broken' ended before it was ready: program: No such file or directory."),
        ([sys.executable, "-c", ""], "The kernel 'broken' ended before it was ready: exit code 0."),
        (
            [sys.executable, "-c", "import sys, time; print('waiting', file=sys.stderr, flush=True); time.sleep(60)"],
            "The kernel 'broken' was not ready within 1 seconds: waiting.",
        ),
    ],
)
async def test_a_kernel_that_does_not_start(open_kernels, notebook, run, argv, sentence):
    install("broken", argv)
    kernels = open_kernels(start_timeout=1)
    kernel = kernels.kernel(replace(notebook, kernel_name="broken"))
    with pytest.raises(KernelStartFailed) as caught:
        await run(kernel, "1")
    assert caught.value.message == sentence
    assert kernel.state is KernelState.NONE


async def test_import_is_cheap():
    code = (
        "import sys, ai_notebook_ls.kernels.sidecar\n"
        "sys.exit(len({'zmq', 'jupyter_client', 'psutil', 'traitlets'} & set(sys.modules)))"
    )
    assert await (await asyncio.create_subprocess_exec(sys.executable, "-c", code)).wait() == 0
