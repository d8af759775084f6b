"""Run one cell in a kernel process: nothing is waited for without a limit, and death is noticed at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping
from typing import Any, Literal

from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.failures import KernelDied
from ai_notebook_ls.core.outcomes import OnOutput, Outcome, OutputFold, Status, read_failure
from ai_notebook_ls.kernels import asking, footprint
from ai_notebook_ls.kernels.live import LiveKernel
from ai_notebook_ls.kernels.messages import MALFORMED, Message
from ai_notebook_ls.kernels.past import Past
from ai_notebook_ls.kernels.process import GRACE
from ai_notebook_ls.settings import RunSettings

FLOOD = 10
"""Output of so many times the limit,"""
PATIENCE = 3.0
"""and still going on after so many seconds, stops the cell: it is not going to end by itself."""
DRAINED = 10.0
"""Seconds in which a kernel that was interrupted while flooding gets rid of what it has buffered."""
YOUNG = 1.0
"""Seconds from the kernel's word that it has begun in which the cell's own code may not have: an interrupt that comes
between, while ipykernel sends a message or drops an object say, may be lost without a trace,"""
HEEDED = 0.5
"""and is repeated when it is not heeded within so many seconds."""
SWALLOWED = 0.5
"""Seconds after which an interrupted kernel that is idle again is not going to reply."""
BREATH = 32
"""Messages that are read in a row before the event loop gets its turn; a full socket never makes us wait."""
LAST_WORDS = 0.05
"""Seconds in which a dead kernel's last messages may still come."""

OUTPUTS = {"stream", "display_data", "execute_result", "update_display_data", "error"}
REFUSED = {
    "StdinNotImplementedError": "The sidecar cannot ask you for input: put the value into the code, or run this cell "
    "in your own kernel.",
    "SystemExit": "The cell asked to exit; in a notebook that only ends the cell, and its variables are still there.",
}
"""What the name of a failure does not say."""
UNANSWERED = {
    "ename": "NoReply",
    "evalue": "The kernel did not say how the cell ended: its own code failed, or it dropped the cell. Restart the sidecar "
    "kernel if that happens again.",
}
"""The error of a cell that the kernel is done with, without a reply (or with `aborted`) and without an interrupt of ours."""

Stop = Literal["interrupted", "timeout"]


