"""The attach door: LSP on stdio behind jupyter-lsp, relayed to the sidecar that this Jupyter server's pages use.

So stock jupyterlab-lsp is shown what was learned there. Where no sidecar runs yet, or any more, a session of this
process stands in: jupyter-lsp neither notices nor repairs a language server that ends, so this one goes on.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable

from ai_notebook_ls.doors import announcement, stdio, websocket
from ai_notebook_ls.doors.bus import Bus, Message
from ai_notebook_ls.lsp.server import NotebookServer

logger = logging.getLogger(__name__)

LOOK_AGAIN = 1.0
"""Seconds between looks for a sidecar: a page starts it at about the time at which it starts us."""


async def serve(open_session: Callable[[], NotebookServer]) -> int:
    """Serve the pages of a Jupyter server until stdin ends."""
    pipes = await stdio.own_pipes()
    bus = Bus(lambda message: pipes.write(_encoded(message).encode()))
    relay = asyncio.ensure_future(_relay(bus, open_session))

    async def take(body: bytes) -> None:
        bus.from_pages(body)

    try:
        await stdio.pump(pipes.reader, take)
    finally:
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
        await pipes.close()
    return 0


async def _relay(bus: Bus, open_session: Callable[[], NotebookServer]) -> None:
    """Keep the bus on the sidecar's session while there is one, and on one of our own meanwhile."""
    line = await _dialled(bus)
    while True:
        if line is None:
            own = _own(bus, open_session())
            _say("no sidecar runs for this Jupyter server: serving by itself until one does.")
            try:
                while (line := await _dialled(bus)) is None:  # noqa: ASYNC110 - another process's file
                    await asyncio.sleep(LOOK_AGAIN)
            finally:
                own.abandon()
        _say("relaying to the sidecar of this Jupyter server.")
        try:
            await asyncio.wait({line.lost})
        finally:
            await line.close()
        _say("the sidecar is gone.")
        line = None


async def _dialled(bus: Bus) -> websocket.Line | None:
    """Move the bus to the sidecar, if there is one that answers."""
    socket = await asyncio.to_thread(announcement.find)
    line = await websocket.dial(socket, lambda text: _heard(bus, text)) if socket else None
    if line is not None:
        bus.move(lambda message: line.send(_encoded(message)))
    return line


def _own(bus: Bus, session: NotebookServer) -> NotebookServer:
    session.protocol.connect(lambda body: _heard(bus, body), lambda: None)
    bus.move(lambda message: session.protocol.receive(_encoded(message)))
    return session


def _heard(bus: Bus, body: bytes | str) -> None:
    """Take what a session says; a sidecar of another version must not end what all pages share."""
    try:
        bus.from_session(json.loads(body))
    except Exception as error:
        logger.error("A message of the session could not be passed on: %s", type(error).__name__)


def _encoded(message: Message) -> str:
    return json.dumps(message, separators=(",", ":"))


def _say(what: str) -> None:
    print(f"ai-notebook-ls attach: {what}", file=sys.stderr, flush=True)
