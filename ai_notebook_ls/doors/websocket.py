"""The WebSocket door: one session per connection, all of them sharing the process's kernels.

On a unix socket the folder's permissions (0700) decide who may connect; on TCP a token, the exact Origin and the exact
Host do, on every route (SECURITY.md). Text frames only: a browser would get a Blob from bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import os
import secrets
import stat
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from weakref import WeakSet

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import Server, ServerConnection, serve, unix_serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.http11 import Request, Response
from websockets.protocol import State

from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.lsp.server import NotebookServer

logger = logging.getLogger(__name__)

MESSAGE_LIMIT = 16 << 20
"""Bytes of one frame; tornado, in front of us, closes at 10 MiB."""

WAITING_LIMIT = 64 << 20
"""Bytes that may wait for a client to read them; one that lets more pile up has its connection closed."""

CLOSE_TIMEOUT = 1.0
"""Seconds that a client gets to say goodbye, when the process is told to end."""

DIAL_TIMEOUT = 2.0
"""Seconds in which a server on this machine answers, if it is alive."""
PING = 10.0
"""Seconds between signs of life, and for each to come."""

CONNECTIONS = 64
"""Connections at the same time, where no setting says otherwise."""

SUBPROTOCOL = "ai-notebook-ls"
TOKEN_SUBPROTOCOL = "ai-notebook-ls.token."  # noqa: S105 - a prefix, not a secret
"""How a page passes the token: it can set subprotocols, but no headers; a URL would be logged."""

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
Open = Callable[[], NotebookServer]


async def connection(websocket: ServerConnection, open_session: Open) -> None:
    """Serve one session until its connection ends; the connection's end is the client's goodbye."""
    session = open_session()
    outgoing = Outgoing(websocket)
    session.protocol.connect(outgoing.put, outgoing.end)
    writer = asyncio.ensure_future(outgoing.send())
    try:
        async for message in websocket:
            if isinstance(message, bytes):
                await websocket.close(1003, "text frames only")
                break
            await session.protocol.receive_in_turn(message)
    except ConnectionClosed:
        pass
    finally:
        session.abandon()
        writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writer


class Outgoing:
    """What waits to be sent, in order; nobody who puts something there waits."""

    def __init__(self, websocket: Connection) -> None:
        self._websocket = websocket
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._waiting = 0
        """Bytes that were put, and are not sent yet."""

    def put(self, body: bytes) -> None:
        """Send a message in its turn, or close the connection at once if too much waits."""
        if self._waiting > WAITING_LIMIT:
            return  # it is closed
        self._waiting += len(body)
        if self._waiting > WAITING_LIMIT:
            logger.warning("A connection is closed: its client has left %d MiB unread.", self._waiting >> 20)
            self._websocket.transport.abort()
        else:
            self._queue.put_nowait(body)

    def end(self) -> None:
        """Close the connection after what waits (LSP's `exit`)."""
        self._queue.put_nowait(None)

    async def send(self) -> None:
        """Send until the connection ends."""
        with contextlib.suppress(ConnectionClosed):
            while (body := await self._queue.get()) is not None:
                await self._websocket.send(body.decode())
                self._waiting -= len(body)
            await self._websocket.close()


class Line:
    """The other end: a connection to a server on this machine."""

    def __init__(self, connection: ClientConnection, received: Callable[[str], None]) -> None:
        self._connection = connection
        self._outgoing = Outgoing(connection)
        self.lost = asyncio.ensure_future(self._pump(received))
        """Done when the connection is."""

    def send(self, text: str) -> None:
        """Send a message, in its turn."""
        self._outgoing.put(text.encode())

    async def close(self) -> None:
        """Hang up."""
        self._outgoing.end()
        await asyncio.gather(self.lost, return_exceptions=True)

    async def _pump(self, received: Callable[[str], None]) -> None:
        writer = asyncio.ensure_future(self._outgoing.send())
        with contextlib.suppress(ConnectionClosed):
            async for message in self._connection:
                if isinstance(message, str):
                    received(message)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)


async def dial(path: str, received: Callable[[str], None]) -> Line | None:
    """Connect to a server on a unix socket; None where none answers."""
    try:
        connection = await unix_connect(
            path,
            max_size=None,  # what it sends is ours
            compression=None,
            open_timeout=DIAL_TIMEOUT,
            ping_interval=PING,
            ping_timeout=PING,
            close_timeout=CLOSE_TIMEOUT,
        )
    except (OSError, WebSocketException):  # a timeout is an OSError
        return None
    return Line(connection, received)


async def on_unix_socket(path: str, open_session: Open, limit: int = CONNECTIONS) -> Server:
    """Listen on a unix socket. Raises BadArguments if the path cannot be used."""
    _check_folder(Path(path))
    await _make_room(Path(path))
    room = Room(limit)
    try:
        server: Server = await unix_serve(
            lambda websocket: connection(websocket, open_session),
            path,
            max_size=MESSAGE_LIMIT,
            process_request=room.check,
            compression=None,  # this machine only
            close_timeout=CLOSE_TIMEOUT,
        )
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)  # noqa: PTH101 - a path the event loop just made
    except OSError as error:
        raise _cannot_listen(path, error, "Choose another path.") from error
    return server


async def on_port(
    host: str, port: int, token: str, origins: list[str], open_session: Open, limit: int = CONNECTIONS
) -> Server:
    """Listen on TCP, behind the token. Raises BadArguments if the port is taken, or is none."""
    gate = Gate(token, origins, Room(limit))
    try:
        server: Server = await serve(
            lambda websocket: connection(websocket, open_session),
            host,
            port,
            max_size=MESSAGE_LIMIT,
            process_request=gate.check,
            process_response=_no_token_echo,
            select_subprotocol=_subprotocol,
            compression=None,
            close_timeout=CLOSE_TIMEOUT,
        )
    except (OSError, OverflowError) as error:
        raise _cannot_listen(f"{host}:{port}", error, "Choose another port.") from error
    gate.hosts = {f"{name}:{socket.getsockname()[1]}" for socket in server.sockets for name in _names(host)}
    return server


