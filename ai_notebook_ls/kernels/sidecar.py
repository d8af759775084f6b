"""One notebook's sidecar kernel: its process, its turn, its ledger."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.failures import KernelDied, NotContained
from ai_notebook_ls.core.ledger import Entry, names_of, used_by
from ai_notebook_ls.core.outcomes import Failure, Level, OnOutput, Outcome, Status
from ai_notebook_ls.core.recipes import Seen
from ai_notebook_ls.core.requests import Documented
from ai_notebook_ls.core.variables import Variables
from ai_notebook_ls.kernels.past import Past, late_notice
from ai_notebook_ls.kernels.surroundings import Surroundings
from ai_notebook_ls.ports import Completions, KernelState
from ai_notebook_ls.settings import Settings

if TYPE_CHECKING:  # jupyter_client takes a third of a second to import: on first use
    from jupyter_client.kernelspec import KernelSpec

    from ai_notebook_ls.kernels.containment import Contain
    from ai_notebook_ls.kernels.isolation import Isolation
    from ai_notebook_ls.kernels.live import LiveKernel
    from ai_notebook_ls.kernels.nests import Nest
    from ai_notebook_ls.kernels.runner import Run

GLANCE = 1.0
"""Seconds that a look at what the kernel holds waits for its turn: between the cells of a run, say."""
RESTARTED = "The sidecar kernel was restarted; its variables are lost."


def _ignore(cell: str, output: dict[str, object]) -> None:
    """Take no notice of an output."""


def unwatched(notebook: Notebook) -> None:
    """Tell nobody that a kernel's state has changed."""


