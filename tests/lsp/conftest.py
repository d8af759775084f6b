"""An in-process peer: speaks JSON-RPC to a session without any transport."""

import asyncio
import json
from typing import Any

import pytest

from ai_notebook_ls.lsp.server import NotebookServer


class Peer:
    """The other end of a session's connection."""

    def __init__(self, session: NotebookServer) -> None:
        self.session = session
        self.sent: list[dict[str, Any]] = []
        self.closed = asyncio.Event()
        self._news = asyncio.Event()
        session.protocol.connect(self._take, self.closed.set)

    def _take(self, body: bytes) -> None:
        self.sent.append(json.loads(body))
        self._news.set()

    def send(self, **message: Any) -> None:
        self.session.protocol.receive(json.dumps({"jsonrpc": "2.0", **message}))

    def answers(self, msg_id: Any) -> list[dict[str, Any]]:
        return [m for m in self.sent if "method" not in m and m.get("id") == msg_id]

    async def answer(self, msg_id: Any) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while not (found := self.answers(msg_id)):
                self._news.clear()
                await self._news.wait()
        return found[0]

    async def request(self, method: str, params: Any = None, msg_id: Any = None) -> dict[str, Any]:
        msg_id = msg_id if msg_id is not None else f"{method}-{len(self.sent)}"
        self.send(id=msg_id, method=method, params=params)
        return await self.answer(msg_id)

    async def initialize(self, capabilities: dict[str, Any] | None = None) -> dict[str, Any]:
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or {}}
        answer = await self.request("initialize", params, "init")
        self.send(method="initialized", params={})
        return answer["result"]


@pytest.fixture
async def peer() -> Peer:
    return Peer(NotebookServer())
