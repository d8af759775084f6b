"""What a model is asked for each wish: made here alone, for the verb, the question before it and the preview."""

from __future__ import annotations

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core.calls import called_names
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.core.requests import AskRequest, ExplainRequest, ImproveByModel
from ai_notebook_ls.core.variables import Variables
from ai_notebook_ls.ports import Kernel, KernelState


async def explanation_of(assistant: Assistant, notebook: Notebook, cell: Cell, said: Failure | None) -> ExplainRequest:
    """Return the request for an explanation. `said` is what the user's own kernel reported, if anything."""
    outcome = assistant.memory.about(notebook, cell).outcome
    failure = said or (outcome.failure if outcome else None)
    kernel = assistant.kernels.kernel(notebook)
    variables = await _variables(kernel)
    documented = await kernel.documented(called_names(cell.source)) if _idle(kernel) else None
    evidence = _evidence(assistant, notebook, failure) if failure else None
    return ExplainRequest(notebook, cell, failure, outcome, evidence, variables, documented or {})


async def change_of(assistant: Assistant, notebook: Notebook, cell: Cell, instruction: str) -> ImproveByModel:
    """Return the request for a change in the user's own words."""
    variables = await _variables(assistant.kernels.kernel(notebook))
    return ImproveByModel(notebook, cell, instruction, variables)


async def answer_to(
    assistant: Assistant, notebook: Notebook, cell: Cell, question: str, conversation: str | None
) -> AskRequest:
    """Return the request for the answer to a question, with what was said before in its conversation."""
    outcome = assistant.memory.about(notebook, cell).outcome
    turns = assistant.conversations.turns(notebook, conversation or "")
    variables = await _variables(assistant.kernels.kernel(notebook))
    return AskRequest(notebook, cell, question, turns, outcome.failure if outcome else None, variables)


def _idle(kernel: Kernel) -> bool:
    """Whether a kernel can be asked: none is started for that, and none that works is waited for."""
    return kernel.state is KernelState.IDLE and not kernel.queue


async def _variables(kernel: Kernel) -> Variables | None:
    return await kernel.variables() if _idle(kernel) else None


def _evidence(assistant: Assistant, notebook: Notebook, failure: Failure) -> Evidence | None:
    """What the kernel told of a failure; None of one that only the user's own kernel reports."""
    if all(each.id != failure.cell for each in notebook.code):
        return None
    known = assistant.memory.about(notebook, notebook.cell(failure.cell))
    seen = known.outcome.failure if known.outcome else None
    same = seen is not None and (failure.ename, failure.evalue) == (seen.ename, seen.evalue)
    return known.evidence if same else None
