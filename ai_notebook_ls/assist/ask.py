"""The verb ask: a conversation about a notebook, remembered while the server lives."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.requests import answer_to
from ai_notebook_ls.assist.sending import agreed, model_of
from ai_notebook_ls.core.answers import PYTHON, blocks
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.core.requests import Turn
from ai_notebook_ls.ports import Surface, Usage

QUESTION_LIMIT = 10_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said."""

    markdown: str
    conversation: str
    """Give it along with the next question to go on."""
    provider: str
    code: tuple[str, ...]
    """What would be cells, in order: not run, and in no notebook before the user puts it there."""
    usage: Usage | None


async def ask(
    assistant: Assistant, notebook: Notebook, cell: Cell, question: str, conversation: str | None, surface: Surface
) -> Answer:
    """Put a question about a notebook to the model, streaming its answer. Raises BadArguments, ProviderTrouble."""
    if not question.strip():
        raise BadArguments("There is no question.", "Type one.")
    if len(question) > QUESTION_LIMIT:
        raise BadArguments(f"The question has more than {QUESTION_LIMIT:,} characters.", "Shorten it.")
    model = model_of(assistant, "A question")
    known = conversation or uuid.uuid4().hex
    request = await answer_to(assistant, notebook, cell, question, known)
    await agreed(assistant, model, request, surface)
    surface.progress("Waiting for the model")
    parts: list[str] = []
    usage = None
    async for piece in model.ask(request):
        if isinstance(piece, Usage):
            usage = piece
        else:
            parts.append(piece)
            surface.delta(piece)
    markdown = "".join(parts)
    assistant.conversations.add(notebook, known, Turn(question, markdown))
    code = tuple(each.text for each in blocks(markdown) if each.text and each.text.strip() and each.language in PYTHON)
    return Answer(markdown, known, model.info.name, code, usage)
