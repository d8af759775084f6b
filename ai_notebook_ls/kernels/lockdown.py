"""Lock a process down: from then on, nothing that runs in it reaches the user's files, programs or network.

Standard library only, Python 3.8 or later, nothing of this package: it runs in the notebook's interpreter, in a child
that was just forked and is to run code that the user did not write. It needs no privileges. What it takes away holds for
all that the process starts, and cannot be had back:

- Landlock (landlock(7)) allows reading what is listed, and writing to a few folders. It ties the rights of a process to
  the files themselves, whatever path leads there, and keeps it from tracing processes outside, and from version 6 on
  from signalling them.
- A filter of system calls (filters.py, seccomp(2)) refuses sockets, and what Landlock leaves open.
- Where the system allows user namespaces (user_namespaces(7)), it gets a network, /dev/shm, terminals and the notebook's
  folder of its own. Nothing of what is kept out depends on them, but more runs: process pools, `!command` as usual.

Landlock holds for a thread and what that starts, so there must be one thread only.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import socket
import stat
import struct
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import filters  # type: ignore[import-not-found]
import supervisor  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on all machines
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEV = (1 << bit for bit in (0, 1, 2, 3, 14, 15))
READ = EXECUTE | READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
DEVICES = 1 << 6 | 1 << 11
"""MAKE_CHAR and MAKE_BLOCK: never allowed."""
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Rights of the file system that each version (ABI) of Landlock came to know."""
TCP, SCOPES, SIGNALS = 3, 3, 2
"""BIND_TCP and CONNECT_TCP, from version 4 on; abstract unix sockets and signals, from 6 on; signals alone."""
SIGNALS_SCOPED = 6
NEWEST = 7
"""The version that this was written for; a later one is used as this."""
PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, PR_SET_NO_NEW_PRIVS = 24, 47, 4, 38
CAPABILITIES = 41
NEW_USER, NEW_NETWORK, NEW_MOUNTS = 0x10000000, 0x40000000, 0x20000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_SLAVE = 2, 4, 8, 4096, 16384, 1 << 19
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
SHARED_MEMORY = "/dev/shm"  # noqa: S108
SYSTEM_LIBRARIES = ("/usr/", "/lib")
PLAIN_DEVICES = ("null", "zero", "full", "random", "urandom")
OF_PROC = ("cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "sys", "uptime", "version", "vmstat")
"""What of /proc is the machine's and no secret; the command lines of other processes are among the rest."""
kept: list[int] = []
"""Descriptors that must stay open."""
_libc: Any = ctypes.CDLL(None, use_errno=True)


def contain(plan: dict[str, Any], connection_file: str) -> dict[int, int]:
    """Lock down what is to be an ipykernel; return the sockets that it listens on, which it could not make any more.

    Raises OSError, and then this process must not go on.
    """
    listening = listen(connection_file)
    supervisor.limit(plan["limits"])
    own = lock_down(plan, listening.values())[1]
    if "terminals" not in own:
        from ipykernel.zmqshell import ZMQInteractiveShell

        shell: Any = ZMQInteractiveShell
        shell.system = _system
    return listening


def _system(shell: Any, command: str) -> None:
    """Run `!command` without a terminal."""
    import subprocess

    command = shell.var_expand(command, depth=1)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    with subprocess.Popen(command, shell=True, errors="replace", **pipes) as process:  # type: ignore[call-overload]  # noqa: S602
        for line in process.stdout:
            sys.stdout.write(line)
    shell.user_ns["_exit_code"] = process.returncode


def listen(connection_file: str) -> dict[int, int]:
    """Listen where a connection file says, by unix sockets: the descriptor of each port."""
    with open(connection_file, encoding="utf-8") as file:  # noqa: PTH123
        about = json.load(file)
    listening = {}
    for channel in ("shell", "iopub", "stdin", "control"):
        port = about[channel + "_port"]
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"{about['ip']}-{port}")
            server.listen(100)
            listening[port] = server.detach()
    return listening


