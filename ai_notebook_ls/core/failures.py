"""Everything that can go wrong, as a tree; each leaf holds the sentence the user reads.

AssistError
├── BadInput
│   ├── BadArguments           a command's arguments make no sense
│   ├── NotebookUnreadable     the file is missing, not JSON, not a notebook
│   ├── NotebookUnknown        the client never opened it
│   ├── CellUnknown            no such cell, or a place outside all cells
│   ├── NotACodeCell           markdown and raw cells cannot be run or fixed
│   ├── CellTooLarge           more text than we are willing to analyse or run
│   ├── NotWritable            the file or its folder cannot be written
│   ├── Declined               the user did not want the cells above to run
│   └── ContentModified        the cell changed since the request was made
├── KernelTrouble
│   ├── KernelspecMissing      the notebook asks for a kernel that is not installed
│   ├── KernelStartFailed      the process ended, or did not answer, before it was ready
│   │   └── NoPlace              the disk that holds temporary files is full, or cannot be written
│   ├── NotContained           code of somebody else's was to run, and cannot be kept from the machine here
│   ├── NoRoom                 as many kernels as the settings allow, all of them busy
│   ├── RemoteMisconfigured    the settings of the Jupyter server that is to run kernels make no sense
│   ├── RemoteUnreachable      it does not answer, or not as a Jupyter server does
│   ├── RemoteRefused          it does not accept our token
│   ├── RemoteFailed           it could not do what we asked for
│   └── KernelDied             the process ended while running a cell
├── NoVerifiedFix              nothing that may be applied without a look
├── ProviderTrouble
│   ├── ProviderUnavailable    not configured, not installed, not reached
│   ├── NotSent                the user, or a setting, did not want it sent
│   └── ProviderFailed         it answered wrongly, or not at all
└── InternalError              a bug of ours; reported, never fatal
"""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb
from types import TracebackType


def textless(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Return a traceback as it may be logged: without the error's text and the source, which may be a user's."""
    places = [f"  {Path(each.filename).name}, line {each.lineno}, in {each.name}" for each in extract_tb(trace)]
    return "\n".join([*places[-5:], f"  {kind.__name__}"])


class AssistError(Exception):
    """Something a user can be told: `message` says what happened, `hint` what to do about it."""

    kind = "InternalError"
    hint = ""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(AssistError):
    """What was asked cannot be done as it was asked."""


class BadArguments(BadInput):
    """A command's arguments make no sense."""


class NotebookUnreadable(BadInput):
    """The notebook file cannot be read as a notebook."""

    hint = "Check the path, or open and save the notebook in Jupyter once."


class NotebookUnknown(BadInput):
    """The client asked about a document that it has not opened."""

    def __init__(self, uri: str) -> None:
        name = uri.rpartition("/")[2] or uri
        super().__init__(f"The document {name} is not open.", "Open it, or reload the page, and try again.")


class CellUnknown(BadInput):
    """There is no such cell."""

    def __init__(self, cell: str) -> None:
        super().__init__(
            f"There is no cell {cell!r} in this notebook.", "It may have been deleted or moved; try again."
        )


class NotACodeCell(BadInput):
    """Markdown and raw cells cannot be run or fixed."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"This is a {kind} cell; only code cells can be run, explained or fixed.", "Choose a code cell."
        )


class CellTooLarge(BadInput):
    """The cell holds more text than we are willing to analyse or run."""

    def __init__(self, size: int, limit: int, what: str) -> None:
        super().__init__(
            f"This cell has {size:,} characters; up to {limit:,} are {what}.",
            "Keep data in a file and read it from there.",
        )


class NotWritable(BadInput):
    """A file that was to be written cannot be."""

    hint = "Check the permissions of the file and its folder. Nothing was changed."


class Declined(BadInput):
    """The user was asked about cells that are slow or reach out of the notebook, and did not agree."""

    def __init__(self, answered: bool) -> None:
        message = "Nothing was run." if answered else "Nothing was run: the question before it was not answered."
        super().__init__(message, "" if answered else "Ask again, and answer.")


class ContentModified(BadInput):
    """The cell changed since the request was made, so nothing was applied."""

    def __init__(self) -> None:
        super().__init__("The cell has changed since this was asked for; nothing was applied.", "Ask again.")


class KernelTrouble(AssistError):
    """The sidecar kernel could not do it."""


class KernelspecMissing(KernelTrouble):
    """The notebook asks for a kernel that is not installed."""

    def __init__(self, name: str, installed: list[str], where: str = "here") -> None:
        known = ", ".join(sorted(installed)) or "none"
        super().__init__(
            f"The notebook asks for the kernel {name!r}, which is not installed {where} (installed: {known}).",
            "Install that kernel, or choose another one in the notebook.",
        )


class KernelStartFailed(KernelTrouble):
    """The kernel's process ended, or did not answer, before it was ready."""

    hint = "Run `ai-notebook-ls doctor` to see which kernels work."


class NoPlace(KernelStartFailed):
    """A kernel's temporary files cannot be written."""

    hint = "Free some space in the temporary folder, or set TMPDIR to another folder and restart."

    def __init__(self, reason: str | None) -> None:
        super().__init__(f"The sidecar kernel could not write its temporary files: {reason or 'unknown error'}.")


class NotContained(KernelTrouble):
    """A contained kernel was asked for, and there can be none."""

    hint = "Run `ai-notebook-ls doctor` to see what is missing."

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"It cannot be kept from your files and the network here: {why.rstrip('.')}.")


class NoRoom(KernelTrouble):
    """There are as many sidecar kernels as the settings allow, and all of them are busy."""

    hint = "Try again when one of them is done, interrupt it, or raise the limit."


class RemoteMisconfigured(KernelTrouble):
    """The settings of the Jupyter server that is to run kernels make no sense."""


class RemoteUnreachable(KernelTrouble):
    """The Jupyter server that is to run kernels does not answer, or not as one."""

    hint = "Check that it runs, and the setting `remote.url`."


class RemoteRefused(KernelTrouble):
    """The Jupyter server that is to run kernels does not accept our token."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The Jupyter server at {where} does not let us in.", "Check the token in AI_NOTEBOOK_LS_REMOTE_TOKEN."
        )


class RemoteFailed(KernelTrouble):
    """The Jupyter server that is to run kernels could not do what we asked for."""

    hint = "Its log says more."


class KernelDied(KernelTrouble):
    """The kernel's process ended."""

    def __init__(self, how: str = "") -> None:
        super().__init__(
            f"The sidecar kernel died{f' ({how})' if how else ''}; its variables are lost.",
            "Your own kernel is not affected. The next run starts a new sidecar kernel.",
        )


class NoVerifiedFix(AssistError):
    """There is nothing that may be applied without a look."""

    hint = "Nothing was changed."


class ProviderTrouble(AssistError):
    """The provider could not answer."""


class ProviderUnavailable(ProviderTrouble):
    """The provider is not configured or not installed."""


class NotSent(ProviderTrouble):
    """The user, or a setting, did not want it sent."""


class ProviderFailed(ProviderTrouble):
    """The provider answered wrongly, or not at all."""


class InternalError(AssistError):
    """A bug of ours."""

    def __init__(self) -> None:
        super().__init__(
            "Something went wrong inside ai-notebook-ls; nothing was changed.",
            "The details are in the server's log. Please report this.",
        )
