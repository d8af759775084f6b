"""A sidecar kernel on a Jupyter server: a LiveKernel over REST and one WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.failures import (
    KernelspecMissing,
    KernelStartFailed,
    KernelTrouble,
    RemoteFailed,
    RemoteUnreachable,
)
from ai_notebook_ls.kernels.jupyter_server import MESSAGE_LIMIT, JupyterServer, in_thread
from ai_notebook_ls.kernels.kernelspecs import NATIVE
from ai_notebook_ls.kernels.messages import Head, Inbox, Message
from ai_notebook_ls.kernels.process import GRACE
from ai_notebook_ls.kernels.provisioners import Exit
from ai_notebook_ls.settings import Settings

LOOK, POLL = 1.0, 5.0
"""Seconds until a first look whether a kernel that has not replied yet is still there, and between further ones."""
TRIES = 10
"""How often, once a second, a server is asked to delete a kernel that it will not let go of."""
TOO_BIG = 1009
"""The WebSocket's close code for a message over the limit."""
HEAD = struct.Struct("<7Q")
"""The count of offsets, and those of channel, header, parent header, metadata, content and content's end."""


class Gone(Exit):
    """How a remote kernel ended: nobody tells an exit code, the words say it."""

    @property
    def how(self) -> str:
        """A clause for the user."""
        return self.words


