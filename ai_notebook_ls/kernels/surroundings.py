"""What the sidecar kernels of a server share, as each of them sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ai_notebook_ls.core.cells import Notebook

if TYPE_CHECKING:  # jupyter_client takes a third of a second to import: on first use
    import zmq.asyncio
    from jupyter_client.kernelspec import KernelSpec

    from ai_notebook_ls.kernels.nests import Nest
    from ai_notebook_ls.kernels.sidecar import SidecarKernel


class Surroundings(Protocol):
    """What the kernels of a server share."""

    def context(self) -> zmq.asyncio.Context:
        """The ZMQ context; one of its own each would cost two threads."""
        ...

    async def make_room(self, newcomer: SidecarKernel) -> None:
        """Return when another process may start. Raises NoRoom."""
        ...

    def released(self) -> None:
        """Take note that a kernel may have become unused."""
        ...

    async def nest(self, notebook: Notebook, spec: KernelSpec) -> Nest | None:
        """Where a notebook's kernel is started; None if not on this machine. Raises KernelStartFailed."""
        ...
