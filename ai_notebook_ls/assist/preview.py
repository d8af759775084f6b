"""What a verb would send to the model's server, to the byte; nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.fix import seen_failing
from ai_notebook_ls.assist.requests import answer_to, change_of, explanation_of
from ai_notebook_ls.assist.sending import model_of
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.core.requests import Request
from ai_notebook_ls.ports import Preview, Surface


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, and what it would be given."""

    command: str
    failure: Failure | None = None
    text: str = ""
    """Its instruction or question."""
    conversation: str | None = None


async def preview(assistant: Assistant, notebook: Notebook, cell: Cell, asked: Asked, surface: Surface) -> Preview:
    """Return what a command would send first.

    A fix is seen to fail in the sidecar first, as the fix itself would. Raises BadArguments, ProviderTrouble,
    KernelTrouble.
    """
    model = model_of(assistant, "A preview of what is sent")
    assistant.check(cell)
    request: Request
    if asked.command == "aiNotebook.explain":
        request = await explanation_of(assistant, notebook, cell, asked.failure)
    elif asked.command == "aiNotebook.fix":
        found = await seen_failing(assistant, notebook, cell, surface)
        if found is None:
            raise BadArguments("This cell runs without error in the sidecar kernel; nothing would be sent.", "")
        request = found
    elif asked.command == "aiNotebook.improve":
        request = await change_of(assistant, notebook, cell, asked.text)
    elif asked.command == "aiNotebook.ask":
        request = await answer_to(assistant, notebook, cell, asked.text, asked.conversation)
    else:
        raise BadArguments(f"{asked.command or 'That'} sends nothing to a model.", "")
    return await model.preview(request)
