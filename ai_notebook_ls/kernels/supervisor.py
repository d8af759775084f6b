"""A kernel's supervisor: it keeps one kernel, and sees to it that nothing of it outlives the server.

Standard library only, Python 3.8 or later, nothing of this package: it runs in three ways. On its own, by
`python -I -S supervisor.py RUN_FOLDER ARGV...` with one end of a socket pair as its standard input; forked from a
zygote (zygote.py); forked from a kernel that is branched (forking.py).

To the server it says JSON lines: `{"pid": N}` when the kernel runs, `{"memory": BYTES}` when asked, and `{"code": N,
"words": TEXT}` when the kernel has ended, with the tail of what it wrote to its standard streams. It does what the
server says: `{"signal": N}` to the kernel's process group, `{"measure": true}`. When the other end is closed, by the
server or by the server's death in whichever way, it kills the kernel and all its descendants: it needs neither the
kernel's GIL nor its process group, so a kernel in a C loop goes too, and so does what `setsid` or a double fork moved
away (PR_SET_CHILD_SUBREAPER).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TAIL = 8192
"""Bytes of the kernel's last words that are kept."""
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class Server:
    """The server's end of the socket, as seen from here."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._unread = b""

    def say(self, **fact: object) -> None:
        """Tell the server, if it is still there."""
        with contextlib.suppress(OSError):
            os.write(self.descriptor, json.dumps(fact).encode() + b"\n")

    def requests(self) -> list[dict[str, Any]] | None:
        """Read what it says; None when it is gone."""
        try:
            data = os.read(self.descriptor, 4096)
        except OSError:
            return None
        if not data:
            return None
        *lines, self._unread = (self._unread + data).split(b"\n")
        return [json.loads(line) for line in lines]


def supervise(descriptor: int, run_folder: str, become: Callable[[], object], apart: bool = False) -> None:
    """Fork a child that becomes the kernel, and stay until it or the server is gone; never returns, in either.

    `apart`: no signal of ours reaches anybody else's process.
    """
    server = Server(descriptor)
    wakeup, alarm = os.pipe()
    os.set_blocking(alarm, False)
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt goes to the whole process group, and is not for us
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a word to a server that is gone must not end us before the kernel
    signal.signal(signal.SIGCHLD, lambda *_: None)
    control(PR_SET_CHILD_SUBREAPER, 1)
    words, pen = os.pipe()
    os.set_blocking(words, False)  # the kernel may read from it as well, and leave us nothing
    supervisor, kernel = os.getpid(), os.fork()
    if kernel == 0:
        for unneeded in (wakeup, alarm, words, descriptor):
            os.close(unneeded)
        _enter(supervisor, pen, become)
    try:
        keep_only(descriptor, wakeup, alarm, words)
        server.say(pid=kernel)
        code, tail = _watch(kernel, server, wakeup, words)
        kill_descendants(kernel, code is not None, apart)
        server.say(code=code, words=(tail + _rest(words))[-TAIL:].decode("utf-8", "replace"))
        _forget(run_folder)
    finally:
        os._exit(0)


def control(option: int, value: int) -> None:
    """Call Linux's prctl; elsewhere nothing."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def keep_only(*descriptors: int) -> None:
    """Close all other descriptors: one that we inherited would keep a pipe, socket or lock of a kernel's open."""
    try:
        there = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208
    except OSError:
        there = list(range(256))
    for descriptor in there:
        if descriptor not in descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def limit(limits: Mapping[str, int]) -> None:
    """Set resource limits, {"RLIMIT_DATA": bytes, ...}, of this process and what it starts."""
    import resource

    for name, value in limits.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))


