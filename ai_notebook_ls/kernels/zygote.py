"""The zygote: it imports what kernels need once, and forks a kernel for each request.

Standard library only, Python 3.8 or later, nothing of this package: it runs in the notebook's own interpreter, as
`python zygote.py` with one end of a socket pair as its standard input. It reads JSON lines, `{"kernel": {"argv", "cwd",
"limits", "run_folder", "lifeline", "plan"}}` and `{"preload": [MODULE, ...]}`, and says `{"ready": [FOLDER, ...]}` with the
folders it imports from. Each kernel gets a supervisor, which connects to the unix socket `lifeline`; the zygote need not
live for them to live. It ends when the other end is closed.

There must be no thread here when it forks, so what starts one when imported is not preloaded. While nothing is asked of
it, it rehearses (rehearsal.py).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
from typing import Any

FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
sys.path.insert(0, FOLDER)  # `python -I` leaves it out

import launcher  # type: ignore[import-not-found]  # noqa: E402
import lockdown  # type: ignore[import-not-found]  # noqa: E402
import rehearsal  # type: ignore[import-not-found]  # noqa: E402
import supervisor  # type: ignore[import-not-found]  # noqa: E402

SERVER = 0
IDLE = 0.1
"""Seconds without a request, after which it rehearses: who opens a notebook may run it at once."""
LAZY = (
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.core.profileapp",
    "IPython.extensions.storemagic",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "tornado.platform.asyncio",
    "tornado.queues",
    "tornado.locks",
    "email.parser",
    "faulthandler",
    "pdb",
    "comm",
    "psutil",
)
"""What ipykernel imports only when it starts: every kernel would pay for it.

Not matplotlib_inline.backend_inline, which registers itself with the shell when it is imported: there is none here."""


def main() -> None:
    """Serve until the server is gone."""
    supervisor.control(supervisor.PR_SET_PDEATHSIG, signal.SIGKILL)  # an import may take longer than the server lives
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the supervisors
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    gc.disable()  # `keep` collects; each kernel enables it
    launcher.prepare()
    preload(LAZY)
    server = supervisor.Server(os.dup(SERVER))
    # A module that reads from or writes to the standard streams must not get at ours.
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(null, descriptor)
    server.say(ready=[path for path in sys.path if os.path.isdir(path)])  # noqa: PTH112
    while True:
        while not select.select([server.descriptor], [], [], IDLE)[0] and rehearsal.rehearse():
            keep()
        requests = server.requests()
        if requests is None:
            break
        for request in requests:
            if "preload" in request:
                preload(request["preload"])
            elif os.fork() == 0:
                os.close(server.descriptor)
                start(request["kernel"])
    with contextlib.suppress(ChildProcessError):
        os.wait()  # SIGCHLD is ignored: it returns when the last one has ended
    os._exit(0)


def preload(modules: Any) -> None:
    """Import modules, those that there are; a kernel that imports one later says what is wrong with it."""
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    keep()


def keep() -> None:
    """Keep what there is for the kernels."""
    # Memory that the collector does not walk through stays shared with the kernels.
    gc.collect()
    gc.freeze()


def start(request: dict[str, Any]) -> None:
    """Supervise a new kernel, in the forked child; never returns."""
    try:
        os.setsid()
        lifeline = socket.socket(socket.AF_UNIX)
        lifeline.connect(request["lifeline"])
        plan = request.get("plan")
        apart = bool(plan) and lockdown.keep_signals(plan, lifeline)
        supervisor.supervise(lifeline.detach(), request["run_folder"], lambda: become(request), apart)
    finally:
        os._exit(127)


def become(request: dict[str, Any]) -> None:
    """Become the kernel; returns when that ends."""
    supervisor.limit(request["limits"])
    os.chdir(request["cwd"])
    plan, listening = request.get("plan"), {}
    if plan:
        argv = request["argv"]
        listening = lockdown.contain(plan, argv[argv.index("-f") + 1])
        os.environ["IPYTHONDIR"] = os.path.join(plan["temporary"], "ipython")  # noqa: PTH118
    gc.enable()
    import random

    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    launcher.become_kernel(request["argv"], listening)


if __name__ == "__main__":
    main()
