"""jupyter_client's kernel provisioners of ours: a supervised kernel, forked by a zygote or by the kernel it branches.

`ZygoteProvisioner` is registered under the entry point group `jupyter_client.kernel_provisioners`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ai_notebook_ls.kernels import kernelspecs, zygotes
from ai_notebook_ls.kernels.nests import Nest
from ai_notebook_ls.kernels.zygotes import NotForked

CONNECTED = 10.0
"""Seconds in which a forked kernel's supervisor must be heard of."""

Fork = Callable[[Path, str, Path, "Mapping[str, object] | None"], Awaitable[None]]
"""Has a kernel fork itself: called with the copy's run folder, its lifeline, its connection file, and the plan by which it
locks itself down. Raises NotForked."""


class Exit(NamedTuple):
    """How a kernel ended."""

    code: int | None
    """Negative for a signal; None where we ended it, or nobody can tell."""
    words: str = ""
    """The tail of what it wrote to its standard streams."""

    @property
    def how(self) -> str:
        """A clause for the user, `Segmentation fault` say."""
        if self.code is None:
            return ""
        if self.code < 0:
            return signal.strsignal(-self.code) or f"signal {-self.code}"
        return f"exit code {self.code}"


class Supervised(LocalProvisioner):
    """A kernel under a supervisor (supervisor.py), which we speak to over a socket: the lifeline."""

    memory_bytes = 0
    """What it had when it was last asked."""
    exit: asyncio.Task[Exit] | None = None
    """Done as soon as the kernel is gone."""
    _lifeline: asyncio.StreamWriter | None = None
    _killed = False

    @property
    def connection_file(self) -> Path:
        """Where the kernel reads what to listen on."""
        assert self.parent is not None
        return Path(self.parent.connection_file)

    @property
    def has_process(self) -> bool:
        """Whether there is, or was, a kernel."""
        return self.exit is not None

    async def poll(self) -> int | None:
        """Return None while the kernel runs, then its exit code."""
        if self.exit is None:
            return 0
        return (self.exit.result().code or 0) if self.exit.done() else None

    async def wait(self) -> int | None:
        """Return when the kernel is gone."""
        return (await asyncio.shield(self.exit)).code if self.exit else 0

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel's process group."""
        self._say({"signal": int(signum)})

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and everything that it started."""
        if self._lifeline and not self._killed:
            self._killed = True
            with contextlib.suppress(OSError):
                self._lifeline.write_eof()

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Close the lifeline."""
        await super().cleanup(restart=restart)
        if self._lifeline:
            self._lifeline.close()
            with contextlib.suppress(OSError):
                await self._lifeline.wait_closed()

    def measure(self) -> None:
        """Ask for the kernel's memory, to be found in `memory_bytes` soon."""
        self._say({"measure": True})

    def _say(self, request: Mapping[str, object]) -> None:
        if self._lifeline and not self._killed:
            self._lifeline.write(json.dumps(request).encode() + b"\n")

    async def _hear(self, reader: asyncio.StreamReader, process: subprocess.Popen[bytes] | None = None) -> Exit:
        """Listen to the supervisor until it is gone; it may go without a word."""
        code, words = None, ""
        with contextlib.suppress(OSError):
            async for line in reader:
                fact = json.loads(line)
                self.pid = fact.get("pid", self.pid)
                self.memory_bytes = fact.get("memory", self.memory_bytes)
                if "code" in fact:
                    code, words = fact["code"], fact["words"]
        if process:
            await asyncio.to_thread(process.wait)
        return Exit(code, words)

    async def _exec(self, argv: Sequence[str], environment: Mapping[str, str], cwd: str) -> None:
        """Start a supervisor that starts the kernel. Raises OSError."""
        process, reader, self._lifeline = await zygotes.spawn(argv, environment, cwd)
        self.exit = asyncio.create_task(self._hear(reader, process))

    async def _forked(self, run_folder: Path, fork: Callable[[str], Awaitable[object]]) -> None:
        """Let somebody fork a kernel, and wait for its supervisor. Raises NotForked."""
        connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        connected = asyncio.get_running_loop().create_future()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if connected.done():
                writer.close()
            else:
                connected.set_result((reader, writer))

        path = str(run_folder / "l")
        try:
            # Not `async with`: from Python 3.12.1 on that waits until the lifeline is closed, too.
            with contextlib.closing(await asyncio.start_unix_server(accept, path)):
                await fork(path)
                await asyncio.wait({connected}, timeout=CONNECTED)
        except BaseException:  # a cancelled fork must not live on by a lifeline that nobody holds
            if not connected.cancel():
                connected.result()[1].close()
            raise
        if connected.cancel():
            raise NotForked("the forked kernel was not heard of")
        reader, self._lifeline = connected.result()
        self.exit = asyncio.create_task(self._hear(reader))


class ZygoteProvisioner(Supervised):
    """Starts ipykernel by the zygote of its nest, and any other kernel by its command, under a supervisor."""

    _own_nest: Nest | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel in a `nest`; without one, in one of its own that confines nothing. Raises OSError.

        By a `plan` it locks itself down (lockdown.py).
        """
        nest: Nest | None = kwargs.get("nest")
        if nest is None:
            environment = kwargs.get("env") or os.environ
            nest = self._own_nest = Nest(kernelspecs.zygote_argv(cmd), environment)
        plan: Mapping[str, object] | None = kwargs.get("plan")
        cwd = str(kwargs.get("cwd") or Path.cwd())
        run_folder = self.connection_file.parent
        if zygote := await nest.zygote():
            fork = partial(zygote.fork, kernelspecs.kernel_arguments(cmd), cwd, nest.limits, run_folder, plan)
            with contextlib.suppress(NotForked):
                await self._forked(run_folder, fork)
                return self.connection_info
        if plan:
            raise OSError("it cannot be forked")
        argv = kernelspecs.supervised(kernelspecs.lean_argv(cmd), nest.limits, run_folder)
        await self._exec(nest.wrap(argv), nest.environment, cwd)
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Close the lifeline, and what was made for this kernel alone."""
        await super().cleanup(restart=restart)
        if self._own_nest and not restart:
            await self._own_nest.close()


class BranchProvisioner(Supervised):
    """Forks a running kernel."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Let `fork` do it. Raises NotForked."""
        fork: Fork = kwargs["fork"]
        file, plan = self.connection_file, kwargs.get("plan")
        await self._forked(file.parent, lambda lifeline: fork(file.parent, lifeline, file, plan))
        return self.connection_info
