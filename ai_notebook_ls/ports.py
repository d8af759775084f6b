"""The edges, as Protocols: what the verbs ask of kernels and providers, whoever implements them."""

from __future__ import annotations

import enum
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.ledger import Entry
from ai_notebook_ls.core.outcomes import Level, OnOutput, Outcome, Output
from ai_notebook_ls.core.prompts import Message
from ai_notebook_ls.core.recipes import Seen
from ai_notebook_ls.core.requests import AskRequest, Documented, ExplainRequest, FixRequest, ImproveByModel, Request
from ai_notebook_ls.core.variables import Variables


class KernelState(enum.Enum):
    """Where a sidecar kernel is in its life."""

    NONE = "none"
    """Never started, or closed."""
    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    DEAD = "dead"
    """Its process ended by itself; the next run starts a new one."""


class Kernel(Protocol):
    """One sidecar kernel: runs the cells of one notebook and remembers which."""

    @property
    def state(self) -> KernelState:
        """Where it is in its life."""
        ...

    @property
    def level(self) -> Level:
        """The isolation level in force."""
        ...

    @property
    def why(self) -> str:
        """Why it is not higher, in sentences for the user; empty if it is the best, or not known yet."""
        ...

    @property
    def uncontained(self) -> str | None:
        """Why it can have no contained branch, in a sentence; empty if it can, None while nobody has looked."""
        ...

    @property
    def ledger(self) -> Sequence[Entry]:
        """What has run in the present process, oldest first."""
        ...

    @property
    def queue(self) -> int:
        """How many have a turn or wait for one."""
        ...

    def reserve(self) -> AbstractAsyncContextManager[None]:
        """Wait for one's turn; nobody else runs in this kernel until the context ends."""
        ...

    async def run_cell(self, cell: Cell, on_output: OnOutput = ...) -> Outcome:
        """Run one cell, within the limits of the settings; call it inside `reserve()`.

        A cell's own failure, a deadline, an interrupt and the kernel's death are outcomes, not exceptions. Cancelling
        the task interrupts the cell, and kills the kernel if that does not help within two seconds.
        Raises KernelStartFailed, KernelspecMissing where there is no kernel to run it.
        """
        ...

    def branch(self, contained: bool = False) -> AbstractAsyncContextManager[Kernel]:
        """Give a throwaway kernel in this one's present state, closed with the context; not inside `reserve()`.

        `contained`: for code that the user did not write. Nothing that runs in it reaches the user's files, programs or
        network; its `level` is `contained` or `sandboxed`. What is branched off it is contained as well.
        Raises NotContained, KernelStartFailed, KernelspecMissing.
        """
        ...

    async def evidence(self, outcome: Outcome) -> Evidence | None:
        """Ask the kernel about the failure of the cell that it ran last; None where it cannot tell."""
        ...

    async def holds(self, names: Sequence[str], compare: bool) -> Mapping[str, str] | None:
        """Tell what global names hold after a run: the names that exist, `None` as "None", another value as a text.

        If they are to be compared, such texts differ where the values do. None where the kernel cannot tell. For a
        branch: objects of the user's may run code of theirs.
        """
        ...

    async def watch(self) -> None:
        """From now on, note the types that the functions of cells are called with; for a branch, which it slows."""
        ...

    async def seen(self) -> Seen | None:
        """Return what was noted since `watch`, which ends; None where the kernel cannot tell."""
        ...

    async def variables(self) -> Variables | None:
        """Tell what the user's names hold, empty without a process; None while something else runs in the kernel.

        Takes its own turn, and waits for it only a moment; neither starts a process nor prolongs its life.
        """
        ...

    async def documented(self, names: Sequence[str]) -> Mapping[str, Documented] | None:
        """Tell how functions are called and what they say of themselves, `df.groupby` say, as the user's names stand.

        Of none whose look would run the user's code. None while something else runs, or without a process.
        """
        ...

    async def complete(self, source: str, cursor: int) -> Completions | None:
        """Tell what would fit at a place of some code, counted in code points. None while something else runs.

        Nothing of the user's runs for it in a Python kernel, no `__getattr__`. None without a process, too.
        """
        ...

    async def interrupt(self) -> None:
        """Stop the cell that runs, as Jupyter's interrupt does; no-op when idle."""
        ...

    async def restart(self) -> None:
        """Throw the process and all its variables away; the next run starts a new one."""
        ...

    def memory_bytes(self) -> int:
        """Resident memory of the kernel's process, 0 if it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Completions:
    """What would fit between two places of some code, counted in code points."""

    matches: tuple[str, ...]
    start: int
    end: int


class Kernels(Protocol):
    """All sidecar kernels of this process, keyed by notebook and shared by its sessions."""

    def kernel(self, notebook: Notebook) -> Kernel:
        """Return the notebook's persistent kernel; its process starts with the first run."""
        ...

    def throwaway(self, notebook: Notebook, contained: bool = False) -> AbstractAsyncContextManager[Kernel]:
        """Give a fresh kernel for trying things, closed with the context; `contained` as in Kernel.branch."""
        ...

    def prepare(self, notebook: Notebook) -> None:
        """Get ready to start the notebook's kernel, in the background; runs nothing of the notebook's."""
        ...

    async def close(self) -> None:
        """End all kernels; returns when no process is left."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """What a user may know about the provider in use."""

    name: str
    model: str | None = None
    destination: str | None = None
    """Where prompts go, `https://api.openai.com` say; None if nothing leaves this machine."""
    ready: bool = True
    why: str | None = None
    """Why it is not ready."""
    key: str | None = None
    """Where the key is from, `OPENAI_API_KEY` say; never the key. None without one, or while nobody has looked for it."""

    @property
    def called(self) -> str:
        """The model's name, by which a person knows who answers; else the provider's."""
        return self.model or self.name


class Surface(Protocol):
    """Where long work shows itself while it goes on: a page, an editor, a terminal."""

    def progress(self, message: str) -> None:
        """Say in a few words what happens now."""
        ...

    def delta(self, text: str) -> None:
        """Show a further piece of streamed text."""
        ...

    def output(self, cell: str, output: Output) -> None:
        """Show an output of a cell as it comes."""
        ...

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        """Put a question to the user; None if nobody answers, or none of these."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer of a model took."""

    model: str
    prompt_tokens: int
    answer_tokens: int
    """As the server counted them; where it does not, about a fourth of the characters."""
    seconds: float
    """From sending to the end of the answer."""
    cached: bool = False
    """Whether it is an answer of before, for which nothing was sent."""


