"""What is known about a place without asking anybody: the name under the cursor, the last outcome and explanation."""

from __future__ import annotations

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core import limits
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import origin_of
from ai_notebook_ls.core.outcomes import Outcome

TEXT_LIMIT = 600
"""Characters of output shown; a hover is a glance."""


def hover(assistant: Assistant, notebook: Notebook, cell: Cell, name: str | None) -> str | None:
    """Return markdown for a place, or None where nothing is known. Calls no provider."""
    known = assistant.memory.about(notebook, cell)
    outcome = known.outcome
    told = known.explanation and outcome and outcome.failure and not outcome.notice  # an explanation begins with it
    parts = [
        origin_of(notebook, cell, name) if name else None,
        outcome_in_words(outcome) if outcome and not told else None,
        known.explanation,
    ]
    return limits.cut("\n\n---\n\n".join(part for part in parts if part), limits.HOVER) or None


def outcome_in_words(outcome: Outcome) -> str:
    """Say in markdown how a cell ran."""
    took = f"{outcome.duration_ms / 1e3:.1f} s" if outcome.duration_ms >= 1000 else f"{outcome.duration_ms:.0f} ms"
    if outcome.status == "ok":
        head = f"**Sidecar:** ran without error in {took}."
    elif outcome.failure is not None:
        place = f" on line {outcome.failure.line + 1}" if outcome.failure.line is not None else ""
        head = f"**Sidecar:** failed{place} with `{outcome.failure.ename}`: {first_line(outcome.failure.evalue)}"
    else:
        head = f"**Sidecar:** {outcome.status} after {took}."
    text = outcome_text(outcome) if outcome.status == "ok" else ""
    shown = f"\n\n```text\n{text}\n```" if text else ""
    return " ".join(filter(None, [head, outcome.notice])) + shown


def outcome_text(outcome: Outcome) -> str:
    """Return the plain text that a run printed or gave, shortened."""
    pieces = []
    for output in outcome.outputs:
        if output["output_type"] == "stream":
            pieces.append(str(output["text"]))
        elif "data" in output:
            pieces.append(str(output["data"].get("text/plain", "")))
    text = "\n".join(piece.rstrip("\n") for piece in pieces if piece).replace("```", "'''")
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + " …"


def first_line(text: str) -> str:
    """Return the first line of a message, cut if it is long."""
    return limits.cut(text.strip().partition("\n")[0], limits.DIAGNOSTIC)
