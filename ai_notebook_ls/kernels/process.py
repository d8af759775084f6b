"""One kernel process: started, awaited, spoken to, ended. Imports jupyter_client: only on first use."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import psutil
import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import DELIM

from ai_notebook_ls.core.failures import KernelStartFailed
from ai_notebook_ls.kernels import kernelspecs

GRACE = 2.0
"""Seconds between a polite request (interrupt, end) and SIGKILL."""
SUBSCRIBED_AFTER = 0.02
"""Seconds after which a kernel_info request without its `idle` is repeated: the subscription came later."""
LARGE = 1_000_000
"""Bytes of a message that is verified and parsed in a thread, off the event loop."""
UNIX_PATH_LIMIT = 104
"""Bytes of sockaddr_un.sun_path on macOS; Linux has 108."""


class Message(NamedTuple):
    """What we need of a Jupyter message."""

    kind: str
    parent: str | None
    """The id of the request that it answers."""
    content: dict[str, Any]
    skipped: int = 0
    """Bytes of content that were not read."""


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


def new_context() -> zmq.asyncio.Context:
    """Return the context that all kernels of a process share; one of its own each would cost two threads."""
    context = zmq.asyncio.Context()
    # We connect before the kernel binds, and libzmq's 100 ms would quantise the time to ready (notes/kernel.md §2.2).
    # No RECONNECT_IVL_MAX: with it the interval doubles each time, and the subscription comes too late.
    context.setsockopt(zmq.RECONNECT_IVL, 3)
    return context


class _Manager(AsyncKernelManager):
    """jupyter_client's manager, with our way to start a local kernel."""

    run_folder: Path
    supervise = False

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command that starts the kernel."""
        argv = kernelspecs.lean_argv(super().format_kernel_cmd(extra_arguments))
        return kernelspecs.supervised(argv, self.run_folder) if self.supervise else argv


class KernelProcess:
    """A kernel process that can run cells, and the sockets to it."""

    exit: asyncio.Task[Exit]
    """Done as soon as the process is gone."""

    def __init__(self, name: str, spec: KernelSpec, context: zmq.asyncio.Context) -> None:
        self.name = name
        self.implementation = ""
        """What answers, `ipython` say."""
        self._folder = Path(tempfile.mkdtemp(prefix="ai-notebook-ls-"))  # mode 0700: nobody else reaches the sockets
        self._manager = _Manager(kernel_name=name, context=context, connection_file=str(self._folder / "kernel.json"))
        self._manager._kernel_spec = spec
        self._manager.run_folder = self._folder
        if sys.platform != "win32" and kernelspecs.is_local(spec):
            self._manager.supervise = True
            endpoint = self._folder / "k"  # jupyter_client appends "-1" to "-5"
            if len(os.fsencode(endpoint)) + 2 < UNIX_PATH_LIMIT:
                self._manager.transport = "ipc"
                self._manager.ip = str(endpoint)
        self._lifeline: asyncio.StreamWriter | None = None
        self._pid: int | None = None
        self._shell: zmq.asyncio.Socket
        self._iopub: zmq.asyncio.Socket
        self._ending: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, name: str, spec: KernelSpec, cwd: Path | None, context: zmq.asyncio.Context, timeout: float
    ) -> KernelProcess:
        """Start a kernel and wait until it can run cells. Raises KernelStartFailed."""
        process = cls(name, spec, context)
        try:
            await process._launch(cwd or process._folder)
            await process._wait_ready(timeout)
        except BaseException:
            await process.end()
            raise
        return process

    async def _launch(self, cwd: Path) -> None:
        options: dict[str, Any] = {"env": kernelspecs.kernel_environment(os.environ), "cwd": str(cwd)}
        options["stdout"] = subprocess.DEVNULL  # ours may be the wire of a language server
        if not self._manager.supervise:
            await self._start(options)
            self.exit = asyncio.create_task(self._poll())
            return
        ours, theirs = socket.socketpair()
        with theirs:
            reader, self._lifeline = await asyncio.open_connection(sock=ours)
            await self._start({**options, "stdin": theirs.fileno()})
        self.exit = asyncio.create_task(self._hear(reader))

    async def _start(self, options: Mapping[str, Any]) -> None:
        try:
            await self._manager.start_kernel(**options)
        except OSError as error:
            raise KernelStartFailed(f"The kernel {self.name!r} could not be started: {error.strerror}.") from None
        # The manager makes them from our asyncio context, which its types do not say.
        self._shell = cast(zmq.asyncio.Socket, self._manager.connect_shell(identity=self._manager.session.bsession))
        self._iopub = cast(zmq.asyncio.Socket, self._manager.connect_iopub())

    async def _hear(self, reader: asyncio.StreamReader) -> Exit:
        """Listen to the supervisor until it is gone; it may go without a word."""
        code, words = None, ""
        async for line in reader:
            fact = json.loads(line)
            if "pid" in fact:
                self._pid = fact["pid"]
            else:
                code, words = fact["code"], fact["words"]
        return Exit(code, words)

    async def _poll(self) -> Exit:
        while await self._manager.is_alive():  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.1)
        return Exit(None)

    async def _wait_ready(self, timeout: float) -> None:
        answering = asyncio.create_task(self._answers())
        try:
            await asyncio.wait({answering, self.exit}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                return answering.result()
        finally:
            answering.cancel()
        ended = self.exit.done()
        await self.end()  # a supervisor tells a hanging kernel's last words, too
        last = kernelspecs.last_sentence(self.exit.result().words) or self.exit.result().how
        why = f": {last.rstrip('.')}" if last else ""
        did = "ended before it was ready" if ended else f"was not ready within {timeout:g} seconds"
        raise KernelStartFailed(f"The kernel {self.name!r} {did}{why}.")

    async def _answers(self) -> None:
        """Return when both sockets work: a kernel_info request got its reply, and its `idle` was heard.

        Not jupyter_client's wait_for_ready, which ends with an unconditional wait of 0.2 s (notes/kernel.md §2.2).
        """
        asked = {self.send("kernel_info_request", {})}

        async def idle() -> None:
            while True:
                message = await self.iopub()
                if message.parent in asked and message.content.get("execution_state") == "idle":
                    return

        hearing = asyncio.create_task(idle())
        try:
            while (reply := await self.shell()).parent not in asked:
                pass
            self.implementation = str(reply.content.get("implementation", ""))
            while not (await asyncio.wait({hearing}, timeout=SUBSCRIBED_AFTER))[0]:
                asked.add(self.send("kernel_info_request", {}))
        finally:
            hearing.cancel()

    @property
    def memory_bytes(self) -> int:
        """Resident memory of the kernel, 0 when it is gone."""
        try:
            return int(psutil.Process(self._pid).memory_info().rss) if self._pid else 0
        except psutil.Error:
            return 0

    def send(self, kind: str, content: Mapping[str, Any]) -> str:
        """Send a request on the shell channel and return its id."""
        message = self._manager.session.send(self._shell, kind, dict(content))
        return str(message["header"]["msg_id"])

    async def iopub(self, skip: bool = False) -> Message:
        """Wait for what the kernel tells everybody; `skip` what is large."""
        return await self._receive(self._iopub, skip)

    async def shell(self) -> Message:
        """Wait for a reply."""
        return await self._receive(self._shell)

    async def _receive(self, source: zmq.asyncio.Socket, skip: bool = False) -> Message:
        while True:
            parts = await source.recv_multipart()
            if sum(map(len, parts)) < LARGE:
                message = self._decode(parts)
            elif skip:
                header, parent, _, content = _signed(parts)[1]
                return Message(json.loads(header)["msg_type"], json.loads(parent).get("msg_id"), {}, len(content))
            else:
                message = await asyncio.to_thread(self._decode, parts)
            if message:
                return message

    def _decode(self, parts: list[bytes]) -> Message | None:
        """Read a message of the wire protocol; None if it is not signed with our key.

        Session.deserialize would parse the dates too, which takes longer than all the rest.
        """
        signature, signed = _signed(parts)
        if not hmac.compare_digest(self._manager.session.sign(signed), signature):
            return None
        header, parent, _, content = signed
        return Message(json.loads(header)["msg_type"], json.loads(parent).get("msg_id"), json.loads(content))

    async def interrupt(self) -> None:
        """Interrupt the cell that runs."""
        if not self.exit.done():
            await self._manager.interrupt_kernel()

    async def end(self) -> None:
        """Kill the process and everything that it started, and forget its files; again is harmless."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        if self._lifeline:
            with contextlib.suppress(OSError):
                self._lifeline.write_eof()
            if hasattr(self, "exit"):
                await asyncio.wait({self.exit}, timeout=GRACE)
        await self._manager.shutdown_kernel(now=True)
        if hasattr(self, "_shell"):
            self._shell.close(linger=0)
            self._iopub.close(linger=0)
        if hasattr(self, "exit"):
            await self.exit
        if self._lifeline:
            self._lifeline.close()
            with contextlib.suppress(OSError):
                await self._lifeline.wait_closed()
        shutil.rmtree(self._folder, ignore_errors=True)


def _signed(parts: list[bytes]) -> tuple[bytes, list[bytes]]:
    """The signature of a message, and what it signs: header, parent, metadata and content."""
    start = parts.index(DELIM) + 1
    return parts[start], parts[start + 1 : start + 5]
