"""The sidecar kernels of this process: one for each notebook, and throwaway ones for trying things."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.dataflow import imported
from ai_notebook_ls.core.failures import KernelTrouble, NoPlace, NoRoom
from ai_notebook_ls.kernels.sidecar import SidecarKernel, unwatched
from ai_notebook_ls.settings import Settings

if TYPE_CHECKING:  # jupyter_client takes a third of a second to import: on first use
    import zmq.asyncio
    from jupyter_client.kernelspec import KernelSpec

    from ai_notebook_ls.kernels.nests import Nest

NESTS = 4
"""Zygotes that are kept while no kernel is theirs."""
PATIENCE = 30.0
"""Seconds that a kernel waits for another one to be done, where there is no room for both."""
MADE_ROOM = "The sidecar kernel was closed to make room for another notebook's; its variables are lost."


class SidecarKernels:
    """All sidecar kernels of this process, keyed by notebook (see ports.Kernels)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.changed: Callable[[Notebook], None] = unwatched
        """Called when the state of a notebook's kernel has changed; branches do not count."""
        self._kernels: dict[str, SidecarKernel] = {}
        self._throwaways: set[SidecarKernel] = set()
        self._nests: dict[object, Nest] = {}
        self._released = asyncio.Event()
        self._one_prepares = asyncio.Lock()
        self._swept = False
        self._retiring: set[asyncio.Task[None]] = set()
        self._preparing: set[asyncio.Task[None]] = set()
        self._zmq: zmq.asyncio.Context | None = None

    def kernel(self, notebook: Notebook) -> SidecarKernel:
        """Return the notebook's persistent kernel; its process starts with the first run."""
        key = _key(notebook)
        kernel = self._kernels.get(key)
        if kernel is None:
            kernel = self._kernels[key] = SidecarKernel(notebook, self._settings, self, self.changed)
            if self._settings.remote.url:
                from ai_notebook_ls.kernels.isolation import elsewhere

                kernel.why = elsewhere(urlsplit(self._settings.remote.url).hostname or "").why
        if not notebook.virtual:  # a copy for looking: its cells are not where those are that ran
            kernel.notebook = notebook
        return kernel

    @asynccontextmanager
    async def throwaway(self, notebook: Notebook, contained: bool = False) -> AsyncIterator[SidecarKernel]:
        """Give a fresh kernel for trying things, closed with the context; `contained` as in ports.Kernel.branch."""
        kernel = SidecarKernel(notebook, self._settings, self, contained=contained)
        if contained:
            await kernel.containing()
        self._throwaways.add(kernel)
        try:
            yield kernel
        finally:
            await kernel.close()
            self._throwaways.discard(kernel)

    async def make_room(self, newcomer: SidecarKernel) -> None:
        """Close idle kernels, the least recently used first, until another one may start; wait for one to be idle.

        What is there for trying something counts in memory; it never has to go, and never has to wait.
        Raises NoRoom when all have been busy for too long.
        """
        if newcomer not in self._kernels.values():
            return
        settings = self._settings.kernels
        most = settings.memory_mb * 1_000_000 or await asyncio.to_thread(_half_of_memory)
        patience = asyncio.get_running_loop().time() + PATIENCE
        while full := self._full(newcomer, settings.limit, most):
            idle = [kernel for kernel in self._kernels.values() if kernel.unused and kernel is not newcomer]
            if idle:
                await min(idle, key=lambda kernel: kernel.used).retire(MADE_ROOM)
                continue
            self._released.clear()
            try:
                await asyncio.wait_for(self._released.wait(), patience - asyncio.get_running_loop().time())
            except asyncio.TimeoutError:
                raise NoRoom(full) from None

    def released(self) -> None:
        """Take note that a kernel may have become unused."""
        self._released.set()

    def _full(self, newcomer: SidecarKernel, limit: int, most: int) -> str:
        """Say why there is no room for another kernel; empty if there is."""
        others = [kernel for kernel in self._kernels.values() if kernel.alive and kernel is not newcomer]
        if len(others) >= limit:
            return f"There are {len(others)} sidecar kernels, as many as may be (kernels.limit), and all are busy."
        memory = sum(kernel.memory_bytes() for kernel in (*others, *self._throwaways))
        if memory < most:
            return ""
        return f"The sidecar kernels take {memory / 1e9:.1f} GB of memory, all that they may (kernels.memory_mb)."

    def prepare(self, notebook: Notebook) -> None:
        """Get ready to start the notebook's kernel, in the background; runs nothing of the notebook's."""
        if not self._settings.remote.url:
            self._keep(self._prepare(notebook), self._preparing)

    async def _prepare(self, notebook: Notebook) -> None:
        async with self._one_prepares:  # with many notebooks open, what the user asks for must find a processor
            await self._prepare_now(notebook)

    async def _prepare_now(self, notebook: Notebook) -> None:
        kernelspecs = await asyncio.to_thread(importlib.import_module, "ai_notebook_ls.kernels.kernelspecs")
        with contextlib.suppress(KernelTrouble):
            spec = (await asyncio.to_thread(kernelspecs.find_spec, notebook))[1]
            if nest := await self.nest(notebook, spec):
                self.kernel(notebook).confine(nest.isolation)
                await nest.preload(await asyncio.to_thread(imported, notebook))
                await asyncio.to_thread(importlib.import_module, "ai_notebook_ls.kernels.process")
                await self.kernel(notebook).containing()
        await asyncio.to_thread(importlib.import_module, "ai_notebook_ls.kernels.process")

    async def close(self) -> None:
        """End all kernels; returns when no process is left."""
        for task in self._preparing:
            task.cancel()
        await asyncio.gather(*self._preparing, return_exceptions=True)
        await asyncio.gather(*(kernel.close() for kernel in (*self._kernels.values(), *self._throwaways)))
        await asyncio.gather(*(nest.close() for nest in self._nests.values()), *self._retiring)
        self._nests.clear()
        if self._zmq:
            self._zmq.destroy(linger=0)
            self._zmq = None

    def context(self) -> zmq.asyncio.Context:
        """Return the ZMQ context that all kernels share."""
        from ai_notebook_ls.kernels.process import new_context

        if self._zmq is None:
            self._zmq = new_context()
        return self._zmq

    async def nest(self, notebook: Notebook, spec: KernelSpec) -> Nest | None:
        """Return where a notebook's kernel is started; None if not on this machine. Raises NoPlace."""
        from ai_notebook_ls.kernels import isolation as levels
        from ai_notebook_ls.kernels import kernelspecs
        from ai_notebook_ls.kernels.nests import Nest, sweep
        from ai_notebook_ls.kernels.sandbox import Sandbox

        if sys.platform == "win32" or not kernelspecs.is_local(spec):
            return None
        if not self._swept:
            self._swept = True
            await asyncio.to_thread(sweep)
        settings = self._settings.isolation
        isolation = await asyncio.to_thread(levels.choose, settings)
        argv = kernelspecs.zygote_argv(spec.argv)
        if argv is None:
            isolation = levels.Isolation("process", "only Python kernels are confined")
        folder = Path(notebook.path).parent if notebook.path else None
        base = levels.kernel_environment(os.environ, settings, isolation)
        environment = kernelspecs.environment(spec, base, folder or Path.cwd())
        make_sandbox = None
        if isolation.level == "sandboxed" and argv:
            make_sandbox = partial(Sandbox, settings, Path(argv[0]), folder, environment=environment)
        # In a sandbox a notebook is alone; elsewhere a zygote serves all notebooks of its interpreter.
        whose = _key(notebook) if make_sandbox else ""
        key = (whose, tuple(argv or spec.argv), tuple(sorted(environment.items())))
        limits: Mapping[str, int] = (
            {} if key in self._nests else await asyncio.to_thread(levels.limits, settings, isolation)
        )
        group_limits = levels.group_limits(settings, isolation)
        nest = self._nests.pop(key, None)
        if nest and nest.stale:
            self._retire(nest)
            limits, nest = nest.limits, None
        try:  # the last one is the one used last
            self._nests[key] = nest = nest or Nest(argv, environment, isolation, limits, group_limits, make_sandbox)
        except OSError as error:
            raise NoPlace(error.strerror) from None
        idle = [other for other, it in self._nests.items() if not it.kernels and it is not nest]
        for other in idle[: max(0, len(idle) - NESTS)]:
            self._retire(self._nests.pop(other))
        return nest

    def _retire(self, nest: Nest) -> None:
        """Close a nest as soon as no kernel is left in it."""
        self._keep(nest.retire(), self._retiring)

    def _keep(self, work: Coroutine[None, None, None], tasks: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def _half_of_memory() -> int:
    import psutil

    return int(psutil.virtual_memory().total) // 2


def _key(notebook: Notebook) -> str:
    return os.path.realpath(notebook.path) if notebook.path else notebook.uri