class SidecarKernel:
    """One notebook's sidecar kernel; its process starts with the first run (see ports.Kernel)."""

    def __init__(
        self,
        notebook: Notebook,
        settings: Settings,
        surroundings: Surroundings,
        changed: Callable[[Notebook], None] = unwatched,
        contained: bool = False,
    ) -> None:
        self.notebook = notebook
        """Says which kernel the next process is, and where it runs."""
        self._state = KernelState.NONE
        self._changed = changed
        self.level: Level = "process"
        self.why = ""
        """Why its isolation is not higher."""
        self.contained = contained
        """Whether it is for code that the user did not write: then it never has a process that is not contained."""
        self._uncontained: str | None = None
        self._settings = settings
        self._surroundings = surroundings
        self._turn = asyncio.Lock()
        self._nest: Nest | None = None
        self._process: LiveKernel | None = None
        self._kind: tuple[str | None, str] = (None, "")
        """What the notebook asked for when the process was started."""
        self._starting: asyncio.Task[LiveKernel] | None = None
        self._admitted = False
        """Whether there is room for the process that is started."""
        self._run: Run | None = None
        self._ledger: list[Entry] = []
        self._ran: list[Cell] = []
        """What the ledger tells of, in full: a branch may have to run it again."""
        self._past = Past()
        self._last: Outcome | None = None
        self._notice = ""
        """What the next outcome must say besides."""
        self._queue = 0
        """How many wait for their turn."""
        self._losses = 0
        self._loss = ""
        """How often its variables were lost while somebody may have waited, and what the user is told of the last time."""
        self._branches: set[SidecarKernel] = set()
        self.not_forked = ""
        """Why its last branch was not a fork."""
        self._withheld = ""
        """What containment withholds from its process beyond what it always does."""
        self._told = ""
        """What the user was told of what the sandbox withholds."""
        self.used = 0.0
        """When somebody's turn last ended."""
        self._idle: asyncio.TimerHandle | None = None
        self._ends: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> KernelState:
        """Where it is in its life."""
        return self._state

    @state.setter
    def state(self, state: KernelState) -> None:
        changed, self._state = state is not self._state, state
        if changed:
            self._changed(self.notebook)

    @property
    def uncontained(self) -> str | None:
        """Why it can have no contained branch, in a sentence; empty if it can, None while nobody has looked."""
        return "" if self.level in ("contained", "sandboxed") else self._uncontained

    @property
    def ledger(self) -> Sequence[Entry]:
        """What has run in the process that there is now, oldest first."""
        return tuple(self._ledger)

    @property
    def queue(self) -> int:
        """How many have a turn or wait for one."""
        return self._queue + self._turn.locked()

    @property
    def alive(self) -> bool:
        """Whether it has a process, or gets one just now."""
        return self._process is not None or self._admitted

    @property
    def unused(self) -> bool:
        """Whether it has a process that nobody needs just now."""
        return self._process is not None and not self.queue and not self._branches

    @asynccontextmanager
    async def reserve(self) -> AsyncIterator[None]:
        """Wait for one's turn; nobody else runs in this kernel until the context ends."""
        losses = self._losses
        await self._await_turn()
        try:
            if self._idle:
                self._idle.cancel()
            if self._losses > losses:  # who waited meant the variables that were there then
                self._notice = self._loss
            if self._nest:
                await self._nest.refresh()
            yield
        finally:
            if self._process:
                self._process.rest()
            loop = asyncio.get_running_loop()
            self.used = loop.time()
            self._idle = loop.call_later(self._settings.idle_minutes * 60, self._expire)
            self._turn.release()
            self._surroundings.released()

    async def _await_turn(self) -> None:
        waits = self._turn.locked()
        self._queue += 1
        try:
            if waits:
                self._changed(self.notebook)
            await self._turn.acquire()
        finally:
            self._queue -= 1
            if waits:
                self._changed(self.notebook)

    async def run_cell(self, cell: Cell, on_output: OnOutput = _ignore) -> Outcome:
        """Run one cell, within the limits of the settings; call it inside `reserve()`.

        Raises KernelStartFailed, KernelspecMissing.
        """
        assert self._turn.locked(), "run_cell is called inside reserve()"
        process = await self._ready_process()
        if process is None:
            return Outcome("interrupted", cell.id)
        from ai_notebook_ls.kernels.runner import Run

        folder = self._past.folder_before(self.notebook, cell.id)
        self._run = run = Run(process, cell, self._past, self._settings.run, on_output, folder)
        self._last = None
        self.state = KernelState.BUSY
        status: Status = "cancelled"
        try:
            outcome = await run.finish()
            status = outcome.status
        finally:
            if run.lost:
                self._bury(process)
            else:
                self.state = KernelState.IDLE
                self._ran.append(cell)
                names, used = names_of(cell, run.names), used_by(cell)
                self._ledger.append(Entry(cell.id, cell.digest, run.count or 0, status, run.duration_ms, names, used))
            self._run = None
        notices = (
            self._notice,
            outcome.notice,
            late_notice(self.notebook, cell.id, run.late),
            self._about_isolation(outcome.failure),
        )
        self._notice = ""
        outcome = replace(outcome, level=self.level, notice=" ".join(filter(None, notices)))
        self._last = outcome
        return outcome

    def _about_isolation(self, failure: Failure | None) -> str:
        """What the user must know of the isolation: once what it withholds, and what in a failure comes from it."""
        if self._nest is None:
            return ""
        from ai_notebook_ls.kernels.isolation import Isolation, sandbox_notice

        sandbox = self._nest.sandbox
        told, self._told = self._told, sandbox.notice if sandbox else self._withheld
        notice = "" if self._told == told else self._told
        if failure is None:
            return notice
        hidden = sandbox.hidden if sandbox else lambda _: False
        return f"{notice} {sandbox_notice(failure, self._settings.isolation, Isolation(self.level), hidden)}".strip()

    @asynccontextmanager
    async def branch(self, contained: bool = False) -> AsyncIterator[SidecarKernel]:
        """Give a throwaway kernel in this one's present state, closed with the context; not inside `reserve()`.

        It is forked from this one. Where that cannot be, it is a fresh kernel in which the same cells have been run.
        Raises NotContained, KernelStartFailed, KernelspecMissing.
        """
        contained = contained or self.contained  # what ran in it is not run again without
        copy = SidecarKernel(self.notebook, self._settings, self._surroundings, contained=contained)
        self._branches.add(copy)
        try:
            async with self.reserve(), copy.reserve():
                contain = await copy.containing(self) if contained else None
                if not await self._fork(copy, contain):
                    if contain:  # the same cells run again would be the user's, and are not to be contained
                        raise NotContained(f"the kernel cannot be forked ({self.not_forked})")
                    for cell in tuple(self._ran):
                        await copy.run_cell(cell)
            yield copy
        finally:
            await copy.close()
            self._branches.discard(copy)
            self._surroundings.released()

    async def containing(self, origin: SidecarKernel | None = None) -> Contain | None:
        """Return how its processes are contained, or those of its `origin`; None where the sandbox does it.

        Raises NotContained, KernelStartFailed, KernelspecMissing.
        """
        origin = origin or self
        try:
            contain = await origin._containing()
        except NotContained as trouble:
            origin._learn(trouble.why)
            raise
        origin._learn("")
        if self.contained:
            self.level, self.why = "contained" if contain else "sandboxed", ""
        return contain

    def _learn(self, uncontained: str) -> None:
        changed, self._uncontained = uncontained != self._uncontained, uncontained
        if changed:
            self._changed(self.notebook)

    async def _containing(self) -> Contain | None:
        if self._settings.remote.url:
            raise NotContained("It runs on another machine.")
        from ai_notebook_ls.kernels import isolation as levels
        from ai_notebook_ls.kernels.containment import Contained, probe

        nest = self._nest or (await self._place())[2]
        if nest is None:
            raise NotContained("Its kernelspec starts it elsewhere.")
        if nest.isolation.level == "sandboxed":
            return None
        if nest.interpreter is None:
            raise NotContained("Only Python kernels on Linux are contained.")
        if why := (await asyncio.to_thread(probe, nest.interpreter)).why:
            raise NotContained(why)
        asked = self._settings.isolation
        limits = nest.limits or await asyncio.to_thread(levels.limits, asked, levels.Isolation("limited"))
        return partial(Contained, asked, nest.interpreter, nest.environment, limits, self._folder)

    @property
    def _folder(self) -> Path | None:
        """The notebook's folder, if there is one."""
        folder = Path(self.notebook.path).parent if self.notebook.path else None
        return folder if folder and folder.is_dir() else None

    async def _fork(self, copy: SidecarKernel, contain: Contain | None) -> bool:
        """Give the copy a fork of this one's process, and what is known of it; return whether that went well."""
        if self._process is None:
            return not self._ran
        from ai_notebook_ls.kernels.branches import branch
        from ai_notebook_ls.kernels.zygotes import NotForked

        try:
            process = await branch(self._process, self._settings.run.start_timeout, contain)
        except NotForked as reason:
            self.not_forked = str(reason)
            return False
        copy._adopt(process, self._kind)
        copy._nest, copy._told = self._nest, self._told
        if not contain:
            copy.level, copy.why = self.level, self.why
        copy._ledger, copy._ran, copy._past = list(self._ledger), list(self._ran), self._past.copy()
        return True

    def confine(self, isolation: Isolation) -> None:
        """Take note of the isolation that its next process gets."""
        if self.contained:
            return  # `containing` says it
        if self._process is None and (self.level, self.why) != (isolation.level, isolation.why):
            self.level, self.why = isolation.level, isolation.why
            self._changed(self.notebook)

    async def evidence(self, outcome: Outcome) -> Evidence | None:
        """Ask the kernel about the failure of the cell that it ran last; None where it cannot tell."""
        last = self._last
        asked = (outcome.cell, outcome.execution_count)
        if not (self._process and outcome.failure and last and asked == (last.cell, last.execution_count)):
            return None
        from ai_notebook_ls.kernels.evidence import ask

        return await ask(self._process, outcome.failure.ename)

    async def holds(self, names: Sequence[str], compare: bool) -> Mapping[str, str] | None:
        """Tell what global names hold after a run; None where the kernel cannot tell."""
        if self._process is None:
            return None
        from ai_notebook_ls.kernels import asking, bindings

        helper = f"{asking.MODULES}[{bindings.NAME!r}]"
        call = f"{helper}.report({list(names)!r}, {compare})"
        facts = await asking.evaluate(self._process, f"({asking.installing(bindings)}, {call})[-1]")
        return facts["names"] if facts else None

    async def watch(self) -> None:
        """Note the types that the functions of cells are called with, from now on."""
        if (process := await self._ready_process()) is not None:
            from ai_notebook_ls.kernels.watching import begin

            await begin(process)

    async def seen(self) -> Seen | None:
        """Return what was noted since; None where the kernel cannot tell."""
        if self._process is None:
            return None
        from ai_notebook_ls.kernels.watching import end

        return await end(self._process)

    async def variables(self) -> Variables | None:
        """Tell what the user's names hold; None while something else runs. Neither starts a kernel nor prolongs its life."""
        async with self._glance() as free:
            if not free:
                return None
            if self._process is None:
                return Variables()
            from ai_notebook_ls.kernels.variables import ask

            return await ask(self._process)

    async def documented(self, names: Sequence[str]) -> Mapping[str, Documented] | None:
        """Tell what functions say of themselves; None while something else runs, or without a process."""
        async with self._glance() as free:
            if not free or self._process is None or not names:
                return None
            from ai_notebook_ls.kernels.documented import ask

            return await ask(self._process, names)

    async def complete(self, source: str, cursor: int) -> Completions | None:
        """Tell what would fit at a place of some code; None while something else runs, or without a process."""
        async with self._glance() as free:
            if not free or self._process is None:
                return None
            from ai_notebook_ls.kernels.completion import ask

            return await ask(self._process, source, cursor)

    @asynccontextmanager
    async def _glance(self) -> AsyncIterator[bool]:
        """Take a turn if one comes within a moment, without being work that keeps the kernel alive."""
        turn = asyncio.create_task(self._turn.acquire())  # not wait_for, which may swallow a cancellation
        try:
            await asyncio.wait({turn}, timeout=GLANCE)
            yield turn.done()
        finally:
            if turn.done():
                self._turn.release()
            turn.cancel()
            idle = self._idle
            if idle and not idle.cancelled() and idle.when() < asyncio.get_running_loop().time():
                self._expire()  # the timer found the turn taken, by this look

    async def interrupt(self) -> None:
        """Stop the cell that runs, as Jupyter's interrupt does; no-op when idle."""
        if self._run:
            await self._run.interrupt()
        elif self._starting:
            self._starting.cancel()

    async def restart(self) -> None:
        """Throw the process and all its variables away; the next run starts a new one."""
        if self._run:
            self._run.abandon(RESTARTED)
        self._lost(RESTARTED)
        await self.close()

    async def retire(self, why: str) -> None:
        """End the process, unless it is needed, for a reason that the next outcome tells."""
        if not self.unused:
            return
        self._notice = why
        self._lost(why)
        await self.close()

    def _lost(self, why: str) -> None:
        self._losses, self._loss = self._losses + 1, why

    async def close(self) -> None:
        """End the process, if there is one; returns when nothing is left of it."""
        if self._idle:
            self._idle.cancel()
        if self._starting:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        await asyncio.gather(*(branch.close() for branch in self._branches))
        process, self._process = self._process, None
        self._forget(KernelState.NONE)
        if process:
            await process.end()
        if others := [task for task in self._ends if task is not asyncio.current_task()]:
            await asyncio.wait(others)

    def memory_bytes(self) -> int:
        """Memory of the kernel's process and of its branches, 0 if it has none."""
        own = self._process.memory_bytes if self._process else 0
        return own + sum(branch.memory_bytes() for branch in self._branches)

    async def _ready_process(self) -> LiveKernel | None:
        """The process, started if need be; None if it was stopped meanwhile."""
        kind = (self.notebook.kernel_name, self.notebook.language)
        if self._process and self._kind != kind:
            await self.close()
        if self._process:
            return self._process
        self.state = KernelState.STARTING
        self._kind = kind
        self._starting = start = asyncio.create_task(self._start())
        try:
            # Not awaited bare: a cancelled start (interrupt, close) must not look as if our caller were cancelled.
            await asyncio.wait({start})
        except asyncio.CancelledError:
            start.cancel()
            await asyncio.wait({start})
            raise
        finally:
            self._starting = None
            self._admitted = False
            self.state = KernelState.NONE
        if start.cancelled():
            return None
        self._adopt(start.result(), kind)
        return self._process

    def _adopt(self, process: LiveKernel, kind: tuple[str | None, str]) -> None:
        self._process, self._kind = process, kind
        self._withheld = process.withheld
        self.state = KernelState.IDLE
        process.exit.add_done_callback(lambda _: self._bury(process))

    async def _start(self) -> LiveKernel:
        await self._surroundings.make_room(self)
        self._admitted = True
        if self._settings.remote.url:
            from ai_notebook_ls.kernels.remote import RemoteKernel

            return await RemoteKernel.start(self.notebook, self._settings)
        from ai_notebook_ls.kernels.isolation import UNCONFINED, kernel_environment
        from ai_notebook_ls.kernels.process import KernelProcess

        name, spec, nest = await self._place()
        self._nest = nest
        contain = await self.containing() if self.contained else None
        environment = kernel_environment(os.environ, self._settings.isolation, UNCONFINED)
        return await KernelProcess.start(
            name,
            spec,
            self._folder,
            self._surroundings.context(),
            self._settings.run.start_timeout,
            nest.environment if nest else environment,
            nest,
            contain,
        )

    async def _place(self) -> tuple[str, KernelSpec, Nest | None]:
        """Find the kernelspec, and where its kernels are started. Raises KernelStartFailed, KernelspecMissing."""
        from ai_notebook_ls.kernels.isolation import elsewhere
        from ai_notebook_ls.kernels.kernelspecs import find_spec, is_local

        name, spec = await asyncio.to_thread(find_spec, self.notebook)
        nest = await self._surroundings.nest(self.notebook, spec)
        if nest:
            self.confine(nest.isolation)
        elif not is_local(spec):
            self.confine(elsewhere())
        return name, spec, nest

    def _bury(self, process: LiveKernel) -> None:
        """Note that the process is gone, by itself or because it would not stop, and clean up after it."""
        if self._process is not process:
            return
        self._process = None
        self._lost(KernelDied(process.exit.result().how).message)
        if not self._run:  # else the outcome says it
            self._notice = self._loss
        self._forget(KernelState.DEAD)
        self._later(process.end())

    def _expire(self) -> None:
        """Close a kernel that nobody has used for long."""
        minutes = f"{self._settings.idle_minutes:g} minutes"
        self._later(self.retire(f"The sidecar kernel was closed after {minutes} without use; its variables are lost."))

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)

    def _forget(self, state: KernelState) -> None:
        self.state = state
        self._ledger.clear()
        self._ran.clear()
        self._past = Past()
        self._last = None
        self._surroundings.released()
