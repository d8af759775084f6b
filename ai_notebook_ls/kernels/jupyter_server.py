"""A Jupyter server, or kernel gateway, as a client sees it: its REST API and the WebSocket of a kernel.

With what we have anyway, urllib and websockets: jupyter_kernel_client 1.0.2, made for this, waits 30 s on a wrong token
and then goes on, does not notice that its server is gone, puts the token into URLs, and brings pyarrow (docs/remote.md).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import http.client
import json
import logging
import os
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from ai_notebook_ls.core.failures import (
    AssistError,
    RemoteFailed,
    RemoteMisconfigured,
    RemoteRefused,
    RemoteUnreachable,
)
from ai_notebook_ls.kernels.kernelspecs import last_sentence
from ai_notebook_ls.settings import PREFIX, RemoteSettings

T = TypeVar("T")

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
PATIENCE = 10.0
"""Seconds that the server may take to answer what should cost it nothing."""
ANSWER_LIMIT = 4 << 20
"""Bytes of an answer; kernelspecs bring their logos only as addresses."""
MESSAGE_LIMIT = 256 << 20
"""Bytes of one message of a kernel."""
FRAMES = 16
"""Frames that wait to be read before TCP holds the server back."""
SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"
"""Messages as their parts, so that what is large can be skipped unread; jupyter_server speaks it since 1.16."""

_quiet = logging.getLogger(f"{__name__}.websocket")
_quiet.setLevel(logging.INFO)  # at DEBUG, websockets logs headers, the token among them, and what cells print


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuse redirects: the token is for the server that was named."""

    def redirect_request(self, *_: Any) -> None:
        return None


