"""jupyter_client's kernel managers: ours for kernels of this machine, and for those that a provisioner starts elsewhere."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

T = TypeVar("T")

UNHEARD = logging.getLogger(f"{__name__}.jupyter_client")
"""What jupyter_client logs before it raises: tracebacks of errors that a user is told in a sentence."""
UNHEARD.propagate = False
UNHEARD.addHandler(logging.NullHandler())

LOOKS = 2
"""Looks that must miss a kernel: to gateway_provisioners, a machine that is slow once is a dead kernel."""
PAUSE = 0.5
"""Seconds before each look; it may be a question to a cluster."""


class Manager(AsyncKernelManager):
    """jupyter_client's manager, with a kernelspec that was found already."""

    def __init__(self, name: str, spec: KernelSpec, context: zmq.asyncio.Context, connection_file: str) -> None:
        super().__init__(kernel_name=name, context=context, connection_file=connection_file, log=UNHEARD)
        self._kernel_spec = spec


class ElsewhereManager(Manager):
    """A manager that works apart from our event loop: other people's provisioners hold it up.

    gateway_provisioners 0.5 connects by ssh and asks clusters with calls that block, and from its first kernel on waits
    10 ms in each turn of the loop for answers of launchers.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        if self.has_trait("transport_encryption"):  # jupyter_client 8.9; it is a network now
            self.set_trait("transport_encryption", "auto")

    # Coroutines in the place of functions, as AsyncKernelManager's are.

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        """Start the kernel."""
        await _apart(self._async_start_kernel(**options))

    async def is_alive(self) -> bool:  # type: ignore[override]
        """Say whether the kernel is there."""
        for _ in range(LOOKS):
            await asyncio.sleep(PAUSE)
            if await _apart(self._async_is_alive()):
                return True
        return False

    async def interrupt_kernel(self) -> None:  # type: ignore[override]
        """Interrupt what runs."""
        await _apart(self._async_interrupt_kernel())

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:  # type: ignore[override]
        """End the kernel."""
        await _apart(self._async_shutdown_kernel(now, restart))

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        """Forget what belonged to the kernel."""
        await _apart(self._async_cleanup_resources(restart))


async def _apart(work: Coroutine[Any, Any, T]) -> T:
    """Do the work in a loop of its own."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, _other_loop()))


@functools.cache
def _other_loop() -> asyncio.AbstractEventLoop:
    """One for all, as gateway_provisioners has one ear for all launchers; nobody waits for it when the process ends."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="provisioners", daemon=True).start()
    return loop
