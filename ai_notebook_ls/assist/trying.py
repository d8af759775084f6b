"""Where code that the user did not write may run: contained by the operating system, by the user's leave, or not at all."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.failures import NotContained
from ai_notebook_ls.core.questions import DO_NOT_RUN, RUN_ALWAYS, RUN_ONCE
from ai_notebook_ls.ports import Kernel, Surface


@dataclass(frozen=True, slots=True)
class Leave:
    """Where some code may run."""

    contained: bool = False
    """In a contained branch; else where the user's own code runs."""
    refusal: str = ""
    """Why it may not run at all, as sentences for the user."""
    answered: bool = True
    """Whether that was the user's word."""


OWN = Leave()
"""For the user's own code, and changes to it that our rules make."""


def is_own(candidate: Candidate) -> bool:
    """Return whether a candidate is the user's own code, changed by a rule of ours rather than by a model."""
    return candidate.origin.startswith("builtin:")


async def leave(
    assistant: Assistant,
    notebook: Notebook,
    question: str,
    code: str,
    contain: Callable[[], Awaitable[Kernel]],
    surface: Surface,
) -> Leave:
    """Say where code that the user did not write may run; where nothing contains it, the user sees it and is asked.

    `contain` gives a contained branch of the kernel that it is for, or raises NotContained. Raises KernelTrouble.
    """
    try:
        why = _gap(assistant, await contain())
    except NotContained as trouble:
        why = trouble.message
    if not why:
        return Leave(contained=True)
    if notebook.uri in assistant.allowed:
        return OWN
    answer = await surface.ask(f"{question} {why}\n\n{code}", (DO_NOT_RUN, RUN_ONCE, RUN_ALWAYS))
    if answer == RUN_ALWAYS:
        assistant.allowed.add(notebook.uri)
    if answer in (RUN_ONCE, RUN_ALWAYS):
        return OWN
    if answer == DO_NOT_RUN:
        return Leave(refusal="Not run, as you chose. Read it before you use it.")
    return Leave(refusal=f"Not run, since nobody agreed to it. {why} Read it before you use it.", answered=False)


def kept(assistant: Assistant, kernel: Kernel) -> bool:
    """Return whether nothing that runs in a kernel reaches the user's files or the network."""
    return kernel.level in ("contained", "sandboxed") and not _gap(assistant, kernel)


def _gap(assistant: Assistant, kernel: Kernel) -> str:
    """What the settings let out of a sandbox."""
    isolation = assistant.settings.isolation
    if kernel.level != "sandboxed":
        return ""
    if isolation.network:
        return "Your settings let the sandbox use the network."
    return "Your settings let the sandbox write to the notebook's folder." if isolation.folder == "writable" else ""


def changes(notebook: Notebook, candidates: Sequence[Candidate]) -> str:
    """Return what candidates change, as unified diffs."""
    found = []
    for candidate in candidates:
        for edit in candidate.edits:
            name = f"cell {notebook.number(edit.cell)}"
            lines = (notebook.cell(edit.cell).source.splitlines(), edit.source.splitlines())
            found.append("\n".join(difflib.unified_diff(*lines, name, f"{name}, changed", lineterm="")))
    return "\n\n".join(found)


def about(candidates: Sequence[Candidate]) -> str:
    """Return the question whether candidates may run, without the reason for it."""
    who = candidates[0].origin.partition(":")[2] or "a model"
    what = "this change" if len(candidates) == 1 else f"these {len(candidates)} changes"
    return f"Run {what} by {who} in the sidecar?"
