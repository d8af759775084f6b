"""The verb explain: what can be known without a model, then a model's prose on top."""

from __future__ import annotations

from dataclasses import dataclass

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.context import ExplainRequest
from ai_notebook_ls.core.failures import ProviderTrouble
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.ports import Surface


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cell, explained."""

    markdown: str
    provider: str
    cached: bool


async def explain(
    assistant: Assistant, notebook: Notebook, cell: Cell, failure: Failure | None, surface: Surface
) -> Explanation:
    """Explain a cell, streaming the text as it comes.

    A model that fails does not take the builtin explanation with it: its trouble becomes the last line.
    Raises NotACodeCell, CellTooLarge.
    """
    assistant.check(cell)
    outcome = assistant.memory.about(notebook, cell).outcome
    request = ExplainRequest(notebook, cell, failure or (outcome.failure if outcome else None), outcome)
    parts: list[str] = []

    def show(text: str) -> None:
        parts.append(text)
        surface.delta(text)

    answered = assistant.providers[0].info.name
    for provider in assistant.providers:
        try:
            if parts:
                show("\n\n---\n\n")
            async for text in provider.explain(request):
                show(text)
            answered = provider.info.name
        except ProviderTrouble as trouble:
            show(f"*{provider.info.name}: {trouble}*")
    markdown = "".join(parts)
    assistant.memory.explanation(notebook, cell, markdown)
    return Explanation(markdown, answered, cached=False)
