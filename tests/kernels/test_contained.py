"""Contained branches: what code of somebody else's cannot do without a sandbox, and what it can."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.failures import NotContained
from ai_notebook_ls.kernels import containment
from ai_notebook_ls.kernels.folders import project_of
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.kernels.sandbox import secrets_of_root
from ai_notebook_ls.settings import IsolationSettings, Settings

from .conftest import LIMITED, end_all

WHY = containment.probe(Path(sys.executable)).why
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif("no Landlock" in WHY or sys.platform != "linux", reason=WHY),
]
MODES = {"with namespaces": (7, True), "by Landlock 1 and the filter alone": (1, False)}


@pytest.fixture(scope="module", params=MODES)
def mode(request):
    """What the system has: all, or the least that contains."""
    newest, namespaces = MODES[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containment, "NEWEST", newest)
        patch.setattr(containment, "NAMESPACES", namespaces)
        yield request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def limited(mode):
    """The kernels of all tests, without a sandbox."""
    kernels = SidecarKernels(Settings(isolation=LIMITED))
    yield kernels
    await kernels.close()


@pytest_asyncio.fixture(loop_scope="module")
async def kernel(limited, notebook, run, tmp_path):
    """A kernel beside a project, in which the user has run something."""
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    kernel = limited.kernel(notebook)
    await run(kernel, "values = [1]")
    yield kernel
    await end_all(limited)


def shown(outcome):
    """The value of a cell's last expression."""
    assert outcome.status == "ok", outcome.failure or outcome.notice
    return outcome.outputs[-1]["data"]["text/plain"]


def said(outcome):
    """What a cell printed."""
    return "".join(output["text"] for output in outcome.outputs if output["output_type"] == "stream")


FORBIDDEN = {
    "write": "open('{outside}/new', 'w').write('x')",
    "overwrite": "open('{outside}/secret', 'w')",
    "append": "open('{outside}/secret', 'a').write('x')",
    "delete": "import os; os.remove('{outside}/secret')",
    "rename": "import os; os.rename('{outside}/secret', '{outside}/other')",
    "truncate": "import os; os.truncate('{outside}/secret', 0)",
    "truncate by opening": "import os; os.open('{outside}/secret', os.O_RDONLY | os.O_TRUNC)",
    "make a folder": "import os; os.mkdir('{outside}/new')",
    "link": "import os; os.symlink('/', '{outside}/new')",
    "hard link": "import os; os.link('{outside}/secret', 'mine'); open('mine').read()",
    "move out": "import shutil; shutil.move('data.csv', '{outside}/new')",
    "read": "open('{outside}/secret').read()",
    "list": "import os; os.listdir('{outside}')",
    "read by a program": "import subprocess; subprocess.run(['cat', '{outside}/secret'], check=True)",
    "write by a program": "import subprocess; subprocess.run(['cp', 'data.csv', '{outside}/new'], check=True)",
    "read through a link": "import os; os.symlink('{outside}/secret', 'l'); open('l').read()",
    "read our state": "open('{state}/keys.json').read()",
    "read our state in the original": "import os; run = os.path.dirname(os.environ['TMPDIR'])\n"
    "open(run + '/original/state/ai-notebook-ls/keys.json').read()",
    "open without reading": "import os; os.open('{outside}/secret', 3)",
    "system call": "import ctypes, os; f = ctypes.CDLL(None).open(b'{outside}/secret', 2); os.write(f, b'x')",
    "TCP": "import socket; socket.create_connection(('127.0.0.1', {port}), 3)",
    "TCP by a program": "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; "
    'socket.create_connection(("127.0.0.1", {port}), 3)\'], check=True)',
    "UDP": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {udp})); 1 / 0",
    "unix socket": "import socket; socket.socket(socket.AF_UNIX).connect('{unix}')",
    "abstract unix socket": "import socket; socket.socket(socket.AF_UNIX).connect('\\0{abstract}')",
    "datagram to a path": "import socket; socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b'x', '{unix}')",
    "ZMQ": "import zmq; s = zmq.Context().socket(zmq.REQ); s.linger = 0; s.RCVTIMEO = 300; s.IMMEDIATE = 1\n"
    "s.connect('ipc://{unix}'); s.SNDTIMEO = 300; s.send(b'x')",
    "signal": "import os, signal; os.kill({parent}, signal.SIGTERM)",
    "signal by a program": "import subprocess; subprocess.run(['kill', '{parent}'], check=True)",
    "signal by a descriptor": "import os, signal; signal.pidfd_send_signal(os.pidfd_open({parent}), signal.SIGTERM)",
    "memory": "open('/proc/{parent}/mem', 'rb')",
    "environment": "open('/proc/{parent}/environ', 'rb').read()",
    "command line": "open('/proc/{parent}/cmdline', 'rb').read()",
    "files of another process": "import os; os.readlink('/proc/{parent}/fd/0')",
    "trace": "import ctypes; assert ctypes.CDLL(None).ptrace(0x4206, {parent}, 0, 0) == 0",
    "limits": "import resource; resource.prlimit({parent}, resource.RLIMIT_NOFILE, (64, 64))",
    "priority": "import os; os.setpriority(os.PRIO_USER, 0, 19)",
    "namespace": "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
    "mount": "import ctypes; assert ctypes.CDLL(None).mount(b'/etc', b'/mnt', None, 4096, None) == 0",
    "keyring": "import ctypes; assert ctypes.CDLL(None).syscall(250, 0, -3, 1) >= 0",
    "shared memory": "import ctypes; assert ctypes.CDLL(None).shmget(77, 4096, 0o1666) >= 0",
}


async def test_nothing_reaches_out(kernel, run, tmp_path, tmp_path_factory, monkeypatch):
    outside = tmp_path_factory.mktemp("outside")
    state = tmp_path / "state"  # in the very folder that is shown
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    for place in (outside, state / "ai-notebook-ls"):
        place.mkdir(parents=True, exist_ok=True)
    (state / "ai-notebook-ls" / "keys.json").write_text("canary")
    secret = outside / "secret"
    secret.write_text("canary")
    secret.chmod(0o600)
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp, unix, abstract = (
            stack.enter_context(socket.socket(*kind))
            for kind in ((socket.AF_INET, socket.SOCK_DGRAM), (socket.AF_UNIX,), (socket.AF_UNIX,))
        )
        udp.bind(("127.0.0.1", 0))
        unix.bind(str(outside / "s"))
        abstract.bind(f"\0{outside}")
        for server in (unix, abstract):
            server.listen()
        other = stack.enter_context(subprocess.Popen(["sleep", "600"]))  # noqa: ASYNC220
        stack.callback(other.kill)
        found = {"outside": outside, "state": state / "ai-notebook-ls", "port": tcp.getsockname()[1]}
        found |= {"udp": udp.getsockname()[1], "unix": outside / "s", "abstract": outside, "parent": other.pid}
        async with kernel.branch(contained=True) as branch:
            assert branch.level == "contained"
            for name, code in FORBIDDEN.items():
                outcome = await run(branch, code.format(**found))
                assert outcome.status == "error", name
                assert "canary" not in str(outcome.outputs), name
            for code in ("os.chmod", "os.chown"):
                await run(branch, f"import os; {code}({str(secret)!r}, *[0o777] * (1 + ({code} is os.chown)))")
            await run(branch, f"import os; os.utime({str(secret)!r}, (1, 1))")
        assert other.poll() is None
        with pytest.raises(BlockingIOError):
            udp.recv(1, socket.MSG_DONTWAIT)
    about = secret.stat()
    assert (secret.read_text(), about.st_mode & 0o777, about.st_uid) == ("canary", 0o600, os.getuid())
    assert about.st_mtime > 1
    assert {path.name for path in outside.iterdir()} == {"secret", "s"}
    assert shown(await run(kernel, f"open({str(secret)!r}).read(), values")) == "('canary', [1])"


