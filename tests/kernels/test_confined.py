"""What a cell does that harms others: kernels at each level, and what of it is stopped."""

from __future__ import annotations

import os
import socket
import zipfile

import psutil
import pytest
import pytest_asyncio

from ai_notebook_ls.kernels import isolation, sandbox
from ai_notebook_ls.kernels.cgroups import Cgroup
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.settings import IsolationSettings, Settings

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(bool(sandbox.obstacle()), reason=sandbox.obstacle()),
]

SMALL = {"memory_mb": 600, "processes": 60, "file_size_mb": 1}


@pytest_asyncio.fixture(loop_scope="module")
async def confined():
    """Make sidecar kernels at a level."""
    made: list[SidecarKernels] = []

    def make(level="sandboxed", **options):
        made.append(SidecarKernels(Settings(isolation=IsolationSettings(level=level, **options))))
        return made[-1]

    yield make
    for kernels in made:
        await kernels.close()


def shown(outcome):
    """The value of a cell's last expression."""
    assert outcome.status == "ok", outcome.failure or outcome.notice
    return outcome.outputs[-1]["data"]["text/plain"]


async def test_the_level_is_told(confined, notebook, run):
    for level in ("process", "limited", "sandboxed"):
        kernel = confined(level).kernel(notebook)
        assert (await run(kernel, "1")).level == kernel.level == level
        assert ("asks for it" in kernel.why) == (level != "sandboxed")


async def test_the_best_level_is_taken_unasked(confined, notebook, run):
    kernel = confined("auto").kernel(notebook)
    assert (await run(kernel, "1")).level == "sandboxed"


async def test_nothing_is_written_outside(confined, notebook, run, tmp_path):
    kernel = confined().kernel(notebook)
    outside = tmp_path.parent / "outside.txt"
    outcome = await run(kernel, f"open({str(outside)!r}, 'w').write('x')")
    assert not outside.exists()
    outcome = await run(kernel, "open('/etc/mine', 'w')")
    assert outcome.failure.ename == "OSError"
    assert "isolation.folder" in outcome.notice
    assert shown(await run(kernel, "open('inside.txt', 'w').write('x'); open('inside.txt').read()")) == "'x'"
    assert not (tmp_path / "inside.txt").exists()


async def test_what_the_user_changes_is_seen(confined, notebook, run, tmp_path):
    (tmp_path / "data.txt").write_text("old")
    kernel = confined().kernel(notebook)
    assert shown(await run(kernel, "open('data.txt').read()")) == "'old'"
    (tmp_path / "data.txt").write_text("newer")
    (tmp_path / "more.txt").write_text("more")
    assert shown(await run(kernel, "open('data.txt').read() + open('more.txt').read()")) == "'newermore'"


async def test_there_is_no_network(confined, notebook, run):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
        outcome = await run(confined().kernel(notebook), code)
        assert outcome.failure.ename == "ConnectionRefusedError"
        outcome = await run(confined().kernel(notebook), "import urllib.request as u; u.urlopen('http://example.org')")
        assert "isolation.network" in outcome.notice
        assert (await run(confined(network=True).kernel(notebook), code)).status == "ok"


async def test_no_other_process_is_seen_or_signalled(confined, notebook, run):
    kernel = confined().kernel(notebook)
    code = f"import os; os.kill({os.getpid()}, 0)"
    assert (await run(kernel, code)).failure.ename == "ProcessLookupError"
    count = int(shown(await run(kernel, "len([name for name in os.listdir('/proc') if name.isdigit()])")))
    assert count < 10


@pytest.mark.parametrize("level", ["limited", "sandboxed"])
async def test_a_memory_bomb_is_an_error(confined, notebook, run, level):
    kernel = confined(level, **SMALL).kernel(notebook)
    outcome = await run(kernel, "x = bytearray(3_000_000_000)")
    assert outcome.failure.ename == "MemoryError"
    assert "isolation.memory_mb" in outcome.notice
    assert shown(await run(kernel, "1 + 1")) == "2"


