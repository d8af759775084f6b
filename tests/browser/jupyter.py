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
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

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


@dataclass(frozen=True)
class Jupyter:
    """A running server."""

    base: str
    token: str
    root: Path
    log: Path
    process: subprocess.Popen[bytes]

    def url(self, app: str, notebook: str) -> str:
        """Return where a notebook opens, in `lab`, `notebook` or `nbclassic`."""
        # A workspace of its own: Lab would open again what the last test had open.
        paths = {"lab": f"lab/workspaces/{secrets.token_hex(4)}/tree", "nbclassic": "nbclassic/notebooks"}
        path = paths.get(app, "notebooks")
        return f"{self.base}{path}/{notebook}?token={self.token}"

    def get(self, path: str) -> object:
        """Ask the server's REST API."""
        request = urllib.request.Request(self.base + path, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextlib.contextmanager
def running(
    root: Path,
    home: Path,
    base_url: str = "/",
    settings: dict[str, object] | None = None,
    variables: dict[str, str] | None = None,
    overrides: dict[str, object] | None = None,
) -> Iterator[Jupyter]:
    """Start JupyterLab, Notebook 7 and the classic Notebook on a folder, apart from the person's own configuration."""
    # This tree's front ends, whatever the environment has installed.
    tree = Path(__file__).parents[2]
    labextension = home / "data" / "labextensions" / "ai-notebook-ls-lab"
    labextension.parent.mkdir(parents=True)
    labextension.symlink_to(tree / "lab-plugin" / "labextension")
    # Copied: Jupyter serves no nbextension through a link.
    shutil.copytree(tree / "nbextension" / "ai_notebook_ls", home / "data" / "nbextensions" / "ai_notebook_ls")
    nbconfig = home / "config" / "nbconfig" / "notebook.d"
    nbconfig.mkdir(parents=True)
    shutil.copy(tree / "nbextension" / "nbconfig.json", nbconfig / "ai_notebook_ls.json")
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
        *(sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.root_dir={root}", f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"),
        f"--ServerApp.base_url={base_url}",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=root)
    jupyter = Jupyter(f"http://127.0.0.1:{port}{base_url}", token, root, log, process)
    try:
        _wait_until_ready(jupyter)
        yield jupyter
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
    page.wait_for_selector(".jp-Notebook .jp-Cell .cm-content", timeout=90_000)
    # Idle: Lab says it in the toolbar's indicator, Notebook 7 in its status icon.
    idle = "[data-status='idle'], .jp-NotebookKernelStatus-info, [title*='Idle']"
    page.wait_for_selector(idle, state="attached", timeout=60_000)


def _wait_until_ready(jupyter: Jupyter) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if jupyter.process.poll() is not None:
            break
        with contextlib.suppress(OSError, ValueError):
            jupyter.get("api/status")
            return
        time.sleep(0.1)
    raise RuntimeError(f"Jupyter did not start:\n{jupyter.log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
