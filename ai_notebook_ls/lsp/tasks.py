"""Long work by its token, so that `window/workDoneProgress/cancel` stops it as `$/cancelRequest` does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from lsprotocol import types as t
from pygls.exceptions import JsonRpcRequestCancelled

T = TypeVar("T")


class Tasks:
    """What one session is doing."""

    def __init__(self) -> None:
        self._by_token: dict[str | int, asyncio.Task[Any]] = {}
        self._stopped: set[str | int] = set()

    async def run(self, token: str | int, work: Coroutine[Any, Any, T]) -> T:
        """Await work that its token can cancel; cancelling the caller cancels it too.

        Raises JsonRpcRequestCancelled when it was the token: the request still gets its one answer.
        """
        task = asyncio.ensure_future(work)
        self._by_token[token] = task
        try:
            return await task
        except asyncio.CancelledError:
            if token in self._stopped:
                raise JsonRpcRequestCancelled("Cancelled.", t.LSPErrorCodes.RequestCancelled.value) from None
            raise
        finally:
            self._by_token.pop(token, None)
            self._stopped.discard(token)

    def cancel(self, token: str | int) -> None:
        """Cancel the work of a token; unknown tokens are ignored."""
        if (task := self._by_token.get(token)) is not None:
            self._stopped.add(token)
            task.cancel()
