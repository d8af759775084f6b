"""Which isolation level is chosen, why, and what follows from it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from ai_notebook_ls import doctor
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.kernels import cgroups, isolation, sandbox
from ai_notebook_ls.kernels.cgroups import PREFIX, Cgroup, sweep
from ai_notebook_ls.kernels.isolation import Isolation, choose, group_limits, kernel_environment, limits
from ai_notebook_ls.ports import ProviderInfo
from ai_notebook_ls.settings import IsolationSettings, Settings

SETTINGS = IsolationSettings()
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's levels")


@pytest.fixture(autouse=True)
def as_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what is only said to root."""
    monkeypatch.setattr(isolation, "_uncounted", lambda: "")


def install_bwrap(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str | None) -> None:
    if script:
        (folder / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.skipif(bool(sandbox.obstacle()), reason=sandbox.obstacle() or "the sandbox works")
@pytest.mark.parametrize("level", ["auto", "sandboxed"])
def test_the_best_is_the_sandbox(level: str) -> None:
    assert choose(IsolationSettings(level=level)) == Isolation("sandboxed")


@pytest.mark.parametrize("level", ["process", "limited"])
def test_a_lower_level_is_there_for_the_asking(level: str) -> None:
    assert choose(IsolationSettings(level=level)) == Isolation(level, "The setting isolation.level asks for it.")


@pytest.mark.parametrize("level", ["auto", "sandboxed"])
@pytest.mark.parametrize(
    ("script", "why"),
    [
        (None, "The sandbox needs bubblewrap: install it with `apt install bubblewrap`"),
        (
            "echo 'bwrap: No permissions to create new namespace' >&2; exit 1",
            "(No permissions to create new namespace)",
        ),
        ("exit 1", "(exit code 1)"),
        ("kill -9 $$", "(exit code -9)"),
    ],
)
def test_without_a_working_bubblewrap(
    level: str, script: str | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_bwrap(tmp_path, monkeypatch, script)
    chosen = choose(IsolationSettings(level=level))
    assert chosen.level == "limited"
    assert why in chosen.why


def test_the_remedy_fits_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "max_user_namespaces").write_text("0\n")
    monkeypatch.setattr(sandbox, "PARAMETERS", tmp_path)
    install_bwrap(tmp_path, monkeypatch, "exit 1")
    assert "Allow it: sysctl user.max_user_namespaces=10000" in choose(SETTINGS).why


def test_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert choose(SETTINGS) == Isolation("limited", "The sandbox needs Linux.")
    monkeypatch.setattr(sys, "platform", "win32")
    assert choose(SETTINGS) == Isolation("process", "On Windows kernels can be neither limited nor sandboxed.")


def test_limits() -> None:
    assert limits(SETTINGS, Isolation("process")) == group_limits(SETTINGS, Isolation("process")) == {}
    found = limits(IsolationSettings(memory_mb=100, processes=7), Isolation("limited"))
    assert all(hasattr(resource, name) for name in found)
    assert (found["RLIMIT_DATA"], found["RLIMIT_CORE"]) == (100_000_000, 0)
    assert "RLIMIT_AS" not in found
    assert found["RLIMIT_NPROC"] > 7  # at least this process counts, too
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert limits(IsolationSettings(memory_mb=10**9), Isolation("limited"))["RLIMIT_DATA"] < machine


def test_environment() -> None:
    given = {
        "AI_NOTEBOOK_LS_API_KEY": "key",
        "Ai_Notebook_Ls_Token": "key",
        "PATH": "/bin",
        "LC_ALL": "C",
        "AWS_REGION": "x",
        "AWS_SECRET": "x",
        "TOKEN": "x",
        "DOCKER_HOST": "x",
        "HOME": "/home/me",
    }
    limited, sandboxed = Isolation("limited"), Isolation("sandboxed")
    own = {name for name in given if "notebook" in name.lower()}
    assert kernel_environment(given, SETTINGS, limited).keys() == given.keys() - own
    some = IsolationSettings(environment=("AWS_R*", "token"))
    assert set(kernel_environment(given, some, limited)) == {"PATH", "LC_ALL", "AWS_REGION", "TOKEN", "HOME"}
    assert set(kernel_environment(given, SETTINGS, sandboxed)) == given.keys() - own - {"DOCKER_HOST"}
    evil = IsolationSettings(environment=("AI_NOTEBOOK_LS_*", "*"))
    assert not own & kernel_environment(given, evil, limited).keys()
    for home in ({}, {"HOME": "/"}):
        assert kernel_environment(home, SETTINGS, sandboxed) == {"HOME": "/tmp"}


@pytest.mark.parametrize(
    ("ename", "evalue", "said"),
    [
        ("MemoryError", "", "may use 1 GB of memory (isolation.memory_mb)."),
        ("_ArrayMemoryError", "Unable to allocate 9 GiB", "may use 1 GB of memory (isolation.memory_mb)."),
        ("RuntimeError", "can't start new thread", "9 processes and threads (isolation.processes)."),
        ("BlockingIOError", "[Errno 11] Resource temporarily unavailable", "(isolation.processes)."),
        ("OSError", "[Errno 27] File too large", "write files of 2048 MB (isolation.file_size_mb)."),
        ("FileNotFoundError", "[Errno 2] No such file or directory: '/data/x'", ""),
        ("gaierror", "[Errno -3] Temporary failure in name resolution", ""),
        ("ValueError", "no", ""),
    ],
)
def test_failures_of_the_limits_are_told(ename: str, evalue: str, said: str) -> None:
    settings = IsolationSettings(memory_mb=1000, processes=9)
    failure = Failure(ename, evalue, (), "cell")
    assert isolation.sandbox_notice(failure, settings, Isolation("process"), lambda _: True) == ""
    found = isolation.sandbox_notice(failure, settings, Isolation("limited"), lambda _: True)
    assert found.endswith(said)
    assert bool(found) == bool(said)


def test_a_group_is_entered_and_removed_with_what_is_in_it() -> None:
    group = Cgroup.create({"pids": 20})
    if group is None:
        pytest.skip("no control group can be made here")
    (path,) = group.paths
    command = group.enter(["sh", "-c", 'cat /proc/self/cgroup; echo "$0" "$@"; exec sleep 600', "two words", "", "*"])
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    lines = iter(process.stdout.readline, "")
    assert any(path.name in line for line in lines)
    assert "two words  *\n" in lines
    other = subprocess.Popen(["sleep", "600"])
    group.add(other.pid)
    assert str(other.pid) in (path / "cgroup.procs").read_text().split()
    group.remove()
    assert not path.exists()
    assert process.wait() == other.wait() == -9
    process.stdout.close()


def test_groups_of_servers_that_are_gone_are_removed() -> None:
    group = Cgroup.create({"pids": 20})
    if group is None:
        pytest.skip("no control group can be made here")
    ended = subprocess.Popen(["true"])
    ended.wait()
    stale = group.paths[0].with_name(f"{PREFIX}{ended.pid}-0")
    stale.mkdir()
    sweep()
    assert not stale.exists()
    assert group.paths[0].exists()
    group.remove()


@pytest.mark.parametrize(
    ("groups", "mounts", "controllers", "expected"),
    [
        ("0::/user.slice/own.scope", "cgroup2 {}/two cgroup2 rw", "cpu memory pids", ["two/user.slice"] * 2),
        ("0::/user.slice/own.scope", "cgroup2 {}/two cgroup2 rw", "cpu pids", [None, "two/user.slice"]),
        ("0::/", "cgroup2 {}/two cgroup2 rw", "", [None, None]),
        (
            "5:memory:/own\n4:pids:/\n0::/x",
            "cgroup {}/m cgroup rw,memory\ncgroup {}/p cgroup rw,pids",
            "",
            ["m/own", "p"],
        ),
        ("5:memory:/elsewhere", "cgroup {}/m cgroup rw,memory", "", ["m", None]),
    ],
)
def test_where_groups_are_made(
    groups: str,
    mounts: str,
    controllers: str,
    expected: list[str | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the kernel tells it: of version 2, of a container, of version 1 (this machine may have but one of them)."""
    for folder in ("two/user.slice/own.scope", "m/own", "p"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "two" / "user.slice" / "cgroup.subtree_control").write_text(f"{controllers}\n")
    (tmp_path / "two" / "cgroup.subtree_control").write_text("\n")
    (tmp_path / "cgroup").write_text(f"{groups}\n")
    (tmp_path / "mounts").write_text(
        "".join(f"{line.replace('{}', str(tmp_path))} 0 0\n" for line in mounts.split("\n"))
    )
    monkeypatch.setattr(cgroups, "PROC", tmp_path)
    places = [cgroups._place(controller) for controller in ("memory", "pids")]
    assert [place and str(place.relative_to(tmp_path)) for place in places] == expected


def test_what_is_not_limited_is_said_to_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Cgroup, "create", lambda limits: None)
    isolation._uncounted.cache_clear()
    assert "The number of processes is not limited" in choose(SETTINGS).why
    isolation._uncounted.cache_clear()


def test_doctor_says_the_level_and_what_would_raise_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_bwrap(tmp_path, monkeypatch, None)

    def findings(level: str) -> dict[str, doctor.Finding]:
        settings = Settings(isolation=IsolationSettings(level=level, memory_mb=1000))
        return {it.what: it for it in doctor.examine(settings, [], None, ProviderInfo("builtin"))}

    auto, asked, process = findings("auto"), findings("sandboxed"), findings("process")
    assert auto["Isolation"].detail.startswith("limited: ")
    assert "apt install bubblewrap" in auto["Isolation"].remedy
    assert (auto["Isolation"].grade, asked["Isolation"].grade) == ("ok", "missing")
    assert auto["Limits"].detail.startswith("1 GB of memory")
    assert process["Isolation"].detail.endswith("not a security boundary")
    assert "Limits" not in process