class Run:
    """One cell on its way through a kernel."""

    def __init__(
        self,
        process: LiveKernel,
        cell: Cell,
        past: Past,
        limits: RunSettings,
        on_output: OnOutput,
        folder: str | None = None,
    ) -> None:
        """Prepare it; `folder`: the one to start in, None: wherever the kernel is."""
        loop = asyncio.get_running_loop()
        self.count: int | None = None
        """The execution count, as soon as the kernel has told it."""
        self.lost = False
        """Whether the kernel's process is gone."""
        self.duration_ms = 0.0
        self.names: tuple[str, ...] | None = None
        """The names that it bound, rebound or deleted, if the kernel has told."""
        self.late: dict[str, OutputFold] = {}
        """What other cells, whose runs have ended, wrote meanwhile: a thread did, say."""
        self._process = process
        self._cell = cell
        self._past = past
        self._limits = limits
        self._on_output = on_output
        self._folder = folder
        self._trouble: Exception | None = None
        self._fold = OutputFold(limits.output_limit)
        self._error: Mapping[str, Any] | None = None
        self._reply: Mapping[str, Any] | None = None
        self._stopped: Stop | None = None
        self._notice = ""
        self._abandoned = False
        self._killed = False
        self._quits = False
        """Whether the cell has told the kernel to end."""
        self._over: float | None = None
        """When its output went over the limit for good."""
        self._begun: asyncio.Future[None] = loop.create_future()
        self._young = 0.0
        """Until when an interrupt may be lost."""
        self._reading: asyncio.Future[None] = loop.create_future()
        self._flooded: asyncio.Future[None] = loop.create_future()

    async def finish(self) -> Outcome:
        """Run the cell to its end, whichever that is."""
        began = time.perf_counter()
        reading = self._reading = asyncio.create_task(self._read())
        try:
            await self._first(reading, self._flooded, timeout=self._limits.timeout)
            if not reading.done() and not self._process.exit.done():
                await self._stop()
            if self._quits:
                await self._first(timeout=GRACE)
            if not reading.done():  # what a dying kernel still said is in the socket
                await asyncio.wait({reading}, timeout=LAST_WORDS)
        except asyncio.CancelledError:
            await self._halt()
            raise
        finally:
            self.lost = self._process.exit.done()
            self.duration_ms = (time.perf_counter() - began) * 1e3
            if not reading.done():
                reading.cancel()
            if self.count is not None:
                self._past.counts[self.count] = self._cell.id
        if self._trouble:
            raise self._trouble
        if reading.done() and not reading.cancelled():
            reading.result()
        return self._outcome()

    async def interrupt(self) -> None:
        """Interrupt the cell as soon as the kernel has begun with it: before, an interrupt would be ignored."""
        self._stopped = self._stopped or "interrupted"
        await self._first(self._begun, timeout=GRACE)
        await self._signal()

    async def _signal(self) -> None:
        """Interrupt the kernel, and again if it has only begun and may have lost that."""
        await self._process.interrupt()
        while time.monotonic() < self._young:
            await self._first(self._reading, timeout=HEEDED)
            if self._reading.done() or self._process.exit.done():
                return
            await self._process.interrupt()

    def abandon(self, notice: str) -> None:
        """Say why the process is about to be ended under the cell."""
        self._stopped = self._stopped or "interrupted"
        self._notice = notice
        self._abandoned = True

    async def _first(self, *events: asyncio.Future[None], timeout: float) -> None:
        """Wait for the first of these or the kernel's death."""
        either: set[asyncio.Future[Any]] = {*events, self._process.exit}
        await asyncio.wait(either, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)

    async def _stop(self) -> None:
        """Stop a cell that is beyond a limit."""
        if self._flooded.done():
            self._stopped = "interrupted"
            size = FLOOD * self._limits.output_limit / 1e6
            self._notice = f"The cell was stopped after writing {size:.0f} MB of output. "
        else:
            self._stopped = "timeout"
            self._notice = f"The cell was stopped after {self._limits.timeout:g} seconds. "
        await self._halt()

    async def _halt(self) -> None:
        """Interrupt, and kill what does not heed that."""
        reading = self._reading
        try:
            await self._first(reading, self._begun, timeout=GRACE)
            await self._signal()
            await self._first(reading, timeout=DRAINED if self._flooded.done() else GRACE)
        finally:
            if not reading.done() and not self._process.exit.done():
                self._killed = True
                await self._process.end()

    async def _read(self) -> None:
        """Fold what the kernel says about this cell until it is idle again and has replied."""
        request = self._request()
        taken = 0
        while True:
            message = await self._process.iopub(skip=self._fold.full)
            taken += 1
            if not taken % BREATH:
                await asyncio.sleep(0)
            if message.kind == "status" and message.parent == request:
                if message.content.get("execution_state") == "idle":
                    break
                continue
            with contextlib.suppress(*MALFORMED):  # then there is nothing of it to show
                (self._take if message.parent == request else self._overhear)(message)
        # An interrupt that hits ipykernel beside the cell's code is swallowed together with the reply.
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._replied(request), SWALLOWED if self._stopped else GRACE)

    def _request(self) -> str:
        """Send the cell to the kernel."""
        if self._process.implementation == "ipython":
            if not self._past.watched:
                self._process.send("execute_request", asking.silent_request(asking.installing(footprint)))
                self._past.watched = True
            if self._folder not in (None, self._past.folder):
                call = f"{asking.MODULES}[{footprint.NAME!r}].footprint.enter({self._folder!r})"
                self._process.send("execute_request", asking.silent_request(call))
            self._past.folder = None  # until it tells
        content = {
            "code": self._code(),
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,  # the queue is ours: an error must not abort what the next caller sends
        }
        request = self._process.send("execute_request", content)
        self._past.requests[request] = self._cell.id
        return request

    def _code(self) -> str:
        """The source with its lines where they are: IPython drops leading blank ones, and would count without them."""
        source = self._cell.source
        blank = len(source) - len(source.lstrip())
        if "\n" not in source[:blank] or source.startswith("%%", blank) or self._process.implementation != "ipython":
            return source
        return "#" + source

    async def _replied(self, request: str) -> None:
        while (message := await self._process.shell()).parent != request:
            pass
        self._reply = message.content
        with contextlib.suppress(*MALFORMED):
            for each in message.content.get("payload") or ():
                if each.get("source") == footprint.NAME:
                    self.names = tuple(map(str, each["names"]))
                    self._past.went(self._cell.id, *json.loads(each["folders"]))
                self._quits |= each.get("source") == "ask_exit" and not each.get("keepkernel")
        count = message.content.get("execution_count")
        self.count = count if isinstance(count, int) else self.count

    def _take(self, message: Message) -> None:
        if message.kind == "execute_input":
            count = message.content.get("execution_count")
            self.count = count if isinstance(count, int) else None
            if not self._begun.done():
                self._young = time.monotonic() + YOUNG
                self._begun.set_result(None)
            return
        if message.kind == "error":
            self._error = message.content
        self._show(message, self._cell.id, self._fold)
        over = self._fold.truncated_bytes > (FLOOD - 1) * self._limits.output_limit
        if over and self._over is None:
            self._over = time.monotonic()
        if self._over and time.monotonic() - self._over > PATIENCE and not self._flooded.done():
            self._flooded.set_result(None)

    def _overhear(self, message: Message) -> None:
        """Take what a cell wrote after its run had ended."""
        cell = self._past.requests.get(message.parent or "")
        if cell is not None and message.kind in OUTPUTS:
            self._show(message, cell, self.late.setdefault(cell, OutputFold(self._limits.output_limit)))

    def _show(self, message: Message, cell: str, fold: OutputFold) -> None:
        """Fold an output into a cell's, and tell of it under the cell whose display it changes."""
        fold.truncated_bytes += message.skipped
        output = fold.add(message.kind, self._cut(message.content, fold))
        if display := message.content.get("transient", {}).get("display_id"):
            if message.kind == "update_display_data":
                cell = self._past.displays.get(display, cell)
            else:
                self._past.displays[display] = cell
        if output and not self._trouble:
            try:
                self._on_output(cell, output)
            except Exception as error:  # the caller's; the cell is still to be seen to its end
                self._trouble = error

    def _cut(self, content: dict[str, Any], fold: OutputFold) -> dict[str, Any]:
        """Cut a text that is beyond the limit anyway: to fold hundreds of megabytes would hold up the event loop."""
        text, limit = content.get("text"), self._limits.output_limit
        if not isinstance(text, str) or len(text) <= limit:
            return content
        fold.truncated_bytes += len(text) - limit
        return {**content, "text": text[:limit]}

    def _outcome(self) -> Outcome:
        error, replied = self._error, (self._reply or {}).get("status", "ok" if self._reply else "")
        if error is None and replied == "error":
            error = self._reply
        elif error is None and replied != "ok" and not self.lost:
            error = UNANSWERED
        status: Status = "ok" if error is None else "error"
        if self._stopped and (error or not self._reply):
            status = self._stopped
        elif self.lost and (self._quits or not self._reply):
            status = "died"
        notice = self._notice if status != "ok" else ""
        if self.lost and self._killed:
            notice += "It did not heed the interrupt, so the sidecar kernel was ended; its variables are lost."
        elif self.lost and self._quits:
            notice += "The cell ended the sidecar kernel, as `quit` and `exit` do; its variables are lost."
        elif self.lost and not self._abandoned:
            notice += str(KernelDied(self._process.exit.result().how))
        failure = None
        if status == "error" and error is not None:
            failure = read_failure(
                error.get("ename"), error.get("evalue"), error.get("traceback"), self._cell.id, self._past.counts
            )
            notice += REFUSED.get(failure.ename, "")
        return Outcome(
            status,
            self._cell.id,
            tuple(self._fold.outputs),
            failure,
            self.count,
            duration_ms=self.duration_ms,
            truncated_bytes=self._fold.truncated_bytes,
            notice=notice.strip(),
        )