async def test_what_works_in_it(kernel, run, tmp_path, mode):
    (tmp_path.parent / "near.txt").write_text("near")
    async with kernel.branch(contained=True) as branch:
        assert shown(await run(branch, "values.append(2); values")) == "[1, 2]"
        assert shown(await run(branch, "import pandas as pd; pd.read_csv('data.csv').b[0].item()")) == "2"
        assert shown(await run(branch, "import numpy as np; np.ones((200, 200)).dot(np.ones((200, 200))).sum().item()"))
        outcome = await run(branch, "import matplotlib.pyplot as plt; plt.plot([1]); plt.show()")
        assert "image/png" in outcome.outputs[-1]["data"]
        assert said(outcome) == ""
        assert shown(await run(branch, "open('new.csv', 'w').write('x'); open('data.csv', 'a').write('y')")) == "1"
        assert shown(await run(branch, "import shutil; shutil.copy2('new.csv', 'copy.csv')")) == "'copy.csv'"
        assert said(await run(branch, "!echo $(ls)")).split() == ["copy.csv", "data.csv", "new.csv"]
        told = "import subprocess; subprocess.run('echo told', shell=True, capture_output=True, text=True).stdout"
        assert shown(await run(branch, told)) == "'told\\n'"
        assert shown(await run(branch, "import tempfile; f = tempfile.TemporaryFile(); f.write(b'x')")) == "1"
        assert shown(
            await run(branch, "import os, signal; (lambda p: (os.waitpid(p, 0)[1]))(os.fork() or os._exit(0))")
        )
        interrupted = await run(branch, "import signal, threading\nsignal.raise_signal(signal.SIGINT)")
        assert interrupted.failure.ename == "KeyboardInterrupt"
        assert (await branch.variables()).variables
        if "namespaces" in mode:
            pool = "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p: r = p.map(abs, [-1])\nr"
            assert shown(await run(branch, pool)) == "[1]"
            assert shown(await run(branch, "os.getcwd()")) == repr(str(tmp_path))
        with pytest.raises(NotContained):
            async with branch.branch():
                pass  # what ran in it would run again
    assert {path.name for path in tmp_path.iterdir()} == {"data.csv"}
    assert (tmp_path / "data.csv").read_text() == "a,b\n1,2\n"


async def test_what_surrounds_the_folder_is_found_by_its_relative_path(limited, notebook, run, tmp_path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "top.txt").write_text("top")
    folder = tmp_path / "books" / "first"
    folder.mkdir(parents=True)
    assert project_of(folder, Path("/nowhere")) == tmp_path
    inner = type(notebook)("untitled:inner", (), path=str(folder / "own.ipynb"))
    async with limited.throwaway(inner, contained=True) as fresh:
        assert shown(await run(fresh, "open('../../top.txt').read()")) == "'top'"
        assert (await run(fresh, "open('../../top.txt', 'w')")).status == "error"


async def test_what_the_user_has_open_leads_nowhere(kernel, run, tmp_path):
    trace = tmp_path.parent / f"{tmp_path.name}-trace"
    await run(
        kernel,
        "import os, socket, subprocess\nshell = subprocess.Popen(['sh'], stdin=subprocess.PIPE)\n"
        f"log = open({str(trace)!r}, 'w'); folder = os.open({str(trace.parent)!r}, os.O_RDONLY)",
    )
    async with kernel.branch(contained=True) as branch:
        await run(branch, f"shell.stdin.write(b'echo x >> {trace}\\n'); shell.stdin.flush()")
        await run(branch, "log.write('x'); log.flush(); os.open('new', os.O_WRONLY | os.O_CREAT, dir_fd=folder)")
        await run(branch, f"open(f'/proc/self/fd/{{log.fileno()}}', 'w'); open({str(trace)!r}, 'a')")
    await run(kernel, "shell.stdin.close(); shell.wait()")
    assert trace.read_text() == ""
    assert not (trace.parent / "new").exists()


async def test_a_kernel_that_died_is_contained_again(limited, notebook, run, tmp_path):
    async with limited.throwaway(notebook, contained=True) as fresh:
        assert (await run(fresh, "import os; os._exit(1)")).status == "died"
        outcome = await run(fresh, f"open({str(tmp_path.parent / 'mine')!r}, 'w')")
        assert (outcome.level, outcome.failure.ename) == ("contained", "PermissionError")


async def test_what_cannot_be_forked_is_not_contained(kernel, run):
    await run(kernel, "import threading; event = threading.Event(); threading.Thread(target=event.wait).start()")
    with pytest.raises(NotContained, match="thread"):
        async with kernel.branch(contained=True):
            pass
    await run(kernel, "event.set()")


async def test_a_file_that_is_mapped_is_not_contained(kernel, run):
    await run(kernel, "import mmap; f = open('data.csv', 'r+b'); m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)")
    with pytest.raises(NotContained, match="shared"):
        async with kernel.branch(contained=True):
            pass


