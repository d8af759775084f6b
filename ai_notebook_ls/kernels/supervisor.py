"""A kernel's parent process: it outlives nobody, and sees to it that nothing of the kernel outlives it.

Run as `python -I -S supervisor.py RUN_FOLDER ARGV...` with one end of a socket pair as its standard input. It says one
JSON line when the kernel runs, `{"pid": N}`, and one when it has ended, `{"code": N, "words": TEXT}` with the tail of
what the kernel wrote to its standard streams. When the other end is closed, by the server or by the server's death in
whichever way, it kills the kernel and all its descendants: it needs neither the kernel's GIL nor its process group, so
a kernel in a C loop goes too, and so does what `setsid` or a double fork moved away (PR_SET_CHILD_SUBREAPER).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys

SERVER = 0
"""The descriptor of our end of the socket pair."""
TAIL = 8192
"""Bytes of the kernel's last words that are kept."""
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def main(run_folder: str, argv: list[str]) -> None:
    """Start the kernel and stay until it or the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt goes to the whole process group, and is not for us
    wakeup, alarm = os.pipe()
    os.set_blocking(alarm, False)
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    control(PR_SET_CHILD_SUBREAPER, 1)
    words, pen = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        become(argv, pen)
    os.close(pen)
    say({"pid": kernel})
    code, tail = watch(kernel, wakeup, words)
    if code is None:
        os.kill(kernel, signal.SIGKILL)
    kill_descendants()
    with contextlib.suppress(OSError):
        os.set_blocking(words, False)
        while more := os.read(words, 65536):
            tail = (tail + more)[-TAIL:]
    say({"code": code, "words": tail.decode("utf-8", "replace")})
    forget(run_folder)
    os.killpg(0, signal.SIGKILL)  # where there is no /proc, the group is all that can be found


def control(option: int, value: int) -> None:
    """Call Linux's prctl; elsewhere nothing."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def become(argv: list[str], pen: int) -> None:
    """Turn the forked child into the kernel; never returns."""
    try:
        signal.set_wakeup_fd(-1)
        # An ignored SIGINT is inherited through exec, and then Python never raises KeyboardInterrupt.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        control(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.environ["JPY_PARENT_PID"] = str(os.getppid())
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(pen, 1)
        os.dup2(pen, 2)
        os.execvp(argv[0], argv)  # noqa: S606
    except BaseException as error:
        os.write(2, f"{argv[0]}: {getattr(error, 'strerror', error)}".encode())
    finally:
        os._exit(127)


def watch(kernel: int, wakeup: int, words: int) -> tuple[int | None, bytes]:
    """Wait for the kernel's end (its exit code, negative for a signal) or the server's (None); keep the last words."""
    tail = b""
    sources = [SERVER, wakeup, words]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if words in ready:
            more = os.read(words, 65536)
            tail = (tail + more)[-TAIL:]
            if not more:
                sources.remove(words)
        if wakeup in ready:
            os.read(wakeup, 4096)
            for pid, status in ended():
                if pid == kernel:
                    return os.waitstatus_to_exitcode(status), tail
        if SERVER in ready and not os.read(SERVER, 4096):
            return None, tail


def ended() -> list[tuple[int, int]]:
    """Reap the children that have ended, adopted ones too: (pid, status)."""
    found = []
    with contextlib.suppress(ChildProcessError):
        while (child := os.waitpid(-1, os.WNOHANG))[0]:
            found.append(child)
    return found


def kill_descendants() -> None:
    """Kill our children until none is left; the children of each become ours when it dies."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in children(os.getpid()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            os.wait()


def children(parent: int) -> list[int]:
    """Pids whose parent is this one, by Linux's /proc."""
    found = []
    for name in os.listdir("/proc") if sys.platform == "linux" else ():  # noqa: PTH208
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                # The second field, the command in brackets, may itself hold blanks and brackets (proc(5)).
                if int(file.read().rpartition(b")")[2].split()[1]) == parent:
                    found.append(int(name))
    return found


def forget(folder: str) -> None:
    """Remove the connection file and the sockets: the server may not be there to do it."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def say(fact: dict[str, object]) -> None:
    """Tell the server, if it is still there."""
    with contextlib.suppress(OSError):
        os.write(SERVER, json.dumps(fact).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