def _enter(supervisor: int, pen: int, become: Callable[[], object]) -> None:
    """Prepare the forked child to be the kernel, and become it; never returns."""
    code = 127
    try:
        signal.set_wakeup_fd(-1)
        # An ignored SIGINT is inherited through exec, and then Python never raises KeyboardInterrupt.
        for number in (signal.SIGINT, signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()  # a group of its own: an interrupt reaches what the cell has started, and not the supervisor
        control(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:  # it died before we asked to be told
            return
        os.environ["JPY_PARENT_PID"] = str(supervisor)
        null = os.open(os.devnull, os.O_RDONLY)
        for standard, source in enumerate((null, pen, pen)):
            os.dup2(source, standard)
            os.set_inheritable(standard, True)  # where both are the same already, dup2 leaves it as it is
        become()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException as error:
        os.write(2, (str(error) or type(error).__name__).encode("utf-8", "replace"))
    finally:
        os._exit(code & 255)


def _watch(kernel: int, server: Server, wakeup: int, words: int) -> tuple[int | None, bytes]:
    """Wait for the kernel's end (its exit code, negative for a signal) or the server's (None); keep the last words."""
    tail = b""
    sources = [server.descriptor, wakeup, words]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if words in ready:
            with contextlib.suppress(BlockingIOError):
                more = os.read(words, 65536)
                tail = (tail + more)[-TAIL:]
                if not more:
                    sources.remove(words)
        if wakeup in ready:
            os.read(wakeup, 4096)
            for pid, status in _ended():
                if pid == kernel:
                    return os.waitstatus_to_exitcode(status), tail
        if server.descriptor in ready:
            requests = server.requests()
            if requests is None:
                return None, tail
            for request in requests:
                if "signal" in request:
                    _signal(kernel, request["signal"])
                if "measure" in request:
                    server.say(memory=_memory(kernel))


def _signal(kernel: int, number: int) -> None:
    try:
        os.killpg(kernel, number)
    except OSError:  # between its fork and its setsid there is no such group yet
        with contextlib.suppress(OSError):
            os.kill(kernel, number)


def _memory(pid: int) -> int:
    """Bytes in which a process differs from what it was forked from (proc(5)): what its end would free."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123
            _, resident, shared, *_ = map(int, file.read().split())
        return (resident - shared) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _ended() -> list[tuple[int, int]]:
    """Reap the children that have ended, adopted ones too: (pid, status)."""
    found = []
    with contextlib.suppress(ChildProcessError):
        while True:
            child = os.waitpid(-1, os.WNOHANG)
            if not child[0]:
                break
            found.append(child)
    return found


def kill_descendants(kernel: int | None = None, reaped: bool = False, apart: bool = False) -> None:
    """Kill our children until none is left; the children of each become ours when it dies.

    A kernel's group, or all that we may signal if we are `apart`, goes at one blow: no process can fork itself past that.
    """
    if apart:
        with contextlib.suppress(OSError):
            os.kill(-1, signal.SIGKILL)
    if kernel is not None:  # where there is no /proc, its group is all that can be found
        for kill in (os.killpg,) if reaped else (os.killpg, os.kill):
            with contextlib.suppress(OSError):
                kill(kernel, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in _children(os.getpid()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            os.wait()


def _children(parent: int) -> list[int]:
    """Pids whose parent is this one, by Linux's /proc."""
    found = []
    for name in os.listdir("/proc") if sys.platform == "linux" else ():  # noqa: PTH208
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                # The second field, the command in brackets, may itself hold blanks and brackets (proc(5)).
                if int(file.read().rpartition(b")")[2].split()[1]) == parent:
                    found.append(int(name))
    return found


def _rest(words: int) -> bytes:
    """What is still in the pipe; nobody writes any more."""
    rest = b""
    with contextlib.suppress(OSError):
        while True:
            more = os.read(words, 65536)
            if not more:
                break
            rest = (rest + more)[-TAIL:]
    return rest


def _forget(folder: str) -> None:
    """Remove the connection file and the sockets: the server may not be there to do it."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _run(argv: list[str], limits: Mapping[str, int]) -> None:
    limit(limits)
    try:
        os.execvp(argv[0], argv)  # noqa: S606
    except OSError as error:
        raise OSError(f"{argv[0]}: {error.strerror}") from None


if __name__ == "__main__":
    supervise(0, sys.argv[1], lambda: _run(sys.argv[3:], json.loads(sys.argv[2])))
