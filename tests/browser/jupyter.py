"""A real Jupyter server with everything on, and a real Chromium; also used by docs/make_pictures.py."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Jupyter:
    """A server; `start` it, and it is at the same address as before."""

    base: str
    token: str
    root: Path
    log: Path
    command: list[str]
    environment: dict[str, str] = field(repr=False)
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=output, stderr=output, cwd=self.root
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                self.get("api/status")
                return
            time.sleep(0.1)
        raise RuntimeError(f"Jupyter did not start:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def url(self, app: str, notebook: str) -> str:
        """Return where a notebook opens, in `lab`, `notebook` or `nbclassic`."""
        # A workspace of its own: Lab would open again what the last test had open.
        paths = {"lab": f"lab/workspaces/{secrets.token_hex(4)}/tree", "nbclassic": "nbclassic/notebooks"}
        path = paths.get(app, "notebooks")
        return f"{self.base}{path}/{quote(notebook)}?token={self.token}"

    def get(self, path: str) -> object:
        """Ask the server's REST API."""
        request = urllib.request.Request(self.base + path, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def sidecars(self) -> list[psutil.Process]:
        """Return our processes behind its door."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # ended meanwhile, or a zombie, as jupyter-lsp leaves them
                if {"ai_notebook_ls", "serve"} <= set(process.cmdline()):
                    found.append(process)
        return found


@contextlib.contextmanager
def running(
    root: Path,
    home: Path,
    base_url: str = "/",
    settings: dict[str, object] | None = None,
    variables: dict[str, str] | None = None,
    overrides: dict[str, object] | None = None,
    python: str = sys.executable,
) -> Iterator[Jupyter]:
    """Start an environment's JupyterLab, Notebook 7 and classic Notebook, apart from the person's own configuration."""
    # This tree's front ends, whatever the environment has installed.
    labextension = home / "data" / "labextensions" / "ai-notebook-ls-lab"
    labextension.parent.mkdir(parents=True)
    labextension.symlink_to(ROOT / "lab-plugin" / "labextension")
    # Copied: Jupyter serves no nbextension through a link.
    shutil.copytree(ROOT / "nbextension" / "ai_notebook_ls", home / "data" / "nbextensions" / "ai_notebook_ls")
    nbconfig = home / "config" / "nbconfig" / "notebook.d"
    nbconfig.mkdir(parents=True)
    shutil.copy(ROOT / "nbextension" / "nbconfig.json", nbconfig / "ai_notebook_ls.json")
    token, port = secrets.token_hex(16), _free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "AI_NOTEBOOK_LS"))},
        "JUPYTER_PREFER_ENV_PATH": "0",  # else a user's own labextensions come second in a virtual environment
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "PYTHONPATH": str(ROOT),  # this tree's package, too
        **(variables or {}),
    }
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    for name, values in {**quiet, **(settings or {})}.items():
        package, _, plugin = name.partition(":")
        file = home / "settings" / package / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    if overrides:  # an administrator's, for all users of the server
        file = home / "config" / "labconfig" / "default_setting_overrides.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(overrides))
    log = home / "server.log"
    command = [
        *(python, "-m", "jupyterlab", "--allow-root", "--no-browser", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.root_dir={root}", f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"),
        f"--ServerApp.base_url={base_url}",
    ]
    jupyter = Jupyter(f"http://127.0.0.1:{port}{base_url}", token, root, log, command, environment)
    try:
        jupyter.start()
        yield jupyter
    finally:
        jupyter.stop()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless Chromium."""
    if CHROMIUM is None:
        raise RuntimeError("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def open_notebook(page: Page, jupyter: Jupyter, app: str, notebook: str) -> None:
    """Open a notebook and wait until its kernel is idle."""
    page.goto(jupyter.url(app, notebook))
    # A code cell: of a markdown cell that has been rendered the editor is hidden.
    page.wait_for_selector(".jp-Notebook .jp-CodeCell .cm-content", timeout=90_000)
    # Idle: Lab says it in the toolbar's indicator, Notebook 7 in its status icon.
    idle = "[data-status='idle'], .jp-NotebookKernelStatus-info, [title*='Idle']"
    page.wait_for_selector(idle, state="attached", timeout=60_000)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
