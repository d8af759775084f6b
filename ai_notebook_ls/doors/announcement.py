"""Where `attach` finds the sidecar of its Jupyter server: a private file that names the sidecar's socket.

Both are children of that server (jupyter-server-proxy starts one, jupyter-lsp the other), and this is how the file is
named. It may be left over from a process that is gone: then nobody answers on its socket, and that is how one finds out.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ai_notebook_ls.storage import create

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def announced(socket: str) -> Iterator[None]:
    """Announce a socket to the other children of this process's parent, while the context lasts."""
    file = _file()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create(file, json.dumps({"socket": str(Path(socket).absolute()), "pid": os.getpid()}).encode())
    except OSError as error:  # pages do without it
        what = "jupyterlab-lsp will not find this sidecar: %s cannot be written (%s). Move away what is there."
        logger.warning(what, file, error.strerror)
    try:
        yield
    finally:
        if _read(file).get("pid") == os.getpid():  # else it is a successor's
            with contextlib.suppress(OSError):
                file.unlink()


def find() -> str | None:
    """Return the socket that was announced, if one was, by this user and to nobody else."""
    file = _file()
    socket = _read(file).get("socket")
    if not isinstance(socket, str) or not _is_ours(file, stat.S_ISREG) or not _is_ours(Path(socket), stat.S_ISSOCK):
        return None
    return socket


def _file() -> Path:
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir()) / f"ai-notebook-ls-{os.getppid()}.json"


def _read(file: Path) -> dict[str, object]:
    with contextlib.suppress(OSError, ValueError):
        content = json.loads(file.read_bytes())
        if isinstance(content, dict):
            return content
    return {}


def _is_ours(path: Path, is_kind: Callable[[int], bool]) -> bool:
    """Whether only this user could have put it there: what is sent to the socket are the user's notebooks."""
    if sys.platform == "win32":  # no door of that kind there
        return False
    try:
        found = path.stat()
    except OSError:
        return False
    return is_kind(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
