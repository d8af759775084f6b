"""LSP's base protocol over real pipes: bad framing, stray prints, the end of the session (security cases 1-15)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

SERVER = [sys.executable, "-m", "ai_notebook_ls"]


def framed(message: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


INITIALIZE = framed(
    {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}
)
SHUTDOWN = framed({"id": 2, "method": "shutdown"})
EXIT = framed({"method": "exit"})


def talk(*sent: bytes) -> tuple[list[Any], int, str]:
    """Send bytes, close stdin; return the messages that came, the exit code and stderr."""
    done = subprocess.run(SERVER, input=b"".join(sent), capture_output=True, timeout=60, check=False)
    return list(messages(done.stdout)), done.returncode, done.stderr.decode()


def messages(data: bytes) -> Iterator[Any]:
    while data:
        header, _, data = data.partition(b"\r\n\r\n")
        length = int(header.removeprefix(b"Content-Length: "))
        yield json.loads(data[:length])
        data = data[length:]


def test_an_orderly_session() -> None:
    came, code, errors = talk(INITIALIZE, framed({"method": "initialized", "params": {}}), SHUTDOWN, EXIT)
    assert [message["id"] for message in came] == [1, 2]
    assert came[0]["result"]["capabilities"]["codeActionProvider"]["resolveProvider"] is True
    assert (code, errors) == (0, "")


def test_exit_without_shutdown_and_a_closed_pipe() -> None:
    assert talk(INITIALIZE, EXIT)[1] == 1
    assert talk(INITIALIZE)[1] == 1
    assert talk()[1] == 1


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: text\r\n\r\n{}",
        b"Content-Length: -5\r\n\r\n{}",
        b"Content-Length: many\r\n\r\n{}",
        b"Content-Length: 10000000000\r\n\r\n{}",
        b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        b"X: " + b"y" * 10_000,
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        b"Content-Length: 2\r\nContent-Length: many\r\n\r\n{}",
    ],
)
def test_what_is_not_lsp_ends_the_session_with_a_word(header: bytes) -> None:
    came, code, errors = talk(INITIALIZE, header, SHUTDOWN)
    assert [message["id"] for message in came] == [1]
    assert code == 1
    assert "does not speak LSP" in errors
    assert "Traceback" not in errors


def test_a_message_that_is_cut_off_is_the_end() -> None:
    came, code, errors = talk(INITIALIZE, b"Content-Length: 100\r\n\r\n{")
    assert (len(came), code, errors) == (1, 1, "")


def test_other_headers_and_any_case_are_fine() -> None:
    body = SHUTDOWN.partition(b"\r\n\r\n")[2]
    header = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: %d\r\n\r\n" % len(body)
    came, _, _ = talk(INITIALIZE, header + body)
    assert came[1] == {"jsonrpc": "2.0", "id": 2, "result": None}


def test_bad_bodies_are_answered_and_the_session_goes_on() -> None:
    bad = [b"\xff\xfe", b"{", b"[]", b'"text"']
    came, code, _ = talk(
        INITIALIZE, *(b"Content-Length: %d\r\n\r\n%b" % (len(each), each) for each in bad), SHUTDOWN, EXIT
    )
    assert [message.get("error", {}).get("code") for message in came] == [None, -32700, -32700, -32600, -32600, None]
    assert code == 0


def test_a_stray_print_does_not_reach_the_client() -> None:
    code = (
        "import os\n"
        "from ai_notebook_ls.doors import stdio\n"
        "own = stdio._own_stdio\n"
        "def noisy():\n"
        "    pipes = own()\n"
        "    print('stray', flush=True)\n"
        "    os.write(1, b'stray')\n"
        "    return pipes\n"
        "stdio._own_stdio = noisy\n"
        "from ai_notebook_ls.__main__ import main\n"
        "main([])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=INITIALIZE + SHUTDOWN + EXIT, capture_output=True, timeout=60
    )
    assert [message["id"] for message in messages(done.stdout)] == [1, 2]
    assert b"stray" in done.stderr


def test_a_file_as_stdin(tmp_path: Any) -> None:
    script = tmp_path / "session"
    script.write_bytes(INITIALIZE + SHUTDOWN + EXIT)
    with script.open("rb") as stdin:
        done = subprocess.run(SERVER, stdin=stdin, capture_output=True, timeout=60, check=False)
    assert [message["id"] for message in messages(done.stdout)] == [1, 2]
    assert done.returncode == 0


def test_a_device_as_stdin_ends_the_session_too() -> None:
    """A loop's selector never tells that /dev/null is at its end."""
    done = subprocess.run(SERVER, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    assert (done.stdout, done.returncode, done.stderr) == (b"", 1, b"")
