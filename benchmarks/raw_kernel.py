"""The floor for running a cell: blocking pyzmq and the wire protocol by hand, nothing else."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.connect import ConnectionFileMixin
from jupyter_client.session import DELIM


class RawKernel:
    """A second client of a kernel that runs already."""

    def __init__(self, connection_file: str | Path) -> None:
        connection = ConnectionFileMixin()
        connection.load_connection_info(json.loads(Path(connection_file).read_text()))
        self._session = connection.session
        self._zmq = zmq.Context()
        self._shell = self._zmq.socket(zmq.DEALER)
        self._shell.connect(connection._make_url("shell"))
        self._iopub = self._zmq.socket(zmq.SUB)
        self._iopub.subscribe(b"")
        self._iopub.connect(connection._make_url("iopub"))
        self._await_subscription()

    def run(self, code: str) -> str:
        """Run code until the kernel is idle again and has replied; return its result as text."""
        asked = self._ask("execute_request", {"code": code, "silent": False, "store_history": True})
        result = ""
        while True:
            kind, parent, content = self._receive(self._iopub)
            if parent != asked:
                continue
            if kind == "execute_result":
                result = content["data"]["text/plain"]
            elif kind == "status" and content["execution_state"] == "idle":
                break
        while self._receive(self._shell)[1] != asked:
            pass
        return result

    def close(self) -> None:
        """Close the sockets; the kernel stays."""
        self._zmq.destroy(linger=0)

    def _await_subscription(self) -> None:
        while not self._iopub.poll(20):
            asked = self._ask("kernel_info_request", {})
            while self._receive(self._shell)[1] != asked:
                pass

    def _ask(self, kind: str, content: dict[str, Any]) -> str:
        return str(self._session.send(self._shell, kind, content)["header"]["msg_id"])

    def _receive(self, source: zmq.Socket[bytes]) -> tuple[str, str | None, dict[str, Any]]:
        # Not Session.deserialize: it parses dates, which would make the floor higher than it is.
        parts = source.recv_multipart()
        start = parts.index(DELIM) + 1
        header, parent, _, content = signed = parts[start + 1 : start + 5]
        assert hmac.compare_digest(self._session.sign(signed), parts[start])
        return json.loads(header)["msg_type"], json.loads(parent).get("msg_id"), json.loads(content)
