"""One kernel process: started, awaited, spoken to, ended. Imports jupyter_client: only on first use."""

from __future__ import annotations

import asyncio
import errno
import hmac
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import zmq
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.session import DELIM

from ai_notebook_ls.core.failures import KernelStartFailed, KernelTrouble, NoPlace
from ai_notebook_ls.kernels import kernelspecs
from ai_notebook_ls.kernels.containment import CONNECTION_FILE, Contain, Contained
from ai_notebook_ls.kernels.folders import remove
from ai_notebook_ls.kernels.managers import ElsewhereManager, Manager
from ai_notebook_ls.kernels.messages import LARGE, Head, Inbox, Message, read_content, read_head
from ai_notebook_ls.kernels.nests import Nest
from ai_notebook_ls.kernels.provisioners import BranchProvisioner, Exit, Fork, Supervised, ZygoteProvisioner
from ai_notebook_ls.kernels.zygotes import NotForked

GRACE = 2.0
"""Seconds between a polite request (interrupt, end) and SIGKILL."""
SUBSCRIBED_AFTER = 0.02
"""Seconds after which a kernel_info request without its `idle` is repeated: the subscription came later."""
REST = 0.5
"""Seconds after a run in which another one is likely to follow at once."""
QUEUED = 32
"""Messages that ZMQ holds for us; 1000 of a kernel's largest would be half a gigabyte (launcher.py: PIECE)."""


def new_context() -> zmq.asyncio.Context:
    """Return the context that all kernels of a process share; one of its own each would cost two threads."""
    context = zmq.asyncio.Context()
    # We connect before the kernel binds, and libzmq's 100 ms would quantise the time to ready (notes/kernel.md §2.2).
    # No RECONNECT_IVL_MAX: with it the interval doubles each time, and the subscription comes too late.
    context.setsockopt(zmq.RECONNECT_IVL, 3)
    context.setsockopt(zmq.RCVHWM, QUEUED)
    return context


