"""The stdio door: LSP's base protocol over stdin and stdout, one session, the process ends with it."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import stat
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import BinaryIO

from ai_notebook_ls.lsp.server import NotebookServer

logger = logging.getLogger(__name__)

MESSAGE_LIMIT = 64 << 20
"""Bytes of one message; a notebook with its sources fits many times over."""

HEADER_LIMIT = 8192
"""Bytes of one message's headers."""
CONTENT_LENGTH = re.compile(rb"^content-length:\s*(\d{1,12})\s*$", re.IGNORECASE | re.MULTILINE)
NAMED = re.compile(rb"^content-length\s*:", re.IGNORECASE | re.MULTILINE)
CHUNK = 1 << 16
CLOSE_TIMEOUT = 2.0
"""Seconds that a client gets to read our last words."""


class BadFraming(Exception):
    """What came is not LSP's base protocol; where the next message begins is not known."""


@dataclass(frozen=True)
class Pipes:
    """stdin and stdout, for messages only."""

    reader: asyncio.StreamReader
    write: Callable[[bytes], None]
    """Writes one message, framed; does not block."""
    close: Callable[[], Awaitable[None]]


async def serve(session: NotebookServer) -> int:
    """Serve one session until it ends; return the exit code (LSP 3.17, `exit`: 0 only after `shutdown`)."""
    pipes = await own_pipes()
    done = asyncio.Event()
    session.protocol.connect(pipes.write, done.set)
    reading = asyncio.ensure_future(pump(pipes.reader, session.protocol.receive_in_turn))
    ended = asyncio.ensure_future(done.wait())
    try:
        await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        reading.cancel()
        ended.cancel()
        await asyncio.gather(reading, ended, return_exceptions=True)
        session.abandon()
        await pipes.close()
    return 0 if session.protocol.was_shut_down else 1


async def own_pipes() -> Pipes:
    """Take stdin and stdout, and begin to read."""
    stdin, stdout = _own_stdio()
    reader = asyncio.StreamReader(limit=HEADER_LIMIT)  # bodies are read by their length, which has its own limit
    write, close_output = await _writer(stdout)
    close_input = await _feed(reader, stdin)

    async def close() -> None:
        close_input()
        await close_output()

    return Pipes(reader, write, close)


async def pump(reader: asyncio.StreamReader, take: Callable[[bytes], Awaitable[None]]) -> None:
    """Hand over every message, until the stream ends or makes no sense."""
    try:
        while (body := await read_message(reader)) is not None:
            await take(body)
    except BadFraming as error:
        logger.error("The client does not speak LSP: %s", error)


async def read_message(reader: asyncio.StreamReader) -> bytes | None:
    """Read one message's body; None at the end of the stream, also in the middle of a message. Raises BadFraming."""
    try:
        while not (header := await reader.readuntil(b"\r\n\r\n")).strip():
            pass  # blank lines between messages
    except asyncio.LimitOverrunError:
        raise BadFraming(f"the header does not end within {HEADER_LIMIT} bytes") from None
    except asyncio.IncompleteReadError:
        return None
    lengths = CONTENT_LENGTH.findall(header)
    if len(lengths) != 1 or len(NAMED.findall(header)) != 1:
        raise BadFraming(f"{len(lengths) or 'no'} usable Content-Length")
    if (size := int(lengths[0])) > MESSAGE_LIMIT:
        raise BadFraming(f"a message of {size} bytes")
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError:
        return None


def _own_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for ourselves: a library's stray print goes to stderr, not into the protocol."""
    stdin, stdout = os.fdopen(os.dup(0), "rb", 0), os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    os.close(devnull)
    return stdin, stdout


async def _feed(reader: asyncio.StreamReader, stdin: BinaryIO) -> Callable[[], None]:
    """Feed stdin to the reader; return what stops it.

    Pipes are read by the loop itself; upstream's reader makes a thread hop per header line, in a pool that thread
    handlers can fill, which leaves the server deaf. What the loop cannot read (files, Windows) gets its own thread, and so
    does a device: the loop would take /dev/null, but never hear of its end.
    """
    loop = asyncio.get_running_loop()
    if sys.platform != "win32" and not stat.S_ISCHR(os.fstat(stdin.fileno()).st_mode):
        try:
            transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stdin)
        except ValueError:  # a regular file
            pass
        else:
            return transport.close
    threading.Thread(target=_read_in_thread, args=(loop, reader, stdin), daemon=True, name="stdin").start()
    return lambda: None


def _read_in_thread(loop: asyncio.AbstractEventLoop, reader: asyncio.StreamReader, stdin: BinaryIO) -> None:
    try:
        while chunk := os.read(stdin.fileno(), CHUNK):
            loop.call_soon_threadsafe(reader.feed_data, chunk)
        loop.call_soon_threadsafe(reader.feed_eof)
    except (OSError, RuntimeError):  # closed, or the loop has ended
        pass


async def _writer(stdout: BinaryIO) -> tuple[Callable[[bytes], None], Callable[[], Awaitable[None]]]:
    """Return what writes one message, framed, and what closes after the last one.

    A pipe is written by the loop: a client that reads slowly must not stop the kernels' outputs from being drained.
    """
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        try:
            transport, protocol = await loop.connect_write_pipe(_Closed, stdout)
        except ValueError:  # a regular file
            pass
        else:

            async def close() -> None:
                transport.close()
                await asyncio.wait({protocol.closed}, timeout=CLOSE_TIMEOUT)

            return lambda body: transport.write(_framed(body)), close

    async def close_file() -> None:
        stdout.close()

    return lambda body: _write_all(stdout, _framed(body)), close_file


class _Closed(asyncio.BaseProtocol):
    """Says when all was written and the pipe is closed."""

    def __init__(self) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


def _framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _write_all(stdout: BinaryIO, message: bytes) -> None:
    rest = memoryview(message)
    try:
        while rest:
            rest = rest[stdout.write(rest) :]
    except (BrokenPipeError, ValueError):
        logger.info("The client is gone")
