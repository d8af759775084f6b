"""Edits by a model that reach out (tests/corpora/reach): where the system contains them, none has its effect."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ai_notebook_ls.kernels import containment, sandbox
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.settings import IsolationSettings, RunSettings, Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
EDITS = json.loads((Path(__file__).parents[1] / "corpora" / "reach" / "edits.json").read_text("utf-8"))
LEVELS = {
    "contained": ("limited", True),
    "contained, by the least": ("limited", False),
    "sandboxed": ("sandboxed", True),
}


def picture(*folders):
    """What is in folders, and how."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            about = path.lstat()
            content = path.read_bytes() if path.is_file() else None
            found[path] = (about.st_mode, about.st_uid, about.st_mtime_ns if content else 0, content)
    return found


@pytest.mark.parametrize("part", [0, pytest.param(1, marks=pytest.mark.long), pytest.param(2, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "level", ["contained", *(pytest.param(each, marks=pytest.mark.long) for each in list(LEVELS)[1:])]
)
async def test_no_edit_has_its_effect(level, part, notebook, run, tmp_path, tmp_path_factory, monkeypatch):
    chosen, namespaces = LEVELS[level]
    if why := sandbox.obstacle() if chosen == "sandboxed" else containment.probe(Path(sys.executable)).why:
        pytest.skip(why)
    if not namespaces:
        monkeypatch.setattr(containment, "NEWEST", 1)
        monkeypatch.setattr(containment, "NAMESPACES", False)
    outside = tmp_path_factory.mktemp("outside")
    (outside / "victim").write_text("victim")
    (outside / "sub").mkdir()
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    kernels = SidecarKernels(Settings(run=RunSettings(timeout=10), isolation=IsolationSettings(level=chosen)))
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        tcp.setblocking(False)
        udp = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        udp.bind(tcp.getsockname())
        victim = stack.enter_context(subprocess.Popen(["sleep", "600"]))  # noqa: ASYNC220
        stack.callback(victim.kill)
        values = {"{port}": str(tcp.getsockname()[1]), "{pid}": str(victim.pid)}
        values |= {"{folder}": str(tmp_path), "{outside}": str(outside)}
        before = picture(outside, tmp_path)
        had: list[str] = []
        async with kernels.throwaway(notebook, contained=True) as kernel:
            for edit in EDITS[part::3]:
                code = edit["after"]
                for mark, value in values.items():
                    code = code.replace(mark, value)
                assert (await run(kernel, code)).level == ("sandboxed" if chosen == "sandboxed" else "contained")
                with contextlib.suppress(BlockingIOError):
                    had.append(f"{edit['id']}: {tcp.accept()[1]}")
                with contextlib.suppress(BlockingIOError):
                    had.append(f"{edit['id']}: {udp.recv(9, socket.MSG_DONTWAIT)!r}")
                if psutil.Process(victim.pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE):
                    had.append(f"{edit['id']}: signalled")
                if (now := picture(outside, tmp_path)) != before:
                    had.append(f"{edit['id']}: files")
                    before = now
        assert had == []
        assert os.path.isfile(outside / "victim")  # noqa: PTH113
    await kernels.close()