class KernelProcess:
    """A kernel process that can run cells, and the sockets to it."""

    exit: asyncio.Task[Exit]
    """Done as soon as the process is gone."""

    def __init__(self, name: str, spec: KernelSpec, context: zmq.asyncio.Context, nest: Nest | None) -> None:
        self.name = name
        self.implementation = ""
        """What answers, `ipython` say."""
        self._spec = spec
        self._context = context
        self._nest = nest
        self._folder = nest.enter() if nest else Path(tempfile.mkdtemp(prefix="ai-notebook-ls-"))
        manager = Manager if kernelspecs.is_local(spec) else ElsewhereManager
        self._manager = manager(name, spec, context, str(self._folder / CONNECTION_FILE))
        if nest and nest.short:
            self._manager.transport = "ipc"
            self._manager.ip = str(self._folder / "k")  # jupyter_client appends "-1" to "-5"
        self._shell: zmq.asyncio.Socket
        self._iopub: zmq.asyncio.Socket
        self._overheard = Inbox()
        """What came between two runs."""
        self._resting: asyncio.TimerHandle | asyncio.Task[None] | None = None
        self._measured = 0.0
        self._ending: asyncio.Task[None] | None = None
        self._contained: Contained | None = None

    @classmethod
    async def start(
        cls,
        name: str,
        spec: KernelSpec,
        cwd: Path | None,
        context: zmq.asyncio.Context,
        timeout: float,
        environment: Mapping[str, str],
        nest: Nest | None,
        contain: Contain | None = None,
    ) -> KernelProcess:
        """Start a kernel, in a nest where it is a local one, and wait until it can run cells.

        It is contained if it is told how. Raises KernelStartFailed, NoPlace.
        """
        try:
            process = cls(name, spec, context, nest)
        except OSError as error:
            raise NoPlace(error.strerror) from None
        if nest:
            process._manager.provisioner = ZygoteProvisioner(parent=process._manager, kernel_spec=spec)
        options = {"env": dict(environment), "cwd": str(cwd or process._folder)}
        try:
            options |= {"plan": await process._prepare(contain)} if contain else {}
            await process._launch({**options, "nest": nest} if nest else {**options, "stdout": subprocess.DEVNULL})
            await process._wait_ready(timeout)
        except BaseException as error:
            await process.end()
            if isinstance(error, KernelTrouble) or not isinstance(error, Exception):
                raise
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
                raise NoPlace(error.strerror) from None
            # A provisioner may raise anything.
            why = getattr(error, "strerror", None) or kernelspecs.last_sentence(str(error)) or type(error).__name__
            raise KernelStartFailed(f"The kernel {name!r} could not be started: {why.rstrip('.')}.") from None
        return process

    async def copy(self, fork: Fork, timeout: float, contain: Contain | None) -> KernelProcess:
        """Let `fork` have this kernel fork itself, and wait until the copy can run cells. Raises NotForked.

        It is contained if it is told how.
        """
        if self._nest is None or not self._nest.short:
            raise NotForked("it does not run here")
        try:
            copy = KernelProcess(self.name, self._spec, self._context, self._nest)
        except OSError as error:
            raise NotForked(str(error.strerror)) from None
        copy._manager.provisioner = BranchProvisioner(parent=copy._manager, kernel_spec=self._spec)
        try:
            await copy._launch({"fork": fork, "plan": await copy._prepare(contain) if contain else None})
            await copy._wait_ready(timeout)
        except KernelStartFailed as trouble:
            await copy.end()
            raise NotForked(trouble.message) from None
        except BaseException:
            await copy.end()
            raise
        return copy

    async def _prepare(self, contain: Contain) -> Mapping[str, object]:
        """Prepare what it may write to, and return the plan by which it locks itself down. Raises KernelStartFailed."""
        if self._nest is None or not self._nest.short:
            raise KernelStartFailed("Its sockets have no place in the file system.")
        try:
            self._contained = await asyncio.to_thread(contain, self._folder)
        except OSError as error:
            raise KernelStartFailed(f"The copy of its folder could not be made: {error.strerror}.") from None
        return self._contained.plan

    async def _launch(self, options: dict[str, Any]) -> None:
        await self._manager.start_kernel(**options)
        # The manager makes them from our asyncio context, which its types do not say.
        self._shell = cast(zmq.asyncio.Socket, self._manager.connect_shell(identity=self._manager.session.bsession))
        self._iopub = cast(zmq.asyncio.Socket, self._manager.connect_iopub())
        provisioner = self._manager.provisioner
        if isinstance(provisioner, Supervised) and provisioner.exit:
            self.exit = provisioner.exit
        else:
            self.exit = asyncio.create_task(self._poll())

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
        if "No module named 'ipykernel" in last or last.endswith("No module named ipykernel_launcher"):
            raise kernelspecs.missing_ipykernel(self.name, self._spec.argv)
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
        """What the kernel's end would free, as of its last measure."""
        provisioner = self._manager.provisioner
        return provisioner.memory_bytes if isinstance(provisioner, Supervised) else 0

    @property
    def withheld(self) -> str:
        """What the user must know of how it is contained; empty if nothing."""
        return self._contained.notice if self._contained else ""

    def _measure(self) -> None:
        self._measured = time.monotonic()
        if isinstance(provisioner := self._manager.provisioner, Supervised):
            provisioner.measure()

    def send(self, kind: str, content: Mapping[str, Any]) -> str:
        """Send a request on the shell channel and return its id."""
        message = self._manager.session.send(self._shell, kind, dict(content))
        return str(message["header"]["msg_id"])

    async def iopub(self, skip: bool = False) -> Message:
        """Wait for what the kernel tells everybody; `skip` what is large."""
        if self._resting:
            await self._rouse()
        if self._overheard:
            return await self._overheard.take(skip)
        return await self._receive(self._iopub, skip)

    async def shell(self) -> Message:
        """Wait for a reply."""
        return await self._receive(self._shell)

    def rest(self) -> None:
        """Take in what threads of the kernel say until the next run: else it would fill ZMQ's memory, and the kernel's."""
        if time.monotonic() > self._measured + REST:  # else when it rests: it would hold up a run that follows at once
            self._measure()
        if self._resting is None:
            loop = asyncio.get_running_loop()
            self._resting = loop.call_later(REST, self._start_listening)

    def _start_listening(self) -> None:
        self._measure()
        self._resting = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            await asyncio.sleep(0)  # a full socket never makes us wait
            await self._iopub.poll()  # a `recv` that is cancelled may have taken a message already
            if head := self._verified(await self._iopub.recv_multipart(zmq.NOBLOCK)):
                self._overheard.put(head)

    async def _rouse(self) -> None:
        """End the rest."""
        if self._resting:
            self._resting.cancel()
            if isinstance(self._resting, asyncio.Task):
                await asyncio.wait({self._resting})
            self._resting = None

    async def _receive(self, source: zmq.asyncio.Socket, skip: bool = False) -> Message:
        while True:
            parts = await source.recv_multipart()
            if sum(map(len, parts)) < LARGE:
                message = self._decode(parts)
            elif skip:
                head = _signed(parts)[1]
                message = Message(head.kind, head.parent, {}, len(head.content)) if head else None
            else:
                message = await asyncio.to_thread(self._decode, parts)
            if message:
                return message

    def _decode(self, parts: list[bytes]) -> Message | None:
        """Read a message of the wire protocol; None if it is none, or not signed with our key.

        Session.deserialize would parse the dates too, which takes longer than all the rest.
        """
        head = self._verified(parts)
        return Message(head.kind, head.parent, read_content(head.content)) if head else None

    def _verified(self, parts: list[bytes]) -> Head | None:
        """Return a message, all but its content unread; None if it is none, or not signed with our key."""
        signed, head = _signed(parts)
        return head if head and hmac.compare_digest(self._manager.session.sign(signed[1:]), signed[0]) else None

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
        provisioner = self._manager.provisioner
        if not isinstance(provisioner, Supervised):
            await self._manager.shutdown_kernel(now=True)
        elif hasattr(self, "exit"):
            await provisioner.kill()
            await self.exit
        await self._manager.cleanup_resources()
        await self._rouse()
        if hasattr(self, "_shell"):
            self._shell.close(linger=0)
            self._iopub.close(linger=0)
        if hasattr(self, "exit"):
            await self.exit
        if self._nest:
            self._nest.leave()
        if self._contained:
            await asyncio.to_thread(self._contained.close)
        await asyncio.to_thread(remove, self._folder)


def _signed(parts: list[bytes]) -> tuple[list[bytes], Head | None]:
    """The signature of a message with what it signs, header, parent, metadata and content; and the message."""
    signed = parts[parts.index(DELIM) + 1 :][:5] if DELIM in parts else []
    return signed, read_head(signed[1], signed[2], signed[4]) if len(signed) == 5 else None
