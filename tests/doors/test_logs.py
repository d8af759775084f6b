"""Canaries: at no level and at no door does the log hold a token, a key, or what is in a cell."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.asyncio.client import connect, unix_connect

from ai_notebook_ls import logs

TOKEN, CELL, KEY, QUESTION = (f"canary-{name}-0123456789" for name in ("token", "cell", "key", "question"))
CANARIES = (TOKEN, CELL, KEY, QUESTION)
LEVELS = ("debug", "info", "warning", "error")
SERVER = (sys.executable, "-X", "dev", "-W", "ignore", "-m", "ai_notebook_ls")  # asyncio's own debug log, too


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TOKEN": TOKEN, "API_KEY": KEY, "ISOLATION": "process", "PREPARE": "false"}.items():
        monkeypatch.setenv(f"AI_NOTEBOOK_LS_{name}", value)


def conversation() -> list[str]:
    """What a page says: a cell, a hover in it, an explanation and a question, and what does not fit."""
    item = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": f"x = '{CELL}'\nx("}
    hover = {"textDocument": {"uri": item["uri"]}, "position": {"line": 0, "character": 0}}
    ask = {"command": "aiNotebook.ask", "arguments": [{"uri": item["uri"], "question": QUESTION}]}
    explain = {"command": "aiNotebook.explain", "arguments": [{"uri": item["uri"], "mode": CELL}]}
    messages = [
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": item}},
        {"method": "textDocument/didOpen", "params": {"textDocument": {"text": CELL}}},
        {
            "method": "textDocument/didChange",
            "params": {"textDocument": {"uri": CELL, "version": 1}, "contentChanges": []},
        },
        {"id": 2, "method": "textDocument/hover", "params": hover},
        {"id": 3, "method": "workspace/executeCommand", "params": ask},
        {"id": 4, "method": "workspace/executeCommand", "params": explain},
        {"id": 5, "method": "shutdown"},
    ]
    return [json.dumps({"jsonrpc": "2.0", **message}) for message in messages]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("door", ["unix", "tcp"])
async def test_no_canary_in_the_log_of_a_server(door: str, level: str, tmp_path: Path) -> None:
    path = str(tmp_path / "door.sock")
    where = ("--unix-socket", path) if door == "unix" else ("--port", "0")
    process = await asyncio.create_subprocess_exec(
        *SERVER, "--log-level", level, "serve", *where, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    began = b""
    while b"Listening" not in began:
        began += await process.stderr.readline()
    url = began.split(b"Listening on ")[1].split()[0].decode()
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    opened = (
        unix_connect(path, additional_headers=bearer) if door == "unix" else connect(url, additional_headers=bearer)
    )
    async with opened as websocket:
        for message in conversation():
            await websocket.send(message)
        while json.loads(await websocket.recv()).get("id") != 5:
            pass
    process.terminate()
    _, rest = await process.communicate()
    log = (began + rest).decode()
    assert not [canary for canary in CANARIES if canary in log]
    assert level != "debug" or "websockets" in log, "the library did log"


@pytest.mark.parametrize("command", [(), ("attach",), ("explain", "a.py"), ("ask", "a.py", QUESTION)])
def test_no_canary_in_the_log_of_a_process(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"x = '{CELL}'\n")
    framed = b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(m), m.encode()) for m in conversation())
    done = subprocess.run(
        [*SERVER, "--log-level", "debug", *command], input=framed, capture_output=True, timeout=60, cwd=tmp_path
    )
    assert not [canary for canary in CANARIES if canary.encode() in done.stderr]


def test_a_library_and_a_crash_are_told_without_their_text(capfd: pytest.CaptureFixture[str]) -> None:
    code = (
        "import logging, threading\nfrom ai_notebook_ls import logs\nlogs.configure('debug')\n"
        f"logging.getLogger('some.library').debug('frame: %s', '{CELL}')\n"
        f"logging.getLogger('ai_notebook_ls.websocket').error('%s %s', '{CELL}')\n"
        f"def fail(): raise ValueError('{CELL}')\n"
        "thread = threading.Thread(target=fail)\nthread.start()\nthread.join()\nfail()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, timeout=60)
    assert CELL not in done.stderr
    assert "some.library" in done.stderr
    assert done.stderr.count("ValueError") == 2
    ours = logging.LogRecord("ai_notebook_ls.x", logging.ERROR, logs.__file__, 1, "Said by %s", ("us",), None)
    assert logs.Textless().format(ours) == "ERROR ai_notebook_ls.x: Said by us"