def lock_down(plan: dict[str, Any], keep: Iterable[int] = ()) -> tuple[int, set[str]]:
    """Take away what `plan` does not list, for good; the working folder and TMPDIR are then its own. Raises OSError.

    It has `read`: files and folders; `list`: folders of which only the names are seen, with those in them; `write`:
    folders; `wide`: folders that hold much else, which are not read for their modules; `folder`: the notebook's, empty
    without one, `copy`: what is worked on in its stead, and `original`: where it is to be found then; `bind`: whether
    the one may be put in the other's place; `temporary`: a folder; `newest`: the version of Landlock to use at most;
    `namespaces`: whether to have some.
    Descriptors lead nowhere from then on, but those to `keep` and those of files. Returns that version, and what the
    process has of its own.
    """
    if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208
        raise OSError("other threads are running")
    _refuse_shared_memory()
    abi = min(version(), plan["newest"])
    if abi < 1:
        raise OSError("the Linux kernel has no Landlock")
    here = os.getcwd()  # noqa: PTH109
    _let_go({0, 1, 2, *keep})
    own = _separate() if plan["namespaces"] else set()
    _enter_copy(plan, here, own)
    os.environ["TMPDIR"] = plan["temporary"]
    os.environ["MPLCONFIGDIR"] = os.path.join(plan["temporary"], "matplotlib")  # noqa: PTH118
    tempfile.tempdir = None
    _drop_capabilities()
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _restrict(plan, abi, own)
    filters.install("network" in own, abi)
    return abi, own if abi >= SIGNALS_SCOPED else own - {"terminals"}  # they need a session each


