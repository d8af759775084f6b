"""The entry points that Jupyter asks for; imported by the Jupyter server, so they import nothing heavy."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any

NAME = "ai-notebook-ls"


def server_proxy() -> dict[str, Any]:
    """Return what jupyter-server-proxy runs behind `<base_url>/ai-notebook-ls/`."""
    return {
        # The interpreter, not the console script: a Jupyter server's PATH need not have it.
        "command": [
            *(sys.executable, "-m", "ai_notebook_ls", "serve", "--unix-socket", "{unix_socket}", "--announce"),
            *_root(),
        ],
        "unix_socket": True,
        "timeout": 30,
        "launcher_entry": {"enabled": False},
    }


def _root() -> list[str]:
    """Name the folder that this Jupyter server serves; classic's page does not tell it (doors' `initialize` does)."""
    from jupyter_server.serverapp import ServerApp

    if not ServerApp.initialized():
        return []
    # jupyter-server-proxy formats each part: braces in a folder's name are its own.
    return ["--root", str(ServerApp.instance().root_dir).replace("{", "{{").replace("}", "}}")]


def language_server_spec(manager: object) -> dict[str, dict[str, Any]]:
    """Return the stock connection for jupyterlab-lsp (entry point `jupyter_lsp_spec_v1`).

    It claims `python` only where jupyter-lsp has no other Python language server: jupyterlab-lsp connects to one server
    a language, and taking it would silence the user's own (notes: seen with pylsp).
    """
    alone = not any("python" in map(str.lower, spec.get("languages", ())) for spec in _others(manager))
    return {
        NAME: {
            "argv": [sys.executable, "-m", "ai_notebook_ls", "attach"],
            "languages": ["python", "ai-notebook"] if alone else ["ai-notebook"],
            "version": 2,
            "mime_types": ["text/x-python", "text/x-ipython"],
            "display_name": "AI notebook language server",
            "requires_documents_on_disk": False,
            "urls": {},
            "install": {"pip": "pip install ai-notebook-ls"},
        }
    }


def _others(manager: object) -> Iterator[Mapping[str, Any]]:
    """Yield the specs of the other servers that jupyter-lsp was told of, or will find by itself.

    It cannot be asked: it knows none yet while it collects entry points (jupyter_lsp/manager.py). So those entry points
    are asked in its place, and the configuration, where a server is switched off by an empty `argv`.
    """
    configured: dict[str, Any] = {}
    # `language_servers` is what was configured only when we are first asked; JupyterLab needs the same answer twice.
    for source in ("language_servers", "_language_servers_from_config", "conf_d_language_servers"):
        configured.update(getattr(manager, source, None) or {})
    found = dict(_detected(manager)) if getattr(manager, "autodetect", True) else {}
    yield from (spec for key, spec in {**found, **configured}.items() if key != NAME and spec.get("argv"))


def _detected(manager: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry_point in entry_points(group="jupyter_lsp_spec_v1"):
        if entry_point.name == NAME:
            continue
        with contextlib.suppress(Exception):  # jupyter-lsp does without one that fails, too
            finder: Any = entry_point.load()
            if "python" not in getattr(finder, "languages", ["python"]):
                continue  # to look for the others costs processes
            if not hasattr(finder, "is_installed") or finder.is_installed(manager):
                yield from (finder(manager) or {}).items()
