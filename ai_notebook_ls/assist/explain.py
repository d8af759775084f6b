"""The verb explain: what can be known without a model, then a model's prose on top."""

from __future__ import annotations

from dataclasses import dataclass

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.sending import agreed
from ai_notebook_ls.core.calls import called_names
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.failures import ProviderTrouble
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.core.requests import ExplainRequest
from ai_notebook_ls.ports import KernelState, Surface, Usage

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
    request = await known(assistant, notebook, cell, failure)
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
            show(f"{SEPARATOR if parts else ''}*{provider.info.name}: {trouble}*")
    markdown = "".join(parts)
    assistant.memory.explanation(notebook, cell, markdown)
    return Explanation(markdown, answered, usage)


async def known(assistant: Assistant, notebook: Notebook, cell: Cell, said: Failure | None) -> ExplainRequest:
    """Ask the notebook's kernel, if it is idle, what it holds. Starts none, and waits for none that works."""
    outcome = assistant.memory.about(notebook, cell).outcome
    failure = said or (outcome.failure if outcome else None)
    kernel = assistant.kernels.kernel(notebook)
    idle = kernel.state is KernelState.IDLE and not kernel.queue
    variables = await kernel.variables() if idle else None
    documented = await kernel.documented(called_names(cell.source)) if idle else None
    evidence = _evidence(assistant, notebook, failure) if failure else None
    return ExplainRequest(notebook, cell, failure, outcome, evidence, variables, documented or {})


def _evidence(assistant: Assistant, notebook: Notebook, failure: Failure) -> Evidence | None:
    """What the kernel told of a failure; None of one that only the user's own kernel reports."""
    if all(each.id != failure.cell for each in notebook.code):
        return None
    known = assistant.memory.about(notebook, notebook.cell(failure.cell))
    seen = known.outcome.failure if known.outcome else None
    same = seen is not None and (failure.ename, failure.evalue) == (seen.ename, seen.evalue)
    return known.evidence if same else None