@pytest.mark.parametrize("level", ["limited", "sandboxed"])
async def test_a_fork_bomb_is_stopped(confined, notebook, run, level):
    if isolation.choose(IsolationSettings(level=level)).why.startswith("The number of processes"):
        pytest.skip("nothing here limits root's processes")
    kernel = confined(level, **SMALL).kernel(notebook)
    bomb = (  # bounded: it ends at 300 by itself
        "import os, signal, time\nchildren = []\ntrouble = None\ntry:\n  for _ in range(300):\n    pid = os.fork()\n"
        "    if not pid:\n      time.sleep(60); os._exit(0)\n    children.append(pid)\n"
        "except OSError as error: trouble = error\n"
        "for pid in children: os.kill(pid, 9); os.waitpid(pid, 0)\ntype(trouble).__name__, len(children) < 100"
    )
    assert shown(await run(kernel, bomb)) == "('BlockingIOError', True)"
    assert shown(await run(kernel, "1 + 1")) == "2"


@pytest.mark.parametrize("level", ["limited", "sandboxed"])
async def test_a_huge_file_is_an_error(confined, notebook, run, level):
    kernel = confined(level, **SMALL).kernel(notebook)
    outcome = await run(kernel, "with open('big', 'wb') as f: f.write(bytes(5_000_000))")
    assert outcome.failure.ename == "OSError"
    assert "isolation.file_size_mb" in outcome.notice


async def test_the_assistants_keys_are_nowhere(confined, notebook, run):
    canary = os.environ["AI_NOTEBOOK_LS_API_KEY"]
    search = (
        "import os\nfound = []\nfor name in os.listdir('/proc'):\n"
        "  if name.isdigit():\n    for file in ('environ', 'cmdline'):\n"
        "      try: found.append(open(f'/proc/{name}/{file}', 'rb').read())\n      except OSError: pass\n"
        f"len(found) > 1, any({canary[:-1]!r}.encode() + b{canary[-1]!r} in each for each in found)"
    )
    assert shown(await run(confined().kernel(notebook), search)) == "(True, False)"


async def test_pip_installs_for_this_kernel_alone(confined, notebook, run, tmp_path):
    with zipfile.ZipFile(tmp_path / "sidecar_test-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("sidecar_test.py", "value = 6")
        about = "sidecar_test-1.0.dist-info"
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: sidecar-test\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    for level in ("limited", "sandboxed"):
        kernels = confined(level)
        kernel = kernels.kernel(notebook)
        await run(kernel, "%pip install -q --no-index sidecar_test-1.0-py3-none-any.whl")
        assert shown(await run(kernel, "import sidecar_test; sidecar_test.value")) == "6"
        async with kernel.branch() as branch:
            assert shown(await run(branch, "import sidecar_test; sidecar_test.value")) == "6"
        async with kernels.throwaway(notebook) as other:
            assert (await run(other, "import sidecar_test")).failure.ename == "ModuleNotFoundError"


async def test_a_branch_cannot_end_its_kernel_by_a_group_signal(confined, notebook, run):
    kernel = confined().kernel(notebook)
    await run(kernel, "x = 1")
    async with kernel.branch() as branch:
        await run(branch, "import os, signal; os.killpg(0, signal.SIGKILL)")
    assert shown(await run(kernel, "x")) == "1"


async def test_control_groups_are_removed(confined, notebook, run):
    group = Cgroup.create({"pids": 10})
    if group is None:
        pytest.skip("no control group can be made here")
    places = {path.parent for path in group.paths}
    group.remove()

    def mine():
        return {path for place in places for path in place.glob(f"ai-notebook-ls-{os.getpid()}-*")}

    def boxes():
        return {process for process in psutil.Process().children(recursive=True) if "bwrap" in process.name()}

    before, others = mine(), boxes()
    kernels = confined()
    await run(kernels.kernel(notebook), "1")
    assert mine() > before
    await kernels.close()
    assert mine() == before
    assert boxes() <= others
