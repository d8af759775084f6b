"""The sidecar kernels of this process: one for each notebook, and throwaway ones for trying things."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.kernels.sidecar import SidecarKernel, unwatched
from ai_notebook_ls.settings import Settings

if TYPE_CHECKING:  # jupyter_client takes a third of a second to import: on first use
    import zmq.asyncio


class SidecarKernels:
    """All sidecar kernels of this process, keyed by notebook (see ports.Kernels)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.changed: Callable[[Notebook], None] = unwatched
        """Called when the state of a notebook's kernel has changed; branches do not count."""
        self._kernels: dict[str, SidecarKernel] = {}
        self._branches: set[SidecarKernel] = set()
        self._zmq: zmq.asyncio.Context | None = None

    def kernel(self, notebook: Notebook) -> SidecarKernel:
        """Return the notebook's persistent kernel; its process starts with the first run."""
        key = os.path.realpath(notebook.path) if notebook.path else notebook.uri
        kernel = self._kernels.get(key)
        if kernel is None:
            kernel = self._kernels[key] = SidecarKernel(notebook, self._settings, self._context, self.changed)
        kernel.notebook = notebook
        return kernel

    @asynccontextmanager
    async def branch(self, notebook: Notebook) -> AsyncIterator[SidecarKernel]:
        """Give a throwaway kernel for trying things, closed with the context."""
        kernel = SidecarKernel(notebook, self._settings, self._context)
        self._branches.add(kernel)
        try:
            yield kernel
        finally:
            await kernel.close()
            self._branches.discard(kernel)

    async def close(self) -> None:
        """End all kernels; returns when no process is left."""
        await asyncio.gather(*(kernel.close() for kernel in (*self._kernels.values(), *self._branches)))
        if self._zmq:
            self._zmq.destroy(linger=0)
            self._zmq = None

    def _context(self) -> zmq.asyncio.Context:
        from ai_notebook_ls.kernels.process import new_context

        if self._zmq is None:
            self._zmq = new_context()
        return self._zmq
