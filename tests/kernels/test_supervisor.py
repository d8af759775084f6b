"""A supervisor on its own: whenever the server or the supervisor goes, the kernel goes, too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ai_notebook_ls import kernels

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells of a parent's end")

KERNELS = Path(kernels.__file__).parent


def supervised(code: str, folder: Path) -> tuple[int, bytes]:
    """Run some code, and return how it ended and what was written to the pipe `told`; when nobody holds that any more."""
    reading, told = os.pipe()
    code = f"import os, signal, socket, sys, time; told = {told}; sys.path.insert(0, {str(KERNELS)!r})\n{code}"
    with os.fdopen(reading, "rb") as pipe:
        process = subprocess.Popen([sys.executable, "-I", "-S", "-c", code], cwd=folder, pass_fds=[told])
        os.close(told)
        return process.wait(), pipe.read()


def test_a_server_that_goes_before_the_first_word(tmp_path):
    """As forked from a kernel (forking.py), where nobody ignores SIGPIPE."""
    (tmp_path / "run").mkdir()
    ended = supervised(
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
        "import supervisor\n"
        "ours, theirs = socket.socketpair()\n"
        "ours.close()\n"
        "supervisor.supervise(theirs.detach(), 'run', lambda: time.sleep(1000))",
        tmp_path,
    )
    assert ended == (0, b"")
    assert not (tmp_path / "run").exists()


def test_a_supervisor_that_is_killed_before_the_kernel_asks_to_be_told(tmp_path):
    ended = supervised(
        "import supervisor\n"
        "control, parent = supervisor.control, os.getpid()\n"
        "def late(option, value):\n"
        "    if os.getpid() != parent:\n"
        "        os.kill(parent, signal.SIGKILL)\n"
        "        while os.getppid() == parent: pass\n"
        "    control(option, value)\n"
        "supervisor.control = late\n"
        "ours, theirs = socket.socketpair()\n"
        "supervisor.supervise(theirs.detach(), 'run', lambda: os.write(told, b'lives'))",
        tmp_path,
    )
    assert ended == (-signal.SIGKILL, b"")