class RemoteKernel:
    """A kernel on a Jupyter server, and the WebSocket to it (see LiveKernel)."""

    memory_bytes = 0

    def __init__(self, server: JupyterServer) -> None:
        loop = asyncio.get_running_loop()
        self.exit: asyncio.Future[Exit] = loop.create_future()
        """Done as soon as the kernel is gone, or out of reach: what it held is lost to us either way."""
        self.implementation = ""
        self.place = f"runs on {server.host}; how isolated, that server decides"
        self._server = server
        self._session = uuid.uuid4().hex
        self._id: asyncio.Task[str] | None = None
        self._connection: ClientConnection | None = None
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._iopub, self._shell = Inbox(), Inbox()
        self._unanswered = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._ending: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, notebook: Notebook, settings: Settings) -> RemoteKernel:
        """Start a kernel and wait until it can run cells. Raises KernelTrouble."""
        server = JupyterServer.of(settings.remote, os.environ)
        kernel, limit = cls(server), settings.run.start_timeout
        try:
            await asyncio.wait_for(kernel._open(notebook, settings.remote.folder, limit), limit)
        except BaseException as error:
            await kernel.end()
            if isinstance(error, asyncio.TimeoutError):
                raise KernelStartFailed(
                    f"The kernel on {server.host} was not ready within {limit:g} seconds.",
                    "Try again, or ask its owner.",
                ) from None
            raise
        return kernel

    async def _open(self, notebook: Notebook, folder: str, limit: float) -> None:
        name = await self._name(notebook)
        # A task of its own: should we be cancelled meanwhile, `end` must know which kernel to delete.
        self._id = asyncio.create_task(self._create(name, folder, limit))
        identity = await asyncio.shield(self._id)
        self._connection = await self._server.channels(identity, self._session, limit)
        self._tasks = [asyncio.create_task(work) for work in (self._hear(), self._speak(), self._watch())]
        request = self.send("kernel_info_request", {})
        answering = asyncio.create_task(self._reply(request))
        either: set[asyncio.Future[Any]] = {answering, self.exit}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            answering.cancel()
        if not answering.done():
            raise KernelStartFailed(f"The kernel {name!r} ended before it was ready: {self.exit.result().how}.", "")
        self.implementation = str(answering.result().get("implementation", ""))

    async def _name(self, notebook: Notebook) -> str:
        """Which of the server's kernels is the notebook's. Raises KernelspecMissing."""
        specs = await in_thread(self._server.kernelspecs)
        language = "python" if notebook.language.lower() in ("", "ipython") else notebook.language.lower()
        alike = [name for name, it in specs.items() if str(it["spec"]["language"]).lower() == language]
        name = notebook.kernel_name or next((each for each in (NATIVE, *alike) if each in alike), language)
        if name not in specs:
            raise KernelspecMissing(name, list(specs), f"on {self._server.host}")
        return name

    async def _create(self, name: str, folder: str, limit: float) -> str:
        model = await self._server.ask("POST", "kernels", {"name": name, "path": folder}, limit)
        if not isinstance(model, dict) or not isinstance(model.get("id"), str):
            raise RemoteUnreachable(f"The server at {self._server.host} starts no kernels.")
        return str(uuid.UUID(model["id"]))  # it becomes part of addresses

    async def _reply(self, request: str) -> dict[str, Any]:
        while (message := await self.shell()).parent != request:
            pass
        return message.content

    @property
    def withheld(self) -> str:
        """Nothing is: it is not contained."""
        return ""

    def send(self, kind: str, content: Mapping[str, Any]) -> str:
        """Send a request on the shell channel and return its id."""
        name = uuid.uuid4().hex
        header = {
            "msg_id": name,
            "msg_type": kind,
            "session": self._session,
            "username": "",
            "date": datetime.now(timezone.utc).isoformat(),
            "version": "5.3",
        }
        self._outgoing.put_nowait(frame("shell", header, content))
        self._unanswered.set()
        return name

    async def iopub(self, skip: bool = False) -> Message:
        """Wait for what the kernel tells everybody; `skip` what is large."""
        return await self._iopub.take(skip)

    async def shell(self) -> Message:
        """Wait for a reply."""
        return await self._shell.take()

    def rest(self) -> None:
        """Nothing to do: all that comes is read, and waits in the inbox."""

    async def interrupt(self) -> None:
        """Interrupt the cell that runs; whoever sees no effect ends the kernel."""
        if self._id and not self.exit.done():
            with contextlib.suppress(KernelTrouble):
                await self._server.ask("POST", f"kernels/{self._id.result()}/interrupt", timeout=2 * GRACE)

    async def end(self) -> None:
        """Delete the kernel; where that takes the server long, it goes on in the background."""
        if self._ending is None:
            self._leave("")
            self._ending = asyncio.create_task(self._end())
        await asyncio.wait({self._ending}, timeout=2 * GRACE)

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._connection:
            await self._connection.close()
        if self._id:
            await self._delete(self._id)

    async def _delete(self, made: asyncio.Task[str]) -> None:
        for _ in range(TRIES):
            try:
                await self._server.ask("DELETE", f"kernels/{await made}")
                return
            except RemoteFailed:  # jupyter_server says 500 while it restarts a kernel that died
                await asyncio.sleep(1)
            except KernelTrouble:
                return

    def _leave(self, how: str) -> None:
        """Note that the kernel is gone."""
        if not self.exit.done():
            self.exit.set_result(Gone(None, how))

    async def _hear(self) -> None:
        """Read what comes, until nothing can come any more."""
        assert self._connection
        how = f"the connection to {self._server.host} was lost"
        try:
            async for data in self._connection:
                _acknowledge(self._connection)
                channel, head = read_frame(data if isinstance(data, bytes) else data.encode())
                if head.ends:
                    how = f"{self._server.host} ended or restarted it"
                    break
                if channel == "iopub":
                    self._iopub.put(head)
                elif channel == "shell":
                    self._unanswered.clear()
                    self._shell.put(head)
        except ConnectionClosed as error:
            if error.sent and error.sent.code == TOO_BIG:
                how = f"it sent more than {MESSAGE_LIMIT >> 20} MB at once"
        except (struct.error, ValueError, LookupError, TypeError, AttributeError):
            how = f"{self._server.host} sent what is no message of a kernel"
        self._leave(how)

    async def _speak(self) -> None:
        assert self._connection
        with contextlib.suppress(ConnectionClosed):  # _hear tells
            while True:
                await self._connection.send(await self._outgoing.get())

    async def _watch(self) -> None:
        """Notice a kernel that was culled or deleted without a word: its WebSocket stays open."""
        assert self._id
        while not self.exit.done():
            await self._unanswered.wait()
            await asyncio.sleep(LOOK)
            while self._unanswered.is_set() and not self.exit.done():
                with contextlib.suppress(KernelTrouble):
                    if await self._server.ask("GET", f"kernels/{self._id.result()}") is None:
                        self._leave(f"{self._server.host} has ended it")
                await asyncio.sleep(POLL)


def frame(channel: str, header: Mapping[str, Any], content: Mapping[str, Any]) -> bytes:
    """Put a request into a frame of the WebSocket protocol v1.kernel.websocket.jupyter.org."""
    parts = [channel.encode(), *(json.dumps(part).encode() for part in (header, {}, {}, content))]
    offsets = [HEAD.size]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return HEAD.pack(len(offsets), *offsets) + b"".join(parts)


def read_frame(data: bytes) -> tuple[str, Head]:
    """Read a frame's channel and message, all but the content; buffers (of widgets) are left out."""
    _, channel, header, parent, metadata, content, end = HEAD.unpack_from(data)
    kind = json.loads(data[header:parent])["msg_type"]
    asked = json.loads(data[parent:metadata]).get("msg_id")
    return data[channel:header].decode(), Head(str(kind), asked, data[content:end])


def _acknowledge(connection: ClientConnection) -> None:
    """Tell the server at once that its frame came: else Nagle's algorithm there holds back the next for 40 ms."""
    if hasattr(socket, "TCP_QUICKACK"):  # Linux
        connection.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