class _Connect(connect):
    """Refuse redirects here, too."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class JupyterServer:
    """A Jupyter server that runs kernels for us."""

    def __init__(self, url: str, token: str) -> None:
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            raise RemoteMisconfigured("The setting `remote.url` is not an address.", "Give https://HOST/ .") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RemoteMisconfigured("The setting `remote.url` is not a web address.", "Give https://HOST/ .")
        if parts.query or parts.fragment or parts.username or parts.password:
            raise RemoteMisconfigured(
                "The setting `remote.url` holds more than the address of a server.",
                f"Give it without the part from `?` on, and the token in {PREFIX}REMOTE_TOKEN.",
            )
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise RemoteMisconfigured("The token of the remote server holds characters that no token has.")
        self.host = f"{parts.hostname}{port}"
        """How sentences name it."""
        self._url = url.rstrip("/")
        self.open = parts.scheme == "http" and parts.hostname not in LOOPBACK
        """Whether all can be read on the way, the token among it."""
        self._direct = parts.hostname in LOOPBACK  # whatever proxy the environment names: it is not our loopback
        self._headers = {"Authorization": f"token {token}"} if token else {}
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if self._direct:
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    @classmethod
    def of(cls, settings: RemoteSettings, environment: Mapping[str, str]) -> JupyterServer:
        """Return the server that the settings name. Raises RemoteMisconfigured."""
        return cls(settings.url, read_token(settings, environment))

    async def ask(self, method: str, path: str, body: object = None, timeout: float = PATIENCE) -> Any:
        """Call the REST API; return the answer, or None if there is no such thing (404).

        Raises RemoteUnreachable, RemoteRefused, RemoteFailed. A cancelled call goes on, unheard, until its time is over.
        """
        return await in_thread(lambda: self.call(method, path, body, timeout))

    def call(self, method: str, path: str, body: object = None, timeout: float = PATIENCE) -> Any:
        """Do what `ask` does, while one waits."""
        data = json.dumps(body).encode() if body is not None else b"" if method == "POST" else None
        headers = {**self._headers, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._url}/api/{path}", data, headers, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=timeout) as response:
                text = response.read(ANSWER_LIMIT)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == http.client.NOT_FOUND:
                    return None
                raise self._refusal(error.code, error.read(ANSWER_LIMIT)) from None
        except urllib.error.URLError as error:
            raise self._unreachable(error.reason) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None
        try:
            return json.loads(text) if text else {}
        except ValueError:
            raise RemoteUnreachable(f"What answers at {self.host} is not a Jupyter server.") from None

    def kernelspecs(self) -> dict[str, Any]:
        """Return the kernelspecs by name, while one waits. Raises RemoteUnreachable, RemoteRefused, RemoteFailed."""
        found = self.call("GET", "kernelspecs")
        specs = found.get("kernelspecs") if isinstance(found, dict) else None
        if not isinstance(specs, dict):
            raise RemoteUnreachable(f"There is no Jupyter server at this address of {self.host}.")
        return specs

    async def channels(self, kernel: str, session: str, timeout: float) -> ClientConnection:
        """Open the WebSocket of a kernel. Raises RemoteUnreachable, RemoteRefused, RemoteFailed."""
        url = f"ws{self._url.removeprefix('http')}/api/kernels/{kernel}/channels?session_id={session}"
        try:
            connection = await _Connect(
                url,
                additional_headers=self._headers,
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item] # a NewType of str
                compression=None,
                proxy=None if self._direct else True,
                open_timeout=timeout,
                close_timeout=1,
                max_size=MESSAGE_LIMIT,
                max_queue=FRAMES,
                logger=_quiet,
            )
        except InvalidStatus as error:
            raise self._refusal(error.response.status_code, b"") from None
        except (OSError, asyncio.TimeoutError, WebSocketException, ImportError) as error:
            raise self._unreachable(error) from None
        if connection.subprotocol != SUBPROTOCOL:
            await connection.close()
            raise RemoteUnreachable(
                f"The Jupyter server at {self.host} is too old to run sidecar kernels.",
                "It needs jupyter_server 2 or newer, and its default `kernel_ws_protocol`.",
            )
        return connection

    def _refusal(self, code: int, body: bytes) -> AssistError:
        if code in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
            return RemoteRefused(self.host)
        if 300 <= code < 400:
            return RemoteUnreachable(
                f"What answers at {self.host} sends us elsewhere, where our token does not belong.",
                "Check the token, and give the server's own address in the setting `remote.url`.",
            )
        try:
            said = last_sentence(str(json.loads(body)["message"]).partition("\n")[0]).rstrip(".")
        except (ValueError, KeyError, TypeError):
            said = http.client.responses.get(code, "")
        return RemoteFailed(f"The Jupyter server at {self.host} could not do it: {said} ({code}).")

    def _unreachable(self, error: object) -> RemoteUnreachable:
        if isinstance(error, ssl.SSLCertVerificationError):
            return RemoteUnreachable(
                f"The certificate of {self.host} is not to be trusted: {error.verify_message}.",
                "Have it corrected, or name its authority in the variable SSL_CERT_FILE.",
            )
        if isinstance(error, ssl.SSLError):
            return RemoteUnreachable(f"There is no secure connection to {self.host}: {error.reason}.")
        if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
            return RemoteUnreachable(f"The Jupyter server at {self.host} did not answer in time.")
        if isinstance(error, OSError) and error.strerror:
            return RemoteUnreachable(f"The Jupyter server at {self.host} cannot be reached: {error.strerror}.")
        return RemoteUnreachable(f"What answers at {self.host} is not a Jupyter server.")


def read_token(settings: RemoteSettings, environment: Mapping[str, str]) -> str:
    """Return the server's token, which may be empty. Raises RemoteMisconfigured.

    From the environment or a file of the user's own: no setting, so that it is in no file that is shared.
    """
    token = environment.get(f"{PREFIX}REMOTE_TOKEN", "").strip()
    if token or not settings.token_file:
        return token
    file = Path(settings.token_file).expanduser()
    try:
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise RemoteMisconfigured(
                "The file that the setting `remote.token_file` names can be read by others.",
                "Make it yours alone: chmod 600. Then get a new token.",
            )
        return file.read_text("utf-8").strip()
    except (OSError, ValueError):
        raise RemoteMisconfigured("The file that the setting `remote.token_file` names cannot be read.") from None


async def in_thread(work: Callable[[], T]) -> T:
    """Do it in a thread that nobody waits for when the process ends, unlike asyncio's own."""
    done: concurrent.futures.Future[T] = concurrent.futures.Future()
    done.set_running_or_notify_cancel()  # from now on, who waits may give up, and the thread does not mind

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as error:
            done.set_exception(error)

    threading.Thread(target=run, name="jupyter-server", daemon=True).start()
    return await asyncio.wrap_future(done)
