"""The verb explain: what can be known without a model, then a model's prose on top."""

from __future__ import annotations

from dataclasses import dataclass

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.requests import explanation_of
from ai_notebook_ls.assist.sending import agreed
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import ProviderTrouble
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.ports import Surface, Usage

SEPARATOR = "\n\n---\n\n"
"""Between what is known without a model, and a model's words."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cell, explained."""

    markdown: str
    provider: str
    usage: Usage | None = None
    """What the model's part took."""

    @property
    def cached(self) -> bool:
        """Whether the model's part was said before."""
        return self.usage is not None and self.usage.cached


async def explain(
    assistant: Assistant, notebook: Notebook, cell: Cell, failure: Failure | None, surface: Surface
) -> Explanation:
    """Explain a cell, streaming the text as it comes.

    A model that fails does not take the builtin explanation with it: its trouble becomes the last line.
    Raises NotACodeCell, CellTooLarge.
    """
    assistant.check(cell)
    request = await explanation_of(assistant, notebook, cell, failure)
    parts: list[str] = []
    usage = None

    def show(text: str) -> None:
        parts.append(text)
        surface.delta(text)

    answered = assistant.providers[0].info.name
    for provider in assistant.providers:
        try:
            if provider is assistant.model:
                await agreed(assistant, assistant.model, request, surface)
                surface.progress("Waiting for the model")
            separated = not parts
            async for piece in provider.explain(request):
                if isinstance(piece, Usage):
                    usage = piece
                    continue
                show(piece if separated else f"{SEPARATOR}{piece}")
                separated = True
            answered = provider.info.name
        except ProviderTrouble as trouble:
            show(f"{SEPARATOR if parts else ''}*{provider.info.called}: {trouble}*")
    markdown = "".join(parts)
    assistant.memory.explanation(notebook, cell, markdown)
    return Explanation(markdown, answered, usage)
