"""The in-kernel helper that tells which of the user's names a cell bound, rebound or deleted.

The source of this module is executed in the notebook's kernel, in a namespace of its own: standard library only,
Python 3.8 or later, nothing of this package. It keeps no reference to the user's objects, and runs none of their code.

It also lets a thread's prints bear the cell that started the thread. ipykernel 6.29 does so by itself; 7 gives them to
whichever cell runs by then, unless told by `set_thread_parent`.

It tells the working folder, too, and goes to the one that a cell is to start in.

And it keeps ipykernel answering: an expression that is nested too deeply for Python's compiler makes IPython's question
whether a cell awaits something raise, where nobody expects that, and the request gets no reply.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "_ai_notebook_ls_footprint"
"""Under this name the helper stays in the kernel's sys.modules."""
MOST = 500
"""Names that are told of one cell."""
POOLS = ("concurrent.futures.thread", "multiprocessing.pool")
"""Their threads work for whichever cell gives them something to do."""


class Footprint:
    """The user's names before the cell that runs."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.before: dict[Any, int] = {}
        self.start = os.getcwd()  # noqa: PTH109
        """The folder that the kernel was started in; lockdown.py gives a copy of it."""
        self.came: str | None = None
        shell.events.register("pre_run_cell", self.look)
        shell.events.register("post_run_cell", self.tell)

    def look(self, *_: object) -> None:
        """Take note of the names as they are."""
        self.before, self.came = self.names(), self.folder()

    def folder(self) -> str | None:
        """The working folder, relative to the first one where it lies within; None if it is gone."""
        with contextlib.suppress(OSError, ValueError):
            here = os.getcwd()  # noqa: PTH109
            place = os.path.relpath(here, self.start)
            return here if place.partition(os.sep)[0] == os.pardir else place
        return None

    def enter(self, folder: str) -> None:
        """Go to a folder as `folder` told it, if it is still there."""
        with contextlib.suppress(OSError):
            os.chdir(os.path.join(self.start, folder))  # noqa: PTH118

    def names(self) -> dict[Any, int]:
        """Which object each name stands for."""
        return {name: id(value) for name, value in list(self.shell.user_ns.items())}

    def tell(self, *_: object) -> None:
        """Add what has changed to the kernel's reply; a user expression would tell too, and take ten times as long."""
        before, now, hidden = self.before, self.names(), self.shell.user_ns_hidden
        changed = [name for name in {**before, **now} if now.get(name) != before.get(name)]
        # Identifiers only: a lone surrogate in the reply, which is UTF-8, would cost us all of it.
        names = [name for name in changed if type(name) is str and name.isidentifier()]
        told = [name for name in names if not name.startswith("_") and name not in hidden]
        came, self.came = self.came, None  # an empty cell is not looked at before
        left = self.folder()
        # The folders' names may hold lone surrogates, too, and are told all the same, in ASCII.
        folders = json.dumps([came, left])
        self.shell.payload_manager.write_payload({"source": NAME, "names": told[:MOST], "folders": folders})


def answer_always(shell: Any) -> None:
    """Let code that cannot be compiled be run, which tells why, and not fail on the question how to run it."""
    asked: Any = getattr(shell, "should_run_async", None)

    def asynchronous(*arguments: Any, **options: Any) -> Any:
        try:
            return asked(*arguments, **options)
        except Exception:
            return False

    if callable(asked):
        shell.should_run_async = asynchronous


def label_threads() -> None:
    """Let the streams know which cell started a thread."""
    start = threading.Thread.start

    def labelled(thread: Any) -> None:
        streams: list[Any] = [each for each in (sys.stdout, sys.stderr) if hasattr(each, "set_thread_parent")]
        if getattr(getattr(thread, "_target", None), "__module__", None) not in POOLS:
            thread.run = in_the_name_of({each: each.parent_header for each in streams}, thread.run)
        start(thread)

    setattr(threading.Thread, "start", labelled)  # noqa: B010 (mypy knows what a method may be)


def in_the_name_of(parents: dict[Any, Any], run: Callable[[], object]) -> Callable[[], object]:
    """Run something in a new thread whose prints bear these requests' names."""

    def labelled() -> None:
        for stream, parent in parents.items():
            stream.set_thread_parent(parent)
        run()

    return labelled


if __name__ == NAME:
    label_threads()
    sys.modules[NAME] = types.ModuleType(NAME)
    answer_always(sys.modules["IPython"].get_ipython())
    sys.modules[NAME].footprint = Footprint(sys.modules["IPython"].get_ipython())  # type: ignore[attr-defined]
