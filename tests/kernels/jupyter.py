"""A real Jupyter server for the tests, in a process of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai_notebook_ls.kernels.jupyter_server import JupyterServer


@dataclass
class Served:
    """A server that runs, and what its owner knows."""

    url: str
    token: str
    root: Path
    process: subprocess.Popen[bytes]

    def kernels(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = JupyterServer(self.url, self.token).call("GET", "kernels")
        return found

    def delete(self, kernel: str) -> None:
        JupyterServer(self.url, self.token).call("DELETE", f"kernels/{kernel}")


@contextmanager
def jupyter_server(folder: Path, *options: str) -> Iterator[Served]:
    """Start a Jupyter server on a free port of loopback, with no extension and nobody's configuration."""
    root = folder / "root"
    root.mkdir(parents=True)
    token, port = secrets.token_hex(16), _free_port()
    own = {name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    arguments = [
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.allow_root=True",
        "--ServerApp.open_browser=False",
        "--ServerApp.jpserver_extensions={}",
        *options,
    ]
    log = folder / "server.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *arguments],
            env={**os.environ, **own, "JUPYTER_TOKEN": token},
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
    try:
        while not _listens(port):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        scheme = "https" if any("certfile" in option for option in options) else "http"
        yield Served(f"{scheme}://127.0.0.1:{port}/", token, root, process)
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
