"""What a kernel says, and where it waits to be read."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any, NamedTuple

LARGE = 1_000_000
"""Bytes of a message that is read in a thread, off the event loop."""
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)
"""What reading raises where a kernel does not keep to the protocol: code that runs in it can say anything."""
WAITING_BYTES = 32 << 20
WAITING_MESSAGES = 10_000
"""What may wait to be read; the content of further output is counted and dropped."""


class Message(NamedTuple):
    """What we need of a Jupyter message."""

    kind: str
    parent: str | None
    """The id of the request that it answers."""
    content: dict[str, Any]
    skipped: int = 0
    """Bytes of content that were not read."""


class Head(NamedTuple):
    """A message whose content is still to be read."""

    kind: str
    parent: str | None
    content: bytes
    skipped: int = 0

    @property
    def ends(self) -> bool:
        """Whether it says that the kernel, and all that it held, is gone."""
        if self.kind == "status" and self.parent is None:  # jupyter_server's own, when a kernel died
            return read_content(self.content).get("execution_state") in ("restarting", "dead")
        return self.kind == "shutdown_reply"


def read_head(header: bytes, parent: bytes, content: bytes) -> Head | None:
    """Return a message, all but its content; None where it is none."""
    try:
        kind, asked = json.loads(header)["msg_type"], json.loads(parent).get("msg_id")
    except MALFORMED:
        return None
    return Head(kind, asked, content) if isinstance(kind, str) and isinstance(asked, (str, type(None))) else None


def read_content(content: bytes) -> dict[str, Any]:
    """Return a message's content, empty where it is none."""
    try:
        found = json.loads(content)
    except MALFORMED:
        return {}
    return found if isinstance(found, dict) else {}


class Inbox:
    """Messages that wait to be read. Bounded: nobody reads what a thread of the kernel prints between two runs."""

    def __init__(self) -> None:
        self._heads: deque[Head] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len(self._heads)

    def put(self, head: Head) -> None:
        """Add a message; the kernel's status is never dropped."""
        full = self._bytes > WAITING_BYTES or len(self._heads) > WAITING_MESSAGES
        if full and head.kind != "status":
            head = head._replace(content=b"", skipped=len(head.content))
            last = self._heads[-1]
            if last.skipped and last[:2] == head[:2]:
                head = head._replace(skipped=head.skipped + self._heads.pop().skipped)
        self._heads.append(head)
        self._bytes += len(head.content)
        self._arrived.set()

    async def take(self, skip: bool = False) -> Message:
        """Wait for the next message; `skip` the content of a large one."""
        while not self._heads:
            self._arrived.clear()
            await self._arrived.wait()
        kind, parent, content, skipped = self._heads.popleft()
        self._bytes -= len(content)
        if skipped or (skip and len(content) >= LARGE):
            return Message(kind, parent, {}, skipped or len(content))
        if len(content) < LARGE:
            return Message(kind, parent, read_content(content))
        return Message(kind, parent, await asyncio.to_thread(read_content, content))