def new_token() -> str:
    """Return a random 256-bit token."""
    return secrets.token_urlsafe(32)


class Room:
    """How many may be in at the same time: each costs memory."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inside: WeakSet[ServerConnection] = WeakSet()

    def check(self, websocket: ServerConnection, request: Request) -> Response | None:
        """Answer a health check, let a WebSocket pass, or refuse it because of those that are open."""
        if (answer := _health(websocket, request)) is not None:
            return answer
        if sum(each.state is not State.CLOSED for each in self._inside) >= self._limit:
            text = f"{self._limit} connections are open, as many as AI_NOTEBOOK_LS_CONNECTIONS allows. Close one.\n"
            return websocket.respond(HTTPStatus.SERVICE_UNAVAILABLE, text)
        self._inside.add(websocket)
        return None


class Gate:
    """Decides who may come in over TCP: token, Host and Origin, all three, on every route."""

    def __init__(self, token: str, origins: list[str], room: Room) -> None:
        self._token = token.encode()
        self._origins = frozenset(origins)
        self._room = room
        self.hosts: set[str] = set()

    def check(self, websocket: ServerConnection, request: Request) -> Response | None:
        """Refuse a request, answer a health check, or let a WebSocket pass."""
        if not self._has_token(request.headers):
            return websocket.respond(HTTPStatus.UNAUTHORIZED, "A token is needed.\n")
        hosts, origins = request.headers.get_all("Host"), request.headers.get_all("Origin")
        if len(hosts) > 1 or len(origins) > 1:
            return websocket.respond(HTTPStatus.BAD_REQUEST, "One Host and one Origin are enough.\n")
        if not self.hosts.issuperset(hosts) or not hosts:  # a page whose name was made to point at this machine
            return websocket.respond(HTTPStatus.FORBIDDEN, "This Host is not allowed.\n")
        if not self._origins.issuperset(origins):
            return websocket.respond(HTTPStatus.FORBIDDEN, "This Origin is not allowed.\n")
        return self._room.check(websocket, request)

    def _has_token(self, headers: Headers) -> bool:
        given = [value.removeprefix("Bearer ") for value in headers.get_all("Authorization")]
        given += [
            name.removeprefix(TOKEN_SUBPROTOCOL) for name in _offered(headers) if name.startswith(TOKEN_SUBPROTOCOL)
        ]
        return any(hmac.compare_digest(each.encode("utf-8", "surrogateescape"), self._token) for each in given)


def _health(websocket: ServerConnection, request: Request) -> Response | None:
    """Answer plain HTTP: `/health`, and `/` for jupyter-server-proxy's readiness probe."""
    if "Upgrade" in request.headers:
        return None
    if request.path in ("/", "/health"):
        return websocket.respond(HTTPStatus.OK, "ok\n")
    return websocket.respond(HTTPStatus.NOT_FOUND, "Only /health and WebSocket connections are served here.\n")


def _offered(headers: Headers) -> list[str]:
    return [name.strip() for value in headers.get_all("Sec-WebSocket-Protocol") for name in value.split(",")]


def _subprotocol(websocket: ServerConnection, offered: object) -> None:
    """Choose none here; `_no_token_echo` answers the one that is not the token."""


def _no_token_echo(websocket: ServerConnection, request: Request, response: Response) -> None:
    """Accept our subprotocol by name; the one that bears the token is never repeated."""
    if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS and SUBPROTOCOL in _offered(request.headers):
        response.headers["Sec-WebSocket-Protocol"] = SUBPROTOCOL


def _names(host: str) -> set[str]:
    return {"127.0.0.1", "localhost", "[::1]"} if host in LOOPBACK else {host}


def _check_folder(path: Path) -> None:
    """Refuse a socket where others could reach it. Raises BadArguments."""
    folder = path.parent if str(path.parent) else Path()
    if not folder.is_dir():
        raise BadArguments(f"The folder {folder} does not exist.", "Create it, private to you (mode 0700).")
    if (
        os.name == "posix"
        and folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        and not folder.stat().st_mode & stat.S_ISVTX
    ):
        raise BadArguments(
            f"Others can write to the folder {folder}.", "Choose a folder that is private to you (mode 0700)."
        )


async def _make_room(path: Path) -> None:
    """Remove what a server that is gone left at the path, and nothing else. Raises BadArguments."""
    try:
        there = os.lstat(path)
        if not stat.S_ISSOCK(there.st_mode):
            raise BadArguments(f"There is something else at {path}.", "Choose another path, or move that away.")
        if there.st_uid != os.getuid():
            raise BadArguments(f"The socket {path} is another user's.", "Choose a path in a folder of your own.")
        if await _is_alive(path):
            raise BadArguments(f"A server listens on {path} already.", "End that one, or choose another path.")
        os.unlink(path)  # noqa: PTH108 - the server does not listen yet, nobody waits
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _cannot_listen(path, error, "Choose another path.") from error


async def _is_alive(path: Path) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_unix_connection(str(path)), DIAL_TIMEOUT)
    except (ConnectionError, asyncio.TimeoutError):
        return False
    writer.close()
    return True


def _cannot_listen(where: object, error: Exception, hint: str) -> BadArguments:
    reason = getattr(error, "strerror", None) or error  # asyncio's own have no code
    return BadArguments(f"Cannot listen on {where}: {reason}.", hint)
