"""Why a kernel cannot be branched by a fork: what would not survive it, or would be shared.

Standard library only, Python 3.8 or later, nothing of this package: it runs in the notebook's kernel (see forking.py).
fork(2) copies one thread and all memory; other threads, connections and shared mappings make the copy wrong.
"""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 64_000_000
"""Bytes of files open for writing that a branch gets a copy of."""
OURS = ("ipykernel", "IPython", "tornado", "zmq", "comm", "tqdm")
"""Packages whose threads and tasks a branch makes anew, or does without."""
POOLS = ("libgomp", "libiomp", "libomp", "libtbb", "polars", "duckdb", "libtorch", "tensorflow", "jaxlib", "libgrpc")
"""Libraries whose threads are gone after a fork, and waited for all the same."""


def obstacle() -> str | None:
    """Return a clause that says why this process is not to be forked, None if nothing stands in the way."""
    if not sys.platform.startswith("linux"):
        return "only Linux can fork a running kernel"
    for look in (_thread, _task, _memory, _connection, _file):
        found = look()
        if found:
            return found
    return None


def _ours(module: object) -> bool:
    return str(module).split(".")[0] in OURS


def _thread() -> str | None:
    for thread in threading.enumerate():
        if thread in (threading.main_thread(), threading.current_thread()):
            continue
        if _ours(type(thread).__module__) or _ours(getattr(getattr(thread, "_target", None), "__module__", "")):
            continue
        return f"a thread is running ({thread.name})"
    return None


def _task() -> str | None:
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return None
    for task in tasks:
        code = getattr(task.get_coro(), "cr_code", None)
        path = getattr(code, "co_filename", "").replace("\\", "/")
        if task is not asyncio.current_task() and not any(f"/{package}/" in path for package in OURS):
            return "an asyncio task is running"
    return None


def _memory() -> str | None:
    """What is mapped: libraries that have started threads, and memory that others write to as well."""
    libraries = set()
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        for line in file:
            rights, slash = line[line.index(" ") + 1 :][:4], line.rfind("/")
            if rights[1] == "w" and rights[3] == "s":
                return "memory is shared with files or other processes"
            if slash >= 0:
                libraries.add(line[slash + 1 :].strip().lower())
    if any(name.startswith("libcuda.so") for name in libraries):
        return "CUDA is in use"
    pools = [pool for pool in POOLS if any(pool in name for name in libraries)]
    # OpenBLAS ends its threads before a fork and starts them again after it (pthread_atfork).
    blas = sum("openblas" in name for name in libraries) * ((os.cpu_count() or 1) - 1)
    if pools and _strangers() > blas:
        return f"{pools[0]} has started threads"
    return None


def _strangers() -> int:
    """How many threads are neither Python's nor of those that a fork may do without, or that come back after it."""
    known = {thread.native_id for thread in threading.enumerate()} | {os.getpid()}
    count = 0
    for name in os.listdir("/proc/self/task"):  # noqa: PTH208
        with open(f"/proc/self/task/{name}/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            count += int(name) not in known and not file.read().startswith(("ZMQ", "jemalloc"))
    return count


def _connection() -> str | None:
    own = _own_ports()
    for descriptor, mode in descriptors():
        if not stat.S_ISSOCK(mode):
            continue
        try:
            with socket.socket(fileno=os.dup(descriptor)) as connection:
                if connection.family not in (socket.AF_INET, socket.AF_INET6):
                    continue
                connection.getpeername()  # raises where nobody is at the other end
                if connection.getsockname()[1] not in own:
                    return "a network connection is open"
        except OSError:
            continue
    return None


def _own_ports() -> set[object]:
    """The ports of the kernel's own sockets."""
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    ports = {getattr(app, f"{name}_port", None) for name in ("shell", "iopub", "stdin", "hb", "control")}
    return ports | {getattr(app.iopub_thread, "_pipe_port", None)}


def _file() -> str | None:
    import fcntl

    size = 0
    for descriptor, mode in descriptors():
        if not stat.S_ISREG(mode):
            continue
        try:
            if os.pread(descriptor, 16, 0) == b"SQLite format 3\0":
                return "an SQLite database is open"
        except OSError:
            pass  # open for writing only
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
            size += os.fstat(descriptor).st_size
    return "a large file is open for writing" if size > LARGEST else None


def descriptors() -> Iterator[tuple[int, int]]:
    """Yield the open file descriptors but the standard ones, and the mode of each."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(name) > 2:
            try:
                yield int(name), os.fstat(int(name)).st_mode
            except OSError:
                continue  # the one that the listing itself used
