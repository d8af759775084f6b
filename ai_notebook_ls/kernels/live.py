"""A kernel that lives, wherever it does: what a run and the probes ask of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from ai_notebook_ls.kernels.messages import Message
from ai_notebook_ls.kernels.provisioners import Exit


class LiveKernel(Protocol):
    """A started kernel: KernelProcess on this machine, RemoteKernel on another one."""

    @property
    def exit(self) -> asyncio.Future[Exit]:
        """Done as soon as the kernel is gone."""
        ...

    @property
    def implementation(self) -> str:
        """What answers, `ipython` say."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Memory of this machine that it takes, 0 when it is gone or elsewhere."""
        ...

    @property
    def withheld(self) -> str:
        """What the user must know of how it is contained; empty if nothing."""
        ...

    def send(self, kind: str, content: Mapping[str, Any]) -> str:
        """Send a request on the shell channel and return its id."""
        ...

    async def iopub(self, skip: bool = False) -> Message:
        """Wait for what the kernel tells everybody; `skip` what is large."""
        ...

    async def shell(self) -> Message:
        """Wait for a reply."""
        ...

    def rest(self) -> None:
        """Keep what threads of the kernel say until the next run, within bounds, and have its memory measured soon."""
        ...

    async def interrupt(self) -> None:
        """Interrupt the cell that runs."""
        ...

    async def end(self) -> None:
        """End the kernel and all that it started; again is harmless."""
        ...
