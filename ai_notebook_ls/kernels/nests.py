"""Nests: where kernels of one interpreter are hatched, under one isolation, with the zygote that forks them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from ai_notebook_ls.kernels.cgroups import Cgroup
from ai_notebook_ls.kernels.folders import remove
from ai_notebook_ls.kernels.isolation import UNCONFINED, Isolation
from ai_notebook_ls.kernels.sandbox import Sandbox
from ai_notebook_ls.kernels.zygotes import NotForked, Zygote

PREFIX = "ai-notebook-ls-nest-"
NEW = 60.0
"""Seconds in which nobody takes a folder for left behind."""
UNIX_PATH_LIMIT = 104
"""Bytes of sockaddr_un.sun_path on macOS; Linux has 108."""
LONGEST_NAME = len("/12345678/k-5")
"""What a kernel's sockets add to the path of the nest's folder."""
PRELOADED = {
    *("numpy", "pandas", "matplotlib", "matplotlib.pyplot", "scipy", "scipy.stats", "seaborn", "sympy", "sklearn"),
    *("plotly.express", "plotly.graph_objects", "statsmodels.api", "statsmodels.formula.api", "networkx", "xarray"),
    *("requests", "bs4", "PIL", "openpyxl", "altair"),
}
"""Data libraries that start no thread and read no file of the notebook's when they are imported."""
FORKS = sys.platform == "linux"
"""Elsewhere a fork without exec is not safe (macOS: Objective-C libraries) or not there (Windows)."""


class Nest:
    """One interpreter, its environment and isolation, and its zygote; kernels are started in it."""

    def __init__(
        self,
        zygote_argv: Sequence[str] | None,
        environment: Mapping[str, str],
        isolation: Isolation = UNCONFINED,
        limits: Mapping[str, int] | None = None,
        group_limits: Mapping[str, int] | None = None,
        sandbox: Callable[[Path], Sandbox] | None = None,
    ) -> None:
        """Make its folder; `sandbox` makes one in which that folder can be written to. Raises OSError."""
        self.environment = environment
        self.isolation = isolation
        self.limits = limits or {}
        self.kernels = 0
        """Kernels that live in it."""
        self._left = asyncio.Event()
        self.folder = _make_folder()
        self._lock = _lock(self.folder)
        self.short = _is_short(self.folder)
        """Whether unix sockets fit into it."""
        self.sandbox = sandbox(self.folder) if sandbox else None
        self._group_limits = dict(group_limits or {})
        self._group: Cgroup | None = None
        self._zygote_argv = zygote_argv if FORKS and self.short else None
        self.interpreter = Path(self._zygote_argv[0]) if self._zygote_argv else None
        """What can fork kernels; None where nothing can."""
        self._zygote: asyncio.Task[Zygote | None] | None = None
        self._wanted: set[str] = set()

    @property
    def stale(self) -> bool:
        """Whether what its zygote has imported is no longer what is installed."""
        task = self._zygote
        if task is None or not task.done() or task.cancelled() or self._failed(task):
            return False
        zygote = task.result()
        return zygote is not None and not zygote.fresh

    def enter(self) -> Path:
        """Count a kernel in, and make a folder for its connection file and sockets."""
        self.kernels += 1
        return Path(tempfile.mkdtemp(prefix="", dir=self.folder))  # a name that no kernel in here can guess and take

    def leave(self) -> None:
        """Count a kernel out."""
        self.kernels -= 1
        self._left.set()

    async def retire(self) -> None:
        """Close as soon as the last kernel has left."""
        while self.kernels:
            self._left.clear()
            await self._left.wait()
        await self.close()

    def wrap(self, argv: Sequence[str]) -> list[str]:
        """Return the command that runs another one under this isolation."""
        inner = self.sandbox.argv(argv) if self.sandbox else list(argv)
        return self._group.enter(inner) if self._group else inner

    async def refresh(self) -> None:
        """Let the kernels see what is new or changed in the notebook's folder."""
        if self.sandbox and self.sandbox.copies and self.kernels:
            await asyncio.to_thread(self.sandbox.refresh)

    async def zygote(self) -> Zygote | None:
        """Return the zygote, None where there can be none; it and the sandbox are made when first asked for.

        Raises OSError.
        """
        if self._zygote is None or (self._zygote.done() and self._failed(self._zygote)):
            self._zygote = asyncio.create_task(self._start())
        await asyncio.wait({self._zygote})
        zygote = None if self._zygote.cancelled() else self._zygote.result()
        if zygote:
            zygote.preload(self._wanted)
        return zygote

    @staticmethod
    def _failed(task: asyncio.Task[Zygote | None]) -> bool:
        return not task.cancelled() and task.exception() is not None

    async def preload(self, modules: Iterable[str]) -> None:
        """Have the zygote import those of these modules that are known to be safe there."""
        self._wanted |= PRELOADED.intersection(modules)
        with contextlib.suppress(OSError):  # the kernel's start will tell
            await self.zygote()

    async def _start(self) -> Zygote | None:
        if self._group_limits and self._group is None:
            self._group = await asyncio.to_thread(Cgroup.create, self._group_limits)
        if self.sandbox:
            await asyncio.to_thread(self.sandbox.prepare)
        if self._zygote_argv is None:
            return None
        with contextlib.suppress(NotForked):
            return await Zygote.start(self.wrap(self._zygote_argv), self.environment, self.folder)
        return None

    async def close(self) -> None:
        """End the zygote and remove the folder; there must be no kernel left in it."""
        if self._zygote:
            self._zygote.cancel()
            await asyncio.wait({self._zygote})
            if not self._zygote.cancelled() and not self._failed(self._zygote) and (zygote := self._zygote.result()):
                await zygote.close()
        if self._group:
            await asyncio.to_thread(self._group.remove)
        if self.sandbox:
            await asyncio.to_thread(self.sandbox.close)
        await asyncio.to_thread(remove, self.folder)
        os.close(self._lock)


def sweep() -> None:
    """Remove the folders of servers that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            about = folder.stat()
            # One that is being made is not locked yet.
            if about.st_uid == os.getuid() and time.time() - about.st_mtime > NEW:
                lock = _lock(folder)
                remove(folder)
                os.close(lock)


def _make_folder() -> Path:
    """Make a folder of mode 0700, where unix sockets fit into it if that can be. Raises OSError."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    if not _is_short(folder):
        with contextlib.suppress(OSError):
            short = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
            folder.rmdir()
            return short
    return folder


def _is_short(folder: Path) -> bool:
    return len(os.fsencode(folder)) + LONGEST_NAME < UNIX_PATH_LIMIT


def _lock(folder: Path) -> int:
    """Lock a folder until we close the descriptor or die. Raises OSError if another process has locked it."""
    import fcntl

    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock
