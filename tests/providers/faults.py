"""A chat server with many ways to misbehave, over a real socket: the model's name in the request picks one."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
DONE = b"data: [DONE]\n\n"
CLOSE = False
"""What a mode returns to have the connection closed."""

ECHO = "<<the key that was sent>>"


def sse(data: object) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()) + b"\n\n"


def token(text: str | None, finish: str | None = None, **extra: object) -> bytes:
    delta = {} if text is None else {"content": text}
    return sse({"model": "m-1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **extra})


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def usage(prompt: int, answer: int) -> bytes:
    return sse({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": answer}})


END = [token(None, "stop"), DONE]
WELL = [token("Hel"), token("lo"), token(None, "stop"), usage(600, 3), DONE]
CALL = {"function": {"arguments": '{"a": tr'}}
"""A tool call whose arguments are cut off."""

STREAMS: dict[str, list[bytes]] = {
    "good": WELL,
    "pieces": [bytes([each]) for each in b": keep-alive\r\n\r\n" + b"".join([token("café\u2028😀"), *END])],
    "carriage": [b"".join(WELL).replace(b"\n", b"\r\n")],
    "cut": [token("Hel"), token("lo")],
    "unfinished": [token("Hel"), token("lo"), DONE],
    "length": [token("Hel"), token(None, "length"), DONE],
    "filter": [token("Hel"), token(None, "content_filter"), DONE],
    "tools": [sse({"choices": [{"delta": {"tool_calls": [CALL]}, "finish_reason": "tool_calls"}]}), DONE],
    "nothing": [],
    "thinking": [token("<th"), token("ink>\nHm. Hello?"), token("</think>\n\nHel"), token("lo"), *END],
    "thoughts": [token("<think>Hm"), *END],
    "blank": [token("  \n"), token(None, "stop"), DONE],
    "empty": [token(None, "stop"), DONE],
    "bad json": [token("Hel"), sse(b"{oops"), token(None, "stop"), DONE],
    "list": [sse([1, 2]), DONE],
    "null": [sse(b"null"), DONE],
    "deep": [sse(b"[" * 200_000), DONE],
    "wrong types": [sse({"choices": [{"delta": {"content": ["list"]}, "index": "zero"}]}), sse({"choices": "x"}), DONE],
    "error within": [token("Hel"), sse({"error": {"message": "CUDA out of memory", "code": 500}})],
    "error echo": [sse({"error": {"message": f"bad key {ECHO} for\nprice_of_the_secret_thing = 41"}})],
    "huge": [token("A" * 3_000_000), token(None, "stop"), DONE],
    "long": [*([token("A" * 100_000)] * 5), token(None, "stop"), DONE],
    "short prompt": [token("Hel"), token(None, "stop"), usage(90, 1), DONE],
    "window": [token("Hel"), token(None, "stop"), usage(4000, 96), DONE],
}  # fmt: skip

ANSWERS: dict[str, tuple[int, object, str]] = {
    "html": (200, b"<html><body>Log in to the hotel</body></html>", ""),
    "empty body": (200, b"", ""),
    "401": (401, {"error": {"message": f"Incorrect API key provided: {ECHO}"}}, ""),
    "403": (403, {"error": {"message": "no"}}, ""),
    "404": (404, {"error": {"message": "model 'x' not found, try pulling it first"}}, ""),
    "404 html": (404, b"<html>nothing here</html>", ""),
    "407": (407, b"", ""),
    "429": (429, {"error": {"message": "Rate limit"}}, "retry-after: 90\r\n"),
    "429 quota": (429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}, ""),
    "400 context": (400, {"error": {"message": "the request exceeds the available context size"}}, ""),
    "422 echo": (422, {"detail": [{"input": "price_of_the_secret_thing = 41", "msg": "bad"}]}, ""),
    "500": (500, b"Internal <b>error</b>", ""),
    "503": (503, {"error": {"message": "Loading model"}}, ""),
}


@dataclass
class FaultServer:
    """What it was sent, and what became of its connections."""

    elsewhere: str = ""
    """Where mode `redirect` leads."""
    replies: list[str] = field(default_factory=list)
    """What mode `replies` answers with, one after the other."""
    models: object = field(default_factory=lambda: {"data": [{"id": "good"}]})
    loaded: object = field(default_factory=dict)
    """What Ollama's `/api/ps` tells."""
    bodies: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The paths of what was asked for without a body."""
    headers: list[Mapping[str, str]] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """A client has closed its connection before the answer's end."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0
    most: int = 0
    """Requests worked on at the same time."""
    failures: int = 0
    """How often `recovers` still fails."""
    base_url: str = ""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    tokens: int = 10_000
    """Of mode `many`."""

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            while await self.request(reader, writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # Python 3.11 complains of a connection's task that ends as cancelled
        finally:
            writer.close()

    async def request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.headers.append(headers)
        if first.startswith("GET"):
            self.asked.append(first.split(" ")[1])
            known = self.loaded if first.startswith("GET /api/ps") else self.models if "/v1/models" in first else None
            return self.plain(writer, 404 if known is None else 200, b"" if known is None else known, headers)
        self.bodies.append(body)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            return await self.answer(json.loads(body), headers, reader, writer)
        finally:
            self.at_once -= 1

    async def answer(
        self,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        mode = body["model"]
        if mode in STREAMS:
            cut = mode == "cut"
            parts = [self.echoed(part, headers) for part in STREAMS[mode]]
            writer.write(STREAM + b"".join(map(chunk, filter(None, parts))) + (b"" if cut else b"0\r\n\r\n"))
            return not cut
        if mode in ANSWERS:
            return self.plain(writer, *ANSWERS[mode][:2], headers, ANSWERS[mode][2])
        special: Callable[..., Awaitable[bool]] = getattr(self, f"mode_{mode}")
        return await special(body, headers, reader, writer)

    def plain(
        self, writer: asyncio.StreamWriter, status: int, body: object, headers: Mapping[str, str], extra: str = ""
    ) -> bool:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if data.startswith((b"<", b"Internal")) else "application/json"
        data = self.echoed(data, headers)
        head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(data)}\r\n{extra}\r\n"
        writer.write(head.encode() + data)
        return True

    def echoed(self, data: bytes, headers: Mapping[str, str]) -> bytes:
        return data.replace(ECHO.encode(), headers.get("authorization", "").removeprefix("Bearer ").encode())

    async def mode_slow(
        self, body: Any, headers: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """A first piece, and then nothing until the client goes."""
        writer.write(STREAM + chunk(token("Hel")))
        await writer.drain()
        return await self.mode_hang(body, headers, reader, writer)

    async def mode_hang(
        self, body: Any, headers: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        self.begun.set()
        await reader.read(1)
        self.left.set()
        return CLOSE

    async def mode_drip(
        self, body: Any, headers: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """A comment now and then: no time limit for one read ever passes."""
        writer.write(STREAM)
        while not reader.at_eof():
            writer.write(chunk(b":\n"))
            await writer.drain()
            try:
                await asyncio.wait_for(reader.read(1), 0.05)
            except asyncio.TimeoutError:
                continue
        self.left.set()
        return CLOSE

    async def mode_endless(
        self, body: Any, headers: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """One line without an end."""
        writer.write(STREAM + chunk(b"data: "))
        while True:
            writer.write(chunk(b"A" * 65_536))
            await writer.drain()

    async def mode_flood(
        self, body: Any, headers: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """An error that has no end."""
        writer.write(b"HTTP/1.1 500 X\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(chunk(b"A" * 65_536))
            await writer.drain()

    async def mode_zipped(self, body: Any, headers: Any, reader: Any, writer: asyncio.StreamWriter) -> bool:
        """A small error that becomes a large one."""
        data = gzip.compress(bytes(10_000_000))
        head = f"HTTP/1.1 500 X\r\ncontent-encoding: gzip\r\ncontent-length: {len(data)}\r\n\r\n"
        writer.write(head.encode() + data)
        return True

    async def mode_reset(
        self, body: Any, headers: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        writer.write(STREAM + chunk(token("Hel")))
        await writer.drain()
        writer.transport.abort()
        return CLOSE

    async def mode_redirect(self, body: Any, headers: Any, reader: Any, writer: asyncio.StreamWriter) -> bool:
        return self.plain(writer, 307, b"", headers, f"location: {self.elsewhere}/chat/completions\r\n")

    async def mode_recovers(
        self, body: Any, headers: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        if self.failures:
            self.failures -= 1
            return self.plain(writer, 503, {"error": {"message": "Loading model"}}, headers, "retry-after: 0\r\n")
        return await self.answer({**body, "model": "good"}, headers, reader, writer)

    async def mode_old(
        self, body: Any, headers: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """A server that knows nothing of stream_options."""
        if "stream_options" in body:
            return self.plain(writer, 400, {"error": {"message": "Unrecognized argument: stream_options"}}, headers)
        return await self.answer({**body, "model": "good"}, headers, reader, writer)

    async def mode_replies(self, body: Any, headers: Any, reader: Any, writer: asyncio.StreamWriter) -> bool:
        text = self.replies.pop(0)
        pieces = [token(text[start : start + 12]) for start in range(0, len(text), 12)]
        writer.write(STREAM + b"".join(map(chunk, [*pieces, *END])) + b"0\r\n\r\n")
        return True

    async def mode_many(self, body: Any, headers: Any, reader: Any, writer: asyncio.StreamWriter) -> bool:
        """A whole long answer at once."""
        writer.write(STREAM + chunk(token(" tok") * self.tokens + token(None, "stop") + DONE) + b"0\r\n\r\n")
        return True


@asynccontextmanager
async def fault_server(tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[FaultServer]:
    """Serve on a free port of this machine."""
    faults = FaultServer(**options)
    server = await asyncio.start_server(faults.connection, "127.0.0.1", limit=1 << 24, ssl=tls)
    async with server:
        faults.base_url = f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield faults
    for task in faults.tasks:
        task.cancel()
    await asyncio.gather(*faults.tasks, return_exceptions=True)
