"""A chat server without a model, in a process of its own, for what a client costs: the model's name says how it answers.

`paced-MS-N`: N tokens, the first after MS milliseconds and then one each MS. `once-N`: N tokens in one write.
`endless`: a token each millisecond until the client goes; `GET /left` then tells when its going was seen.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
TOKEN = " token"
CALM = 0.001
"""Seconds between two tokens of `endless`."""


def event(delta: dict[str, str], finish: str | None = None) -> bytes:
    """Return an event as servers write it."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(whole).encode() + b"\n\n"


EACH = event({"content": TOKEN})
LAST = event({}, "stop") + b"data: [DONE]\n\n"


def chunk(data: bytes) -> bytes:
    """Return one HTTP chunk."""
    return b"%x\r\n%s\r\n" % (len(data), data)


class TokenServer:
    """One port, any number of connections."""

    def __init__(self) -> None:
        self.left: asyncio.Queue[float] = asyncio.Queue()

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests until the client goes."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = head.partition("content-length:")[2].partition("\r\n")[0]
                body = await reader.readexactly(int(length or 0))
                if head.startswith("get"):
                    answer = {"left": await self.left.get()} if "/left" in head else {"data": [{"id": "once-1"}]}
                    data = json.dumps(answer).encode()
                    kind = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
                    writer.write(kind % len(data) + data)
                else:
                    writer.write(STREAM)
                    await self.answer(json.loads(body)["model"].split("-"), reader, writer)
                    writer.write(chunk(LAST) + b"0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, model: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Write the tokens."""
        how, *numbers = model
        if how == "once":
            writer.write(chunk(EACH * int(numbers[0])))
        elif how == "paced":
            pause, count = int(numbers[0]) / 1e3, int(numbers[1])
            for _ in range(count):
                await asyncio.sleep(pause)
                writer.write(chunk(EACH))
        else:
            gone = asyncio.ensure_future(reader.read(1))
            while not (await asyncio.wait({gone}, timeout=CALM))[0]:
                writer.write(chunk(EACH))
            self.left.put_nowait(time.monotonic())
            raise gone.exception() or ConnectionError


@asynccontextmanager
async def token_server() -> AsyncIterator[str]:
    """Start one; give its base URL."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.token_server", stdout=pipe)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}/v1"
    finally:
        process.kill()
        await process.wait()


async def main() -> None:
    """Serve, and say on which port."""
    server = await asyncio.start_server(TokenServer().connection, "127.0.0.1")
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
