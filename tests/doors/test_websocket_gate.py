"""Who may come in: token, Host and Origin on every route; a private folder for the unix socket."""

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.doors import announcement, websocket
from ai_notebook_ls.lsp.server import NotebookServer

TOKEN = "t" * 43
ORIGIN = "https://jupyter.example"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with await websocket.on_port("127.0.0.1", 0, TOKEN, [ORIGIN], NotebookServer) as server:
        yield server.sockets[0].getsockname()[1]


async def http(port: int, path: str, headers: dict[str, str]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    return status


def initialize() -> str:
    params = {"processId": None, "rootUri": None, "capabilities": {}}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})


@pytest.mark.parametrize(
    "options",
    [
        {"additional_headers": BEARER},
        {"additional_headers": BEARER, "origin": ORIGIN},
        {"subprotocols": ["ai-notebook-ls", f"ai-notebook-ls.token.{TOKEN}"], "origin": ORIGIN},
    ],
)
async def test_who_has_the_token_comes_in(port: int, options: Any) -> None:
    async with connect(f"ws://127.0.0.1:{port}/", **options) as client:
        assert TOKEN not in str(client.response)
        await client.send(initialize())
        answer = await client.recv()
        assert isinstance(answer, str), "text frames only"
        assert json.loads(answer)["result"]["serverInfo"]["name"] == "ai-notebook-ls"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, 401),
        ({"additional_headers": {"Authorization": "Bearer wrong"}}, 401),
        ({"additional_headers": {"Authorization": f"Bearer {TOKEN}x"}}, 401),
        ({"subprotocols": ["ai-notebook-ls.token."]}, 401),
        ({"additional_headers": BEARER, "origin": "https://evil.example"}, 403),
        ({"additional_headers": BEARER, "origin": ORIGIN + ".evil.example"}, 403),
        ({"additional_headers": BEARER, "origin": "null"}, 403),
    ],
)
async def test_others_do_not(port: int, options: Any, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{port}/", **options):
            pass
    assert refused.value.response.status_code == status


async def test_a_rebound_host_name_is_refused_on_every_route(port: int) -> None:
    for path in ("/", "/health", "/anything"):
        assert await http(port, path, {"Host": f"evil.example:{port}", **BEARER}) == 403
        assert await http(port, path, {"Host": f"127.0.0.1:{port}"}) == 401
    assert await http(port, "/health", {"Host": f"localhost:{port}", **BEARER}) == 200
    assert await http(port, "/other", {"Host": f"localhost:{port}", **BEARER}) == 404


async def test_binary_and_oversized_frames_end_only_their_own_connection(port: int) -> None:
    url = f"ws://127.0.0.1:{port}/"
    async with connect(url, additional_headers=BEARER) as good:
        too_much = ["x" * (1 << 20)] * (websocket.MESSAGE_LIMIT // (1 << 20) + 1)
        for bad, code in ((b"\x00\x01", 1003), (too_much, 1009)):
            async with connect(url, additional_headers=BEARER) as client:
                with pytest.raises(ConnectionClosed) as closed:
                    await client.send(bad)
                    await client.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code
        await good.send(initialize())
        assert "result" in json.loads(await good.recv())


async def test_exit_closes_the_connection(port: int) -> None:
    async with connect(f"ws://127.0.0.1:{port}/", additional_headers=BEARER) as client:
        await client.send(json.dumps({"jsonrpc": "2.0", "method": "exit"}))
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.recv(), 5)


async def test_a_taken_port_is_said(port: int) -> None:
    with pytest.raises(BadArguments, match="Cannot listen"):
        await websocket.on_port("127.0.0.1", port, TOKEN, [], NotebookServer)


async def test_the_unix_socket_is_private(tmp_path: Path) -> None:
    path = tmp_path / "door.sock"
    async with await websocket.on_unix_socket(str(path), NotebookServer):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        async with unix_connect(str(path)) as client:
            await client.send(initialize())
            assert "result" in json.loads(await client.recv())
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(BadArguments, match="Others can write"):
        await websocket.on_unix_socket(str(open_to_all / "door.sock"), NotebookServer)
    with pytest.raises(BadArguments, match="does not exist"):
        await websocket.on_unix_socket(str(tmp_path / "none" / "door.sock"), NotebookServer)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ("Host: {host}\r\nHost: {host}\r\n{bearer}", 400),
        ("Host: {host}\r\nOrigin: a\r\nOrigin: b\r\n{bearer}", 400),
        ("{bearer}", 403),
        ("Host: {host}\r\nAuthorization: Bearer \xff\xfe\r\n", 401),
    ],
)
async def test_odd_headers_are_the_clients_fault(port: int, headers: str, status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = headers.format(host=f"127.0.0.1:{port}", bearer=f"Authorization: Bearer {TOKEN}\r\n")
    writer.write(f"GET /health HTTP/1.1\r\n{lines}\r\n".encode("latin-1"))
    assert int((await reader.readline()).split()[1]) == status
    writer.close()


async def test_as_many_connections_as_there_is_room_for(tmp_path: Path) -> None:
    path = str(tmp_path / "door.sock")
    async with await websocket.on_unix_socket(path, NotebookServer, 2):
        async with unix_connect(path) as first, unix_connect(path):
            with pytest.raises(InvalidStatus) as refused:
                async with unix_connect(path):
                    pass
            assert refused.value.response.status_code == 503
            assert b"AI_NOTEBOOK_LS_CONNECTIONS" in (refused.value.response.body or b"")
            await first.send(initialize())
            assert "result" in json.loads(await first.recv()), "those inside are not disturbed"
        async with unix_connect(path) as next_one:
            await next_one.send(initialize())
            assert "result" in json.loads(await next_one.recv())


async def test_a_client_that_does_not_read_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(websocket, "WAITING_LIMIT", 1 << 20, raising=False)
    path = str(tmp_path / "door.sock")
    async with await websocket.on_unix_socket(path, NotebookServer):
        reader, writer = await asyncio.open_unix_connection(path)
        upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        writer.write(f"GET / HTTP/1.1\r\nHost: here\r\n{upgrade}{key}".encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        ask = b'{"jsonrpc": "2.0", "id": 1, "method": "no/such"}'
        frame = bytes([0x81, 0x80 | len(ask)]) + bytes(4) + ask  # masked with zeros
        with pytest.raises(ConnectionError):
            while True:  # until the server hangs up
                writer.write(frame * 1000)
                await writer.drain()
                await asyncio.sleep(0)
        async with unix_connect(path) as other:
            await other.send(initialize())
            assert "result" in json.loads(await other.recv())
    assert "unread" in caplog.text


async def test_a_path_that_is_taken_is_said_and_left_alone(tmp_path: Path) -> None:
    file, folder, live, stale = (tmp_path / name for name in ("file", "folder", "live.sock", "stale.sock"))
    file.write_text("mine")
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(stale))  # closed without a word, as by a crash
    async with await websocket.on_unix_socket(str(live), NotebookServer):
        for path in (file, folder, live, tmp_path / ("x" * 200)):
            with pytest.raises(BadArguments) as refused:
                await websocket.on_unix_socket(str(path), NotebookServer)
            assert refused.value.hint
        assert file.read_text() == "mine"
        async with unix_connect(str(live)) as client:
            await client.send(initialize())
            assert "result" in json.loads(await client.recv())
    async with await websocket.on_unix_socket(str(stale), NotebookServer):
        pass


async def test_a_number_that_is_no_port_is_said() -> None:
    with pytest.raises(BadArguments, match="Cannot listen"):
        await websocket.on_port("127.0.0.1", 99999, TOKEN, [], NotebookServer)


def test_an_announcement_that_cannot_be_made_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    announcement._file().mkdir()
    with announcement.announced(str(tmp_path / "door.sock")):
        assert announcement.find() is None
    assert str(announcement._file()) in caplog.text
    assert [each.name for each in tmp_path.iterdir()] == [announcement._file().name], "no temporary file is left"