async def test_it_is_told(limited, notebook, run, tmp_path):
    kernel = limited.kernel(notebook)
    assert kernel.uncontained is None
    async with kernel.branch(contained=True) as branch:
        assert (await run(branch, "1")).level == "contained"
    assert kernel.uncontained == ""
    outcome = await run(kernel, "1")
    assert outcome.level == "limited"


async def test_a_large_file_is_read_and_not_copied(kernel, run, tmp_path, monkeypatch):
    monkeypatch.setattr(containment, "LINKED", 1000)
    (tmp_path / "large.bin").write_bytes(b"x" * 5000)
    async with kernel.branch(contained=True) as branch:
        assert shown(await run(branch, "len(open('large.bin').read())")) == "5000"
        assert (await run(branch, "open('large.bin', 'a')")).status == "error"
        assert shown(await run(branch, "import os; os.remove('large.bin'); os.path.exists('large.bin')")) == "False"
    assert (tmp_path / "large.bin").stat().st_size == 5000


async def test_a_folder_that_is_too_large_is_read_only(mode, notebook, run, tmp_path):
    (tmp_path / "data.csv").write_bytes(b"x" * 2_000_000)
    kernels = SidecarKernels(Settings(isolation=IsolationSettings(level="limited", copy_limit_mb=1)))
    async with kernels.throwaway(notebook, contained=True) as fresh:
        outcome = await run(fresh, "len(open('data.csv').read())")
        assert (shown(outcome), "1 MB" in outcome.notice) == ("2000000", True)
        assert (await run(fresh, "open('new', 'w')")).status == "error"
    await kernels.close()


async def test_a_killed_branch_leaves_no_copy(limited, notebook, run, tmp_path):
    kernel = limited.kernel(notebook)
    await run(kernel, "1")
    async with kernel.branch(contained=True) as branch:
        place = branch._process._contained.plan["copy"]
        assert Path(place).is_dir()
        await run(branch, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert not Path(place).exists()


HOPPING = """
import os, time
end = time.time() + 20
for _ in range(24):
    if os.fork() == 0:
        while time.time() < end:
            if os.fork():
                os._exit(0)
            os.setsid()
        os._exit(0)
"""


async def test_what_forks_itself_again_and_again_ends_with_the_branch(kernel, run, tmp_path):
    async with kernel.branch(contained=True) as branch:
        assert (await run(branch, HOPPING)).status == "ok"
        began = time.monotonic()
    assert time.monotonic() - began < 10


async def test_a_folder_that_is_hard_to_remove_is_removed(limited, notebook, run, tmp_path):
    kernel = limited.kernel(notebook)
    await run(kernel, "1")
    async with kernel.branch(contained=True) as branch:
        place = Path(branch._process._contained.plan["copy"])
        deep = "import os\nos.mkdir('closed', 0)\nfor _ in range(1500): os.mkdir('d'); os.chdir('d')"
        assert (await run(branch, deep)).status == "ok"
    assert not place.exists()
    assert not place.parent.parent.exists()
    assert shown(await run(kernel, "1 + 1")) == "2"


async def test_cells_start_in_the_copies_of_their_folders(kernel, run, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "data.csv").write_text("lower")
    kernel.notebook = replace(kernel.notebook, cells=(Cell("upper", ""), Cell("moves", ""), Cell("lower", "")))
    await run(kernel, "%cd -q sub", "moves")
    read = "open('data.csv', 'a').close(); open('data.csv').read()"
    async with kernel.branch(contained=True) as branch:
        assert shown(await run(branch, read, "upper")) == repr("a,b\n1,2\n")
        assert shown(await run(branch, read, "lower")) == "'lower'"
        assert shown(await run(branch, read, "upper")) == repr("a,b\n1,2\n")


async def test_what_lies_in_a_folder_of_root_is_a_secret_of_root_too(mode, tmp_path):
    for name, file_mode in (("open", 0o644), ("own", 0o600), ("private/deep/key", 0o644)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(file_mode)
    tmp_path.chmod(0o755)
    (tmp_path / "private").chmod(0o700)
    assert set(secrets_of_root(tmp_path)) == {tmp_path / "own", tmp_path / "private/deep/key"}