class Provider(Protocol):
    """What answers a request: builtin rules, a model, or the scripted mock."""

    @property
    def info(self) -> ProviderInfo:
        """What a user may know about it."""
        ...

    def explain(self, request: ExplainRequest) -> AsyncIterator[str | Usage]:
        """Stream an explanation as markdown; a model's ends with what it took. Raises ProviderTrouble."""
        ...

    def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        """Propose candidates, the likeliest first, none of them run yet. Raises ProviderTrouble."""
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """What a request sends, to the byte: before it is sent, or as it was."""

    destination: str | None
    """None if it stays on this machine."""
    body: bytes
    """The HTTP request's body; for the scripted model the messages as JSON."""
    messages: tuple[Message, ...]
    tokens: int
    """About, at four characters a token."""
    redactions: tuple[str, ...]
    """What stands in place of secrets, `<SECRET_1: GitHub token>` say."""
    later: str = ""
    """What further requests for the same wish will add; empty if there are none."""


class ModelProvider(Provider, Protocol):
    """A provider with a model behind it: it also answers what rules cannot."""

    def improve(self, request: ImproveByModel) -> AsyncIterator[Candidate | Usage]:
        """Propose cells' new texts by an instruction, none of them run yet. Raises ProviderTrouble."""
        ...

    def ask(self, request: AskRequest) -> AsyncIterator[str | Usage]:
        """Stream the answer to a question about the notebook, as markdown. Raises ProviderTrouble."""
        ...

    async def preview(self, request: Request) -> Preview:
        """Return what answering a request would send; sends nothing. Raises ProviderTrouble."""
        ...

    def noting(self, note: Callable[[Preview], None]) -> ModelProvider:
        """Return the same provider, which also calls `note` with each request just before it is sent."""
        ...

    async def close(self) -> None:
        """Close the connections that are kept open."""
        ...


class Model(Protocol):
    """What answers a chat: an OpenAI-compatible server, or a script."""

    @property
    def info(self) -> ProviderInfo:
        """What a user may know about it."""
        ...

    async def window(self) -> int | None:
        """Return how many tokens prompt and answer may have together, if the server admits it. Never raises."""
        ...

    async def body(self, messages: Sequence[Message]) -> bytes:
        """Return the body that `stream` sends, to the byte. Raises ProviderTrouble."""
        ...

    def stream(
        self, messages: Sequence[Message], again: Callable[[bytes], None] | None = None
    ) -> AsyncGenerator[str | Usage, None]:
        """Stream the answer, and at its end what it took; closing it closes the connection at once.

        `again` is told each further body that goes out because the server refused or lost the first one. An answer
        that was cut off raises at its end: what came before is not a whole answer. Raises ProviderTrouble.
        """
        ...

    async def close(self) -> None:
        """Close the connections that are kept open."""
        ...


class Redactor(Protocol):
    """Takes secrets out of the texts of one request, and puts them back where its answer repeats them exactly."""

    @property
    def placeholders(self) -> Sequence[str]:
        """What stands in place of secrets in the texts so far."""
        ...

    def redacted(self, text: str) -> str:
        """Return a whole text, before any cut, with a placeholder for each secret.

        A secret found in one text is found in the later ones of the request, too. The same texts in the same order give the
        same placeholders in any process, unless an earlier request of that process gave a further secret away.
        """
        ...

    def restore(self, source: str, own: str) -> str | None:
        """Return code with the user's own secrets back where `own`, the cell's old text, has them; None if it cannot be.

        A placeholder of something that the cell does not hold, or in another place than a whole literal, never ends
        up in code.
        """
        ...


class Audit(Protocol):
    """The record of what was sent: hashes, sizes, destinations and times, nothing else."""

    def sent(self, destination: str, body: bytes) -> None:
        """Record a request just before it is sent. Never raises."""
        ...

    def answered(self, destination: str, characters: int, seconds: float) -> None:
        """Record an answer's size. Never raises."""
        ...


class Cache(Protocol):
    """Explanations of before, kept on disk."""

    def get(self, key: str) -> str | None:
        """Return what is kept by a key. Never raises."""
        ...

    def put(self, key: str, text: str) -> None:
        """Keep a text, and drop the oldest where there are too many. Never raises."""
        ...


class Consents(Protocol):
    """The destinations that the user has agreed to, kept on disk."""

    def given(self, destination: str) -> bool:
        """Whether the user has agreed to send to it."""
        ...

    def give(self, destination: str) -> None:
        """Remember that the user agreed."""
        ...

    def forget(self, destination: str | None = None) -> None:
        """Forget one, or all."""
        ...

    def all(self) -> Sequence[str]:
        """Return what was agreed to."""
        ...
