"""Whether a process can be contained here, found out by trying: lock one down, and let it do what it must not be able to.

Standard library only, Python 3.8 or later, nothing of this package: `python attempts.py` runs in the notebook's interpreter,
with the options `{"newest": VERSION, "namespaces": BOOL}` (lockdown.py) as JSON. It prints `{"landlock": VERSION, "own":
[WHAT, ...], "leaks": [CLAUSE, ...]}`, or `{"error": CLAUSE}` where it cannot be locked down at all.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from typing import TYPE_CHECKING, Any

FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
sys.path.insert(0, FOLDER)  # `python -I` leaves it out

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PTRACER, PR_SET_PTRACER_ANY, PTRACE_SEIZE = 0x59616D61, -1, 0x4206
SECRET = b"secret"
NAMES = ("outside", "folder", "copy", "original", "temporary")


def main(options: dict[str, Any]) -> None:
    """Try, and print what was found."""
    folder = tempfile.mkdtemp(prefix="ai-notebook-ls-attempts-")
    try:
        print(json.dumps(_attempt(folder, options)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _attempt(folder: str, options: dict[str, Any]) -> dict[str, Any]:
    places = {name: os.path.join(folder, name) for name in NAMES}  # noqa: PTH118
    for path in places.values():
        os.mkdir(path)  # noqa: PTH102
    secret = os.path.join(places["outside"], "secret")  # noqa: PTH118
    with open(secret, "wb") as file:  # noqa: PTH123
        file.write(SECRET)
    os.chmod(secret, 0o600)  # noqa: PTH101
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(socket.socket(*kind)) for kind in _KINDS]
        addresses: list[Any] = [("127.0.0.1", 0), ("127.0.0.1", 0), places["outside"] + "/s", f"\0{folder}"]
        for server, address in zip(servers, addresses):  # noqa: B905 (Python 3.8)
            server.bind(address)
            if server.type == socket.SOCK_STREAM:
                server.listen(9)
        tries = _tries(secret, [server.getsockname() for server in servers])
        ours, theirs = os.pipe()
        # Where Yama lets only parents trace, this is for Landlock to refuse, and not for Yama.
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_long(PR_SET_PTRACER_ANY), 0, 0, 0)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        child = os.fork()
        if child == 0:
            os.close(ours)
            _in_child(theirs, {**options, **places}, tries)
        os.close(theirs)
        with os.fdopen(ours, "rb") as answer:
            told = answer.read()
        status = os.waitpid(child, 0)[1]
        arrived = _arrived(servers[1])
    found: dict[str, Any] = json.loads(told) if told else {"error": f"the attempt ended with status {status}"}
    if not _is_whole(secret):
        found.setdefault("leaks", []).append("files outside can be changed")
    if arrived:
        found.setdefault("leaks", []).append("UDP datagrams can be sent")
    return found


def _is_whole(secret: str) -> bool:
    with contextlib.suppress(OSError), open(secret, "rb") as file:  # noqa: PTH123
        return file.read() == SECRET and os.fstat(file.fileno()).st_mode & 0o777 == 0o600
    return False


def _arrived(server: socket.socket) -> bool:
    try:
        return bool(server.recv(1, socket.MSG_DONTWAIT))
    except OSError:
        return False


_KINDS = (
    (socket.AF_INET, socket.SOCK_STREAM),
    (socket.AF_INET, socket.SOCK_DGRAM),
    (socket.AF_UNIX, socket.SOCK_STREAM),
    (socket.AF_UNIX, socket.SOCK_STREAM),
)
"""TCP, UDP, a unix socket at a path, an abstract one."""


def _in_child(pen: int, options: dict[str, Any], tries: dict[str, Callable[[], object]]) -> None:
    """Lock down and try everything; never returns."""
    found: dict[str, Any] = {}
    try:
        import lockdown  # type: ignore[import-not-found]

        system = [path for path in ("/usr", "/lib", "/lib64", "/bin", sys.prefix, sys.base_prefix) if path]
        plan: dict[str, Any] = {"read": system, "list": [], "write": [], "wide": [options["outside"]]}
        plan = {**options, **plan, "bind": True}
        abi, own = lockdown.lock_down(plan, [pen])
        found = {"landlock": abi, "own": sorted(own), "leaks": []}
        for leak, attempt in tries.items():
            with contextlib.suppress(Exception):
                attempt()
                found["leaks"].append(leak)
        for works in (options["copy"], tempfile.gettempdir()):
            with open(os.path.join(works, "new"), "w", encoding="utf-8") as file:  # noqa: PTH118, PTH123
                file.write("x")
    except BaseException as error:
        found = {"error": str(error) or type(error).__name__}
    finally:
        os.write(pen, json.dumps(found).encode())
        os._exit(0)


def _tries(secret: str, addresses: list[Any]) -> dict[str, Callable[[], object]]:
    """What must fail, by what it would mean if it did not; made before the child is locked down."""
    parent, libc = os.getpid(), ctypes.CDLL(None, use_errno=True)

    def connect(kind: int) -> None:
        with socket.socket(*_KINDS[kind]) as client:
            client.settimeout(1)
            client.connect(addresses[kind])

    def send() -> None:
        first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with first, second:
            first.sendto(b"x", addresses[2])

    def trace() -> None:
        if libc.ptrace(PTRACE_SEIZE, parent, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def limit() -> None:
        import resource

        resource.prlimit(parent, resource.RLIMIT_NOFILE, resource.prlimit(parent, resource.RLIMIT_NOFILE))

    def read(path: str) -> None:
        with open(path, "rb") as file:  # noqa: PTH123
            file.read(1)

    def write(path: str, flags: int) -> None:
        os.close(os.open(path, flags | os.O_CREAT, 0o600))

    def change_mode() -> None:
        os.chmod(secret, 0o666)  # noqa: PTH101, S103
        raise OSError  # whether it did anything is seen from outside

    def send_inet() -> None:
        with socket.socket(*_KINDS[1]) as client:
            client.sendto(b"x", addresses[1])
        raise OSError  # the same

    beside = secret + "-2"
    return {
        "": change_mode,
        " ": send_inet,
        "files outside can be read": lambda: read(secret),
        "files outside can be written": lambda: write(secret, os.O_WRONLY),
        "files outside can be emptied": lambda: os.truncate(secret, 0),
        "files outside can be emptied by opening them": lambda: os.close(os.open(secret, os.O_RDONLY | os.O_TRUNC)),
        "files outside can be made": lambda: write(beside, os.O_WRONLY),
        "files outside can be renamed": lambda: os.rename(secret, beside),  # noqa: PTH104
        "links outside can be made": lambda: os.symlink(secret, beside),  # noqa: PTH211
        "files outside can be deleted": lambda: os.unlink(secret),  # noqa: PTH108
        "TCP connections can be made": lambda: connect(0),
        "unix sockets can be connected to": lambda: connect(2),
        "abstract unix sockets can be connected to": lambda: connect(3),
        "datagrams can be sent to unix sockets": send,
        "other processes can be signalled": lambda: os.kill(parent, signal.SIGUSR1),
        "other processes can be traced": trace,
        "other processes' limits can be changed": limit,
        "other processes' memory can be read": lambda: read(f"/proc/{parent}/mem"),
        "other processes' environment can be read": lambda: read(f"/proc/{parent}/environ"),
        "other processes' command lines can be read": lambda: read(f"/proc/{parent}/cmdline"),
    }


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
