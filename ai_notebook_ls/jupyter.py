"""The entry points that Jupyter asks for; imported by the Jupyter server, so they import nothing heavy."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from typing import Any

PYTHON_SERVER_MODULES = ("pylsp", "jedi_language_server")
PYTHON_SERVER_COMMANDS = ("basedpyright-langserver", "pyright-langserver", "ty", "pyrefly", "zuban", "ruff-lsp")


def server_proxy() -> dict[str, Any]:
    """Return what jupyter-server-proxy runs behind `<base_url>/ai-notebook-ls/`."""
    return {
        # The interpreter, not the console script: a Jupyter server's PATH need not have it.
        "command": [sys.executable, "-m", "ai_notebook_ls", "serve", "--unix-socket", "{unix_socket}", *_root()],
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

    It claims `python` only where no other Python language server is installed: jupyterlab-lsp connects to one server a
    language, and taking it would silence the user's own (notes: seen with pylsp).
    """
    languages = ["ai-notebook"] if _other_python_server() else ["python", "ai-notebook"]
    return {
        "ai-notebook-ls": {
            "argv": [sys.executable, "-m", "ai_notebook_ls"],
            "languages": languages,
            "version": 2,
            "mime_types": ["text/x-python", "text/x-ipython"],
            "display_name": "AI notebook language server",
            "requires_documents_on_disk": False,
            "urls": {},
            "install": {"pip": "pip install ai-notebook-ls"},
        }
    }


def _other_python_server() -> bool:
    # The manager cannot be asked: it knows no servers yet while it collects entry points (jupyter_lsp/manager.py).
    return any(importlib.util.find_spec(name) for name in PYTHON_SERVER_MODULES) or any(
        shutil.which(name) for name in PYTHON_SERVER_COMMANDS
    )
