"""Start ipykernel without what a sidecar never uses: run in the kernel's stead by the notebook's own interpreter.

Standard library only, Python 3.8 or later, nothing of this package. `python launcher.py -f CONNECTION_FILE ...`
"""

from __future__ import annotations

import os
import sys
from typing import Any

PIECE = 500_000
"""Characters of one message of output."""
FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120


def prepare() -> None:
    """Import ipykernel, and what branches a kernel."""
    # Half of ipykernel's start is the import of debugpy, which it does without where that fails (notes/kernel.md §2.2).
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    sys.path.insert(0, FOLDER)  # `python -I` leaves it out
    import forking  # type: ignore[import-not-found]
    import ipykernel.debugger
    import ipykernel.kernelapp

    hold_back_output()
    spare_flushes()
    del sys.modules["debugpy"]  # a cell may still import it
    sys.modules[forking.NAME] = forking
    forking.app_class(ipykernel.kernelapp.IPKernelApp)  # traitlets takes its time for a class: not in each branch
    # Neither our folder nor our modules' names stay where a user's own would be looked for.
    sys.path[:] = [path for path in sys.path if path != FOLDER]
    for name in ("forking", "obstacles", "supervisor", "launcher", "lockdown", "filters"):
        sys.modules.pop(name, None)


def become_kernel(argv: list[str], listening: dict[int, int] | None = None) -> None:
    """Become an ipykernel, which may be `listening` already; returns when it ends."""
    from ipykernel.kernelapp import IPKernelApp

    app: Any = IPKernelApp.instance()
    install_beside(configure(app, argv))
    if listening:
        take_over(app, listening)
    app.initialize(argv)
    app.start()


def configure(app: Any, argv: list[str]) -> str:
    """Let an IPKernelApp know what is on its command line, and what all our kernels are told; return its `-f`."""
    from traitlets.config import Config

    # A history in SQLite would mix sidecar runs into the user's own, and is a lock and a full disk to trip over.
    ours = Config({"HistoryManager": {"enabled": False}})
    if sys.platform != "win32":
        # No thread that polls whether init is the parent, and no note on Ctrl-C for a terminal that is not there.
        ours.IPKernelApp.parent_handle = 1
    connection_file = ours.IPKernelApp.connection_file = argv[argv.index("-f") + 1]
    read = app.parse_command_line

    def parse_command_line(argv: list[str]) -> None:
        if len(argv) > 2:  # the kernelspec's own; else we need no parser, which takes a third of the start
            read(argv)
            ours.merge(app.cli_config)
        app.cli_config = ours
        app.update_config(ours)

    app.parse_command_line = parse_command_line
    return str(connection_file)


def take_over(app: Any, listening: dict[int, int]) -> None:
    """Let an IPKernelApp, which cannot make sockets any more, have those that were made for it (zmq_setsockopt(3))."""
    import zmq

    def bind(channel: Any, port: int) -> int:
        channel.setsockopt(zmq.USE_FD, listening[port])
        channel.bind(f"ipc://{app.ip}-{port}")
        return port

    def init_control(context: Any) -> None:
        control(context)
        debugger = getattr(app, "debug_shell_socket", None)
        if debugger is not None:  # it would try to connect for ever
            debugger.disconnect(debugger.getsockopt(zmq.LAST_ENDPOINT))

    def init_heartbeat() -> None:
        """Nobody listens to it, and it has a ZMQ context of its own."""

    def write_connection_file(**_: Any) -> None:
        """It is written, and cannot be changed from here."""

    control = app.init_control
    app.write_connection_file = write_connection_file
    app._try_bind_socket, app.init_control, app.init_heartbeat = bind, init_control, init_heartbeat


def hold_back_output() -> None:
    """Let a print wait for what was printed before, as a full pipe does: a message could be half a gigabyte else."""
    from ipykernel.iostream import OutStream

    write: Any = OutStream.write
    unsent: dict[Any, int] = {}

    def write_in_pieces(stream: Any, text: Any) -> Any:
        if not isinstance(text, str) or not stream.pub_thread:
            return write(stream, text)  # says what is wrong
        for start in range(0, len(text), PIECE):
            piece = text[start : start + PIECE]
            write(stream, piece)
            unsent[stream] = unsent.get(stream, 0) + len(piece)
            if unsent[stream] >= PIECE:
                unsent[stream] = 0
                stream.flush()
        return len(text)

    setattr(OutStream, "write", write_in_pieces)  # noqa: B010 (mypy knows what a method may be)


def spare_flushes() -> None:
    """Let a flush of nothing do nothing: ipykernel does eight for a cell, and waits each time for another thread."""
    from ipykernel.iostream import OutStream

    flush: Any = OutStream.flush

    def flush_what_is_there(stream: Any) -> None:
        # What the other thread has taken out of the buffers, it sends before anything that it is given from now on.
        if getattr(stream, "_flush_pending", True) or getattr(stream, "_buffers", True):
            flush(stream)

    setattr(OutStream, "flush", flush_what_is_there)  # noqa: B010 (mypy knows what a method may be)


def install_beside(connection_file: str) -> None:
    """Let `%pip install` put packages beside the connection file: the user's environment is not ours to change."""
    site = os.path.join(os.path.dirname(connection_file), "site")  # noqa: PTH118, PTH120
    os.makedirs(site, exist_ok=True)  # noqa: PTH103 (a folder that is not there yet is not looked into later)
    places = [place for place, path in enumerate(sys.path) if path.endswith(("site-packages", "dist-packages"))]
    sys.path.insert(places[0] if places else len(sys.path), site)
    # PIP_UPGRADE: else pip leaves what an earlier call has put there.
    os.environ.update(
        PIP_TARGET=site, PIP_UPGRADE="1", PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1"
    )


if __name__ == "__main__":
    prepare()
    become_kernel(sys.argv[1:])
