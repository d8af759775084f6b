"""Run notebooks in plain IPython, with nothing of ours: what really happens, to hold our receipts against.

As a program it reads one job a line and writes one answer a line. Each job has a process of its own, forked after the
libraries are imported, since most of a small notebook's time is the import of pandas.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import gc
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SECONDS = 20


@dataclass(frozen=True, slots=True)
class Replayed:
    """How it went."""

    cell: int | None
    """The cell that failed."""
    ename: str
    evalue: str
    traceback: tuple[str, ...]
    holds: bool
    line: int = 0
    """The line of the cell, from 0, at which it failed."""

    @property
    def error(self) -> str:
        """The error as one would say it."""
        return f"{self.ename}: {self.evalue}"


def replay(jobs: Sequence[tuple[Sequence[tuple[int, str]], int, str, Mapping[str, str]]]) -> list[Replayed]:
    """Run jobs: (cells with their numbers, the one whose output counts, what must hold, files beside the notebook)."""
    lines = "".join(json.dumps(job) + "\n" for job in jobs)
    environment = {**os.environ, "MPLBACKEND": "agg", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    command = [sys.executable, str(Path(__file__))]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, env=environment, check=False)
    answers = [Replayed(**json.loads(line)) for line in done.stdout.splitlines()]
    if len(answers) != len(jobs):
        raise RuntimeError(done.stderr)
    return answers


async def _run(shell: Any, cells: Sequence[tuple[int, str]], counted: int, holds: str) -> Replayed:
    printed, shown = "", None
    failures: dict[int, Replayed] = {}
    for number, source in cells:
        said: list[str] = []
        shell._showtraceback = lambda kind, value, lines, said=said: said.extend(lines)
        shell.showsyntaxerror = lambda *_, said=said, **__: said.append("SyntaxError")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            # In a running loop, as a kernel runs it: else asyncio.run and await mean something else.
            result = await shell.run_cell_async(
                source, store_history=True, transformed_cell=shell.transform_cell(source)
            )
        error = result.error_before_exec or result.error_in_exec
        failures.pop(number, None)  # what failed in the past and runs now is mended
        if error is not None:
            failures[number] = Replayed(
                number, type(error).__name__, str(error), tuple(said), False, _line(error, shell.compile)
            )
        if number == counted:
            printed, shown = out.getvalue(), result.result
    for failure in failures.values():
        return failure
    names = {**shell.user_ns, **vars(builtins), "printed": printed, "shown": shown}
    try:
        right = bool(eval(holds, names))
        why = "" if right else f"not so: {holds}"
    except Exception as error:
        right, why = False, f"{type(error).__name__}: {error}"
    return Replayed(None, "", why, (), right)


def _line(error: BaseException, names: Any) -> int:
    """The outermost frame in a cell: that of the cell that was run."""
    if isinstance(error, SyntaxError):
        return (error.lineno or 1) - 1
    frames = traceback.extract_tb(error.__traceback__)
    ours = (frame.lineno or 1 for frame in frames if names.format_code_name(frame.filename))
    return next(ours, 1) - 1


def _serve() -> None:
    import matplotlib.pyplot  # noqa: F401
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    home = Path.cwd()
    quiet = Config({"HistoryManager": {"enabled": False}})  # it has a thread, which a fork would lose
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        shell: Any = InteractiveShell.instance(config=quiet, colors="nocolor", xmode="Plain")
    shell.enable_gui = lambda gui=None: None  # as a kernel without a window has it
    _warm(shell)
    for line in sys.stdin:
        cells, counted, holds, files = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            os.chdir(folder)
            answer = _forked(shell, cells, counted, holds)
            os.chdir(home)
        print(json.dumps(answer), flush=True)


WARM = """
import io, json, matplotlib.pyplot as plt, numpy as np, pandas as pd
df = pd.read_csv(io.StringIO("a,b\\nx,2024-01-01\\n"), parse_dates=["b"])
repr(df.merge(df.groupby("a").count(), on="a")), repr(df["b"].dt.month)
plt.plot([1]); plt.close()
pd.no_such_name
"""


def _warm(shell: Any) -> None:
    """Let the libraries, and the telling of an error, load what they load at first use; once, not in each process."""
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_cell(WARM)
    shell.reset()
    gc.collect()
    gc.freeze()


def _forked(shell: Any, cells: Sequence[tuple[int, str]], counted: int, holds: str) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        with contextlib.suppress(BaseException), os.fdopen(writing, "w") as pipe:
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
            json.dump(asdict(asyncio.run(_run(shell, cells, counted, holds))), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    died: dict[str, Any] = asdict(Replayed(counted, "Died", "the process ended or took too long", (), False))
    return json.loads(text) if text else died


if __name__ == "__main__":
    _serve()
