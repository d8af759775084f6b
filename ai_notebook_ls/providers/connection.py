"""The HTTP client for a model's server: it trusts neither the server nor the environment further than it must.

Imported on first use only, for httpx2 is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2

from ai_notebook_ls.core.failures import ProviderFailed
from ai_notebook_ls.providers.presets import Preset

RESPONSE_LIMIT = 64_000_000
"""Bytes of a response, whatever is in it; errors and lists of models are read whole."""

NEEDED = frozenset(
    {
        *("accept", "authorization", "connection", "content-length", "content-type", "host", "user-agent"),
        "x-stainless-raw-response",  # the SDK's note to itself
    }
)
"""The headers of a request. The SDK adds what it reads from the user's environment for OpenAI, and what machine this is."""


def client_for(preset: Preset) -> dict[str, Any]:
    """Return how the HTTP client for a server differs from any other."""
    options: dict[str, Any] = {
        "follow_redirects": False,  # one carried a whole prompt to another origin
        "event_hooks": {"request": [_plain if preset.name == "openai" else _bare], "response": [_limit]},
    }
    if preset.local:  # HTTP_PROXY would catch 127.0.0.1, too; SSL_CERT_FILE is still read
        options["transport"] = httpx2.AsyncHTTPTransport()
    return options


async def _plain(request: httpx2.Request) -> None:
    """Ask for no compression: a small response could become a huge one."""
    request.headers["accept-encoding"] = "identity"


async def _bare(request: httpx2.Request) -> None:
    for name in set(request.headers) - NEEDED:
        del request.headers[name]
    await _plain(request)


async def _limit(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ProviderFailed("The server compresses its answers, though it was asked not to.", "Turn that off there.")
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Limited(response.stream)


class _Limited(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        async for part in self._stream:
            total += len(part)
            if total > RESPONSE_LIMIT:
                raise ProviderFailed("The server sends without end.", "Check AI_NOTEBOOK_LS_BASE_URL, and the server.")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
