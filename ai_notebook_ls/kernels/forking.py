"""Branch a running kernel: fork it, and give the copy sockets of its own.

Standard library only, Python 3.8 or later, nothing of this package: it runs in the notebook's kernel, under the name
NAME in its sys.modules. The copy keeps the shell, with all that a user has made of it: variables, In and Out, magics,
extensions, event hooks. It makes anew what a fork leaves dead or shared: the event loop, threads, sockets, standard
streams, and the offsets of open files (fork(2): they share them).
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import gc
import json
import os
import random
import signal
import socket
import stat
import sys
import warnings
from typing import Any

import launcher  # type: ignore[import-not-found]
import lockdown  # type: ignore[import-not-found]
import obstacles  # type: ignore[import-not-found]
import supervisor  # type: ignore[import-not-found]

NAME = "_ai_notebook_ls_forking"
MIME = "application/x-ai-notebook-ls+json"
kept: list[object] = []
"""What belongs to the kernel that was forked: its destructors must not run in the copy."""


class Report:
    """A result that no formatter of the user's gets hold of."""

    def __init__(self, **facts: object) -> None:
        self.text = json.dumps(facts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {MIME: self.text, "text/plain": ""}


def fork(run_folder: str, lifeline: str, connection_file: str, plan: dict[str, Any] | None = None) -> Report:
    """Fork this kernel; the copy serves at a connection file, and its supervisor connects to a unix socket.

    With a `plan` the copy is locked down by it, before it has another thread (lockdown.py).
    Reports `refused` with a clause that says why, if this kernel is not to be forked. Never returns in the copy.
    """
    why = obstacles.obstacle()
    if why:
        return Report(refused=why)
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    chance, handlers = random.getstate(), _handlers()
    pid = _fork()
    if pid:
        os.waitpid(pid, 0)
        return Report(refused=None)
    try:
        if _fork() == 0:  # twice, so that it is nobody's child here: the supervisor of this kernel adopts it
            gc.disable()
            gc.freeze()
            for number in handlers:
                signal.signal(number, signal.SIG_DFL)
            server = socket.socket(socket.AF_UNIX)
            server.connect(lifeline)
            os.setsid()
            apart = bool(plan) and lockdown.keep_signals(plan, server)
            become = functools.partial(_become, connection_file, chance, handlers, plan)
            supervisor.supervise(server.detach(), run_folder, become, apart)
    finally:
        os._exit(0)


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads: see obstacles.py
        return os.fork()


def _handlers() -> dict[int, Any]:
    """What happens on each signal: the user's handlers, and what Python ignores (SIGPIPE, SIGXFSZ)."""
    found = {number: signal.getsignal(number) for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}}
    return {number: handler for number, handler in found.items() if handler is not None}


def _become(connection_file: str, chance: Any, handlers: dict[int, Any], plan: dict[str, Any] | None) -> None:
    """Turn the copy into a kernel; returns when that ends."""
    for number, handler in handlers.items():
        signal.signal(number, handler)
    gc.unfreeze()
    gc.enable()
    _own_files()
    listening: dict[int, int] = {}
    if plan:
        listening = lockdown.contain(plan, connection_file)
    _leave_loop()
    # Not in the context of the request that asked for the branch: its parent header is the other kernel's.
    contextvars.Context().run(_serve, connection_file, chance, listening)


def _own_files() -> None:
    """Give this process offsets of its own in open files, and copies of those that it may write."""
    import fcntl

    for descriptor, mode in list(obstacles.descriptors()):
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            continue
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        if flags & os.O_ACCMODE == os.O_RDONLY:
            own = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY)
        else:
            own = _copy(descriptor)
            fcntl.fcntl(own, fcntl.F_SETFL, flags & os.O_APPEND)
        os.lseek(own, os.lseek(descriptor, 0, os.SEEK_CUR), os.SEEK_SET)
        os.dup2(own, descriptor, os.get_inheritable(descriptor))
        os.close(own)


def _copy(descriptor: int) -> int:
    """Return a file in memory with what a file holds; nothing written to it reaches the other kernel's."""
    own = os.memfd_create("branch")
    with contextlib.suppress(OSError):  # deleted, and not ours to open again: an empty one
        source = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY)
        try:
            while os.sendfile(own, source, None, 1 << 24):
                pass
        finally:
            os.close(source)
    return own


def _leave_loop() -> None:
    """Forget the event loop that this process was in when it was forked: its selector is the other kernel's too."""
    loop = asyncio.get_event_loop()
    task = asyncio.current_task(loop)
    kept.extend((loop, task))
    if task:
        asyncio.tasks._leave_task(loop, task)
    asyncio.events._set_running_loop(None)
    asyncio.set_event_loop(asyncio.new_event_loop())


def _serve(connection_file: str, chance: Any, listening: dict[int, int]) -> None:
    import zmq
    from ipykernel.kernelapp import IPKernelApp

    old: Any = IPKernelApp.instance()
    kernel, thread, shell = old.kernel, old.iopub_thread, old.shell
    streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    kept.extend((old, kernel, thread, zmq.Context._instance))
    sys.stdout, sys.stderr, sys.displayhook = sys.__stdout__, sys.__stderr__, sys.__displayhook__
    type(old).clear_instance()
    type(kernel).clear_instance()
    zmq.Context._instance = None

    argv = ["-f", connection_file]
    new: Any = app_class(old.__class__).instance(user_ns=shell.user_ns)
    launcher.install_beside(launcher.configure(new, argv))
    if listening:
        launcher.take_over(new, listening)
    new.initialize(argv)
    random.setstate(chance)  # Python seeds it anew in a forked process, and ipykernel draws a port
    # The shell is the old one (it is a singleton too, and was not cleared): it must know its new surroundings.
    shell.kernel = shell.parent = new.kernel
    shell.enable_tip = False  # it is drawn for each reply to kernel_info, the first thing that the branch is asked
    new.kernel.execution_count = kernel.execution_count
    for name, stream in streams.items():
        _redirect(name, stream)
    # Whatever still speaks to the old kernel, a widget or a handler of logging, speaks to this one.
    thread.schedule, thread.send_multipart = new.iopub_thread.schedule, new.iopub_thread.send_multipart
    kernel.session, kernel.iopub_socket = new.kernel.session, new.kernel.iopub_socket
    new.start()


@functools.lru_cache
def app_class(base: Any) -> Any:
    """The kernel's application without the steps that would act on the shell again."""

    def skip(self: object) -> None:
        """It was done when the shell was made."""

    return type(base.__name__, (base,), dict.fromkeys(("init_gui_pylab", "init_extensions", "init_code"), skip))


def _redirect(name: str, stream: Any) -> None:
    """Let a stream that somebody may hold be the new one by another name; keep what the user put in its place."""
    new = getattr(sys, name)
    if type(stream) is not type(new):
        setattr(sys, name, stream)
        return

    class Renamed(type(new)):  # type: ignore[misc]
        # Not a copy of its state: each flush swaps the buffers.
        def __getattribute__(self, attribute: str) -> Any:
            return getattr(new, attribute)

        def __setattr__(self, attribute: str, value: Any) -> None:
            setattr(new, attribute, value)

    stream.__class__ = Renamed
    kept.append(stream)  # else its end would close the new one
