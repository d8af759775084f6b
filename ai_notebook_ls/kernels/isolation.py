"""The isolation level of sidecar kernels: which one works here, and what follows from it (docs/isolation.md)."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ai_notebook_ls.core.outcomes import Failure, Level
from ai_notebook_ls.kernels import sandbox
from ai_notebook_ls.kernels.cgroups import Cgroup
from ai_notebook_ls.settings import PREFIX, IsolationSettings

MB = 1_000_000
MACHINE_SHARE = 0.75
"""Of the machine's memory, at most."""
OPEN_FILES = 4096
ALWAYS = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "LANG", "LANGUAGE", "LC_*", "TMPDIR", "TEMP", "TMP"),
    *("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"),
    *("VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH", "PYTHONPATH", "IPYTHONDIR", "JUPYTER_*"),
)
"""Variables that a kernel cannot start without, or not as its user knows it."""
OUTSIDE = (
    *("XDG_*", "IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_*", "TMPDIR", "TEMP", "TMP", "PIP_CACHE_DIR"),
    *("SSH_*", "GPG_*", "DBUS_*", "DOCKER_*", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "KRB5CCNAME"),
)
"""Variables that name folders and sockets which the sandbox does not have."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """How far kernels are kept from the machine."""

    level: Level
    """In force."""
    why: str = ""
    """Why it is not higher, or weaker than it seems, and what to do about it; empty if it is the best."""


UNCONFINED = Isolation("process")


def elsewhere(place: str = "") -> Isolation:
    """Return what can be said of a kernel that runs on another machine."""
    where = f"It runs on {place}" if place else "Its kernelspec starts it elsewhere"
    return Isolation("process", f"{where}: how it is isolated is decided there.")


def choose(settings: IsolationSettings) -> Isolation:
    """Return the best level that works here and that the settings allow; blocking, the first time."""
    if settings.level == "process" or sys.platform == "win32":
        asked = settings.level == "process"
        return Isolation("process", _ASKED if asked else "On Windows kernels can be neither limited nor sandboxed.")
    if settings.level == "limited":
        return Isolation("limited", " ".join(filter(None, (_ASKED, _uncounted()))))
    why = sandbox.obstacle()
    return Isolation("limited" if why else "sandboxed", " ".join(filter(None, (why, _uncounted()))))


_ASKED = "The setting isolation.level asks for it."


@functools.cache
def _uncounted() -> str:
    """Say so where nothing limits the number of processes: for root, without a control group."""
    if os.geteuid() != 0:
        return ""
    if group := Cgroup.create({"pids": OPEN_FILES}):
        group.remove()
        return ""
    return "The number of processes is not limited: this runs as root, and can make no control group."


def limits(settings: IsolationSettings, isolation: Isolation) -> dict[str, int]:
    """Return resource limits, {"RLIMIT_DATA": bytes, ...}, for each process of a kernel; none at level `process`."""
    if isolation.level == "process":
        return {}
    return {
        # Not RLIMIT_AS: libraries reserve gigabytes of addresses that they never use.
        "RLIMIT_DATA": _memory(settings),
        # Counts all that the user runs, not only the kernel's.
        "RLIMIT_NPROC": _running() + settings.processes,
        "RLIMIT_FSIZE": settings.file_size_mb * MB,
        "RLIMIT_CPU": settings.cpu_seconds,
        "RLIMIT_NOFILE": OPEN_FILES,
        "RLIMIT_CORE": 0,
    }


def group_limits(settings: IsolationSettings, isolation: Isolation) -> dict[str, int]:
    """Return limits of all processes of a kernel and its branches together, for Cgroup.create."""
    if isolation.level == "process":
        return {}
    return {"pids": settings.processes, "memory": min(2 * _memory(settings), _machine_share())}


def _memory(settings: IsolationSettings) -> int:
    return min(settings.memory_mb * MB, _machine_share())


def _machine_share() -> int:
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * MACHINE_SHARE)


def _running() -> int:
    """How many processes and threads the user has."""
    import psutil

    count = 0
    for process in psutil.process_iter():
        try:
            count += process.num_threads() if process.uids().real == os.getuid() else 0
        except psutil.Error:
            continue
    return count


def kernel_environment(environ: Mapping[str, str], settings: IsolationSettings, isolation: Isolation) -> dict[str, str]:
    """Return what of an environment a kernel gets: never what is the assistant's own, such as its keys."""
    passing = (*ALWAYS, *settings.environment) if settings.environment else ("*",)
    outside = OUTSIDE if isolation.level == "sandboxed" else ()
    found = {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(PREFIX) and _matches(name, passing) and not _matches(name, outside)
    }
    if isolation.level == "sandboxed" and not found.get("HOME", "").strip("/"):
        found["HOME"] = "/tmp"  # noqa: S108 (the sandbox's own)
    return found


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name.upper(), pattern.upper()) for pattern in patterns)


NO_NETWORK = re.compile(
    r"Network is unreachable|[Nn]ame resolution|Name or service not known|Could not resolve host"
    r"|Failed to resolve|No address associated|\[Errno 111\]"
)
LAST_QUOTED = re.compile(r"'([^'\n]+)'[^']*$")


def sandbox_notice(
    failure: Failure, settings: IsolationSettings, isolation: Isolation, hidden: Callable[[str], bool]
) -> str:
    """Return a sentence that tells where a failure likely comes from the isolation, and what to set; else nothing.

    `hidden` says whether a path is there on the host but not in the sandbox (Sandbox.hidden).
    """
    if isolation.level == "process":
        return ""
    said = failure.evalue
    if failure.ename.endswith("MemoryError"):
        return f"One process of a kernel may use {_memory(settings) / 1e9:.3g} GB of memory (isolation.memory_mb)."
    if "can't start new thread" in said or (failure.ename == "BlockingIOError" and "[Errno 11]" in said):
        return f"A kernel may have {settings.processes} processes and threads (isolation.processes)."
    if "[Errno 27]" in said:
        return f"A kernel may write files of {settings.file_size_mb} MB (isolation.file_size_mb)."
    if isolation.level == "contained":
        if NO_NETWORK.search(said):
            return "This ran contained, without a network."
        if "[Errno 13]" in said:
            return (
                "This ran contained: it reads the project and the folders in isolation.readable, and writes to a copy of "
                "the notebook's folder."
            )
    if isolation.level != "sandboxed":
        return ""
    if not settings.network and NO_NETWORK.search(said):
        return "The sandbox has no network; allow it with the setting isolation.network."
    if "[Errno 30]" in said:
        return "The sandbox does not let a kernel write there; see the setting isolation.folder."
    path = LAST_QUOTED.search(said)
    if path and failure.ename in ("FileNotFoundError", "NotADirectoryError", "OSError") and hidden(path[1]):
        return "The sandbox does not show this; name its folder in the setting isolation.readable."
    return ""
