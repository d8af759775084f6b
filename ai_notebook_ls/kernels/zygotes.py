"""The server's end of the zygotes: processes that import once what kernels need, and fork one for each request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

PATIENCE = 1.0
"""Seconds that it may take to end by itself."""
START = 20.0
"""Seconds that a zygote may take to import ipykernel."""


class NotForked(Exception):
    """A kernel could not be forked, for a reason that the message says; it is to be had in another way."""


class Zygote:
    """One zygote process."""

    def __init__(self, process: subprocess.Popen[bytes], writer: asyncio.StreamWriter) -> None:
        self._process = process
        self._writer = writer
        self._folders: dict[str, int] = {}
        self._preloaded: set[str] = set()

    @classmethod
    async def start(cls, argv: Sequence[str], environment: Mapping[str, str], cwd: Path) -> Zygote:
        """Start a zygote and wait until it can fork. Raises NotForked."""
        try:
            process, reader, writer = await spawn(argv, environment, str(cwd))
        except OSError as error:
            raise NotForked(error.strerror) from None
        zygote = cls(process, writer)
        try:
            ready = json.loads(await asyncio.wait_for(reader.readline(), START) or "{}")
            zygote._folders = _stamps(ready["ready"])
        except (asyncio.TimeoutError, ValueError, KeyError):
            await zygote.close()
            raise NotForked("it did not start") from None
        except BaseException:
            await zygote.close()
            raise
        return zygote

    @property
    def fresh(self) -> bool:
        """Whether it lives, and what it has imported is what is installed."""
        return self._process.poll() is None and self._folders == _stamps(self._folders)

    def preload(self, modules: Iterable[str]) -> None:
        """Import modules, so that the kernels to come have them."""
        if wanted := sorted(set(modules) - self._preloaded):
            self._preloaded.update(wanted)
            self._say({"preload": wanted})

    async def fork(
        self,
        argv: Sequence[str],
        cwd: str,
        limits: Mapping[str, int],
        run_folder: Path,
        plan: Mapping[str, object] | None,
        lifeline: str,
    ) -> None:
        """Fork a kernel, whose supervisor will connect to the lifeline; by a `plan` it locks itself down. Raises NotForked."""
        if self._process.poll() is not None:
            raise NotForked("the zygote has ended")
        request = {"argv": argv, "cwd": cwd, "limits": limits, "run_folder": str(run_folder), "lifeline": lifeline}
        self._say({"kernel": {**request, "plan": plan}})

    def _say(self, request: Mapping[str, object]) -> None:
        self._writer.write(json.dumps(request).encode() + b"\n")

    async def close(self) -> None:
        """End it; outside of a sandbox its kernels live on."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        """Let it go when its supervisors have gone, else they would be left to others to reap."""
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


async def spawn(
    argv: Sequence[str], environment: Mapping[str, str], cwd: str
) -> tuple[subprocess.Popen[bytes], asyncio.StreamReader, asyncio.StreamWriter]:
    """Start a process that has a socket to us as its standard input. Raises OSError."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(  # noqa: ASYNC220 (milliseconds; asyncio's own would take a thread to wait)
                argv,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,  # ours may be the wire of a language server
                stderr=subprocess.DEVNULL,
                env=dict(environment),
                cwd=cwd,
                start_new_session=True,
            )
        except OSError:
            ours.close()
            raise
    return process, *await asyncio.open_connection(sock=ours)


def _stamps(folders: Iterable[str]) -> dict[str, int]:
    """When each folder that modules come from was last changed: pip adds to it and takes away."""
    stamps = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            stamps[folder] = os.stat(folder).st_mtime_ns  # noqa: PTH116
    return stamps