def keep_signals(plan: dict[str, Any], server: socket.socket) -> bool:
    """Let signals of this process, and of what it starts, reach no others; return whether that holds. Raises OSError.

    A contained kernel's supervisor then ends with one signal to all whatever is below it. That it would not reach the
    user's programs is tried with the server.
    """
    if min(version(), plan["newest"]) < SIGNALS_SCOPED:
        return False
    _check(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    attributes = struct.pack("QQQ", 0, 0, SIGNALS)
    ruleset = _check(_libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0), "Landlock")
    try:
        _check(_libc.syscall(RESTRICT_SELF, ruleset, 0), "Landlock")
    finally:
        os.close(ruleset)
    stranger = struct.unpack("3i", server.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    try:
        os.kill(stranger, 0)
    except PermissionError:
        return True
    except OSError:
        pass
    return False


def version() -> int:
    """Return the newest version of Landlock that the Linux kernel knows, 0 where there is none or it is off."""
    return max(0, int(_libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, what + ": " + os.strerror(number))
    return result


def _refuse_shared_memory() -> None:
    """Raise OSError where a file is mapped that could be made writable: the right to do so was given when it was opened."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        for line in file:
            place = line.find("/")
            if line[line.index(" ") + 4] == "s" and place >= 0 and not line.startswith(SYSTEM_LIBRARIES, place):
                raise OSError("memory is shared with a file")


def _let_go(keep: set[int]) -> None:
    """Let what was inherited lead nowhere: by a socket, pipe or terminal of the user's it could reach another process.

    The numbers stay taken: somebody here may still close them.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208
        try:
            mode = os.fstat(descriptor).st_mode
        except OSError:
            continue  # the one that the listing itself used
        if descriptor in keep or descriptor == null or stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            continue
        event = os.readlink(f"/proc/self/fd/{descriptor}") == "anon_inode:[eventfd]"  # noqa: PTH115
        # ZMQ aborts if there is not what it expects in one.
        source = _check(_libc.eventfd(0, os.O_NONBLOCK), "eventfd") if event else os.dup(null)
        os.dup2(source, descriptor, os.get_inheritable(descriptor))
        os.close(source)
    os.close(null)


def _separate() -> set[str]:
    """Get what can be had of one's own: `mounts`, `network`, `terminals`, `memory`."""
    user, group = os.geteuid(), os.getegid()
    own = set()
    for name, flag in (("mounts", NEW_USER | NEW_MOUNTS), ("network", NEW_NETWORK)):
        if _libc.unshare(flag) != 0:
            break
        own.add(name)
        if name == "mounts":
            with contextlib.suppress(OSError):
                _write("/proc/self/setgroups", "deny")
                _write("/proc/self/uid_map", f"{user} {user} 1")
                _write("/proc/self/gid_map", f"{group} {group} 1")
    if "network" in own:
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            request = struct.pack("16sH14x", b"lo", 0)
            flags = struct.unpack_from("16sH", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
    if "mounts" not in own or not _mount("none", "/", "", MS_REC | MS_SLAVE):
        return own - {"mounts"}
    if _mount("shm", SHARED_MEMORY, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777"):
        own.add("memory")
    pts = _mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    if pts and (os.path.islink("/dev/ptmx") or _mount("/dev/pts/ptmx", "/dev/ptmx", "", MS_BIND)):  # noqa: PTH114
        own.add("terminals")
    return own


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> bool:
    words = [word.encode() if word else None for word in (source, target, kind)]
    return bool(_libc.mount(*words, ctypes.c_ulong(flags), options.encode() or None) == 0)


def _enter_copy(plan: dict[str, Any], here: str, own: set[str]) -> None:
    """Work in the copy of the notebook's folder, by the folder's own name where mounts can be had."""
    folder, copy = plan["folder"], plan["copy"]
    if not copy:
        return
    place = os.path.relpath(here, folder)
    # Links in the copy lead there. It must not lie in a folder that may be written: Landlock goes up through mounts.
    original = plan["original"]
    if plan["bind"] and "mounts" in own and _mount(folder, original, "", MS_BIND | MS_REC):
        if _mount(copy, folder, "", MS_BIND | MS_REC):
            copy = folder
    else:
        os.rmdir(original)  # noqa: PTH106
        os.symlink(folder, original)  # noqa: PTH211
    if not _is_outside(place):  # else a cell went elsewhere, where nothing can be written
        path = os.path.join(copy, place)  # noqa: PTH118
        os.chdir(path if os.path.isdir(path) else copy)  # noqa: PTH112
    told = getattr(sys.modules.get("_ai_notebook_ls_footprint"), "footprint", None)
    if told is not None and not _is_outside(start := os.path.relpath(told.start, folder)):
        told.start = os.path.join(copy, start)  # noqa: PTH118 - cells that run next start there


def _is_outside(place: str) -> bool:
    return (place + os.sep).startswith(os.pardir + os.sep)


def _drop_capabilities() -> None:
    """Root, in its own namespace or not, is then as any user."""
    for capability in range(CAPABILITIES):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # no_new_privs keeps the rest from coming back
    _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _check(_libc.capset(struct.pack("Ii", 0x20080522, 0), struct.pack("6I", *[0] * 6)), "capset")


def _restrict(plan: dict[str, Any], abi: int, own: set[str]) -> None:
    handled = RIGHTS[max(each for each in RIGHTS if each <= abi)]
    network = TCP if abi >= 4 and "network" not in own else 0
    scopes = SCOPES if abi >= SIGNALS_SCOPED else 0
    attributes = struct.pack("QQQ", handled, network, scopes)[: 24 if abi >= SIGNALS_SCOPED else 16 if abi >= 4 else 8]
    ruleset = _check(_libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0), "Landlock")
    try:
        write = handled & ~DEVICES
        _allow(ruleset, plan["list"], READ_DIR)
        _allow(ruleset, [*plan["read"], *_modules(plan["wide"])], READ)
        _allow(ruleset, [*plan["write"], plan["temporary"], *filter(None, [plan["copy"]])], write)
        _allow(ruleset, ("/dev/" + name for name in PLAIN_DEVICES), handled)
        _allow(ruleset, ["/proc"], READ_DIR)
        _allow(ruleset, ["/proc/" + name for name in OF_PROC], READ)
        # Not /proc/self for those that it starts. The descriptor keeps the folder what it is as long as we live.
        kept.append(os.open(f"/proc/{os.getpid()}", os.O_PATH | os.O_CLOEXEC))
        _allow_descriptor(ruleset, kept[-1], READ)
        if "memory" in own:
            _allow(ruleset, [SHARED_MEMORY], write)
        if "terminals" in own:
            _allow(ruleset, ["/dev/pts", "/dev/ptmx"], handled & (READ | WRITE_FILE | IOCTL_DEV))
        _check(_libc.syscall(RESTRICT_SELF, ruleset, 0), "Landlock")
    finally:
        os.close(ruleset)


def _modules(wide: list[str]) -> list[str]:
    """Where modules may yet be imported from: a cell may have added to it."""
    paths = [path for path in sys.path if isinstance(path, str) and os.path.isabs(path)]  # noqa: PTH117
    return [path for path in paths if os.path.realpath(path) not in wide]


def _allow(ruleset: int, paths: Iterable[str], rights: int) -> None:
    """Allow the rights on files and folders and all within, those that there are."""
    for path in paths:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
                raise
            continue
        try:
            _allow_descriptor(ruleset, descriptor, rights)
        finally:
            os.close(descriptor)


def _allow_descriptor(ruleset: int, descriptor: int, rights: int) -> None:
    if not os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112
        rights &= OF_FILES
    _check(_libc.syscall(ADD_RULE, ruleset, 1, struct.pack("<Qi", rights, descriptor), 0), "Landlock")
