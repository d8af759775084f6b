"""Explain a cell without a model: how it failed, what it does, what it calls, how it last ran."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.core.requests import ExplainRequest
from ai_notebook_ls.providers.builtin.calls import called
from ai_notebook_ls.providers.builtin.explain_failure import SYNTAX, cell_of, failed, quoted
from ai_notebook_ls.providers.builtin.explain_names import held, imported_names, names, table_names
from ai_notebook_ls.providers.builtin.explain_steps import steps
from ai_notebook_ls.providers.builtin.plain_words import code, meaning

COMMENT = re.compile(r"\s*(?:#|//|--|/\*|%|;)[\s#/*;%-]*(?P<text>.*\S)")

ENDED = {
    "ok": "ended without error",
    "error": "failed",
    "timeout": "was stopped at its time limit",
    "interrupted": "was interrupted",
    "died": "ended when the kernel died",
    "cancelled": "was cancelled",
}


def explain(request: ExplainRequest) -> Iterator[str]:
    """Yield an explanation as pieces of markdown that make one text. Never raises, whatever the cell holds."""
    for i, part in enumerate(_paragraphs(request)):
        yield f"\n\n{part}" if i else part


def _paragraphs(request: ExplainRequest) -> Iterator[str]:
    """Yield the paragraphs and lists of an explanation: the failure, what the cell does and calls, its last run."""
    cell, failure = request.cell, request.failure
    python = request.notebook.language.lower() in ("python", "ipython")
    if failure is not None:
        yield from failed(request, failure, python)
    if not python:
        yield _other_language(request.notebook.language, cell)
    elif not any(text and not text.startswith("#") for text in map(str.strip, cell.lines)):
        yield "This cell holds only comments." if cell.source.strip() else "This cell is empty."
    elif (tree := magics.parse(cell.source)) is None:
        if failure is None or failure.ename not in SYNTAX:
            yield from _unreadable(cell)
    else:
        yield from _read(request, tree)
    outcome = request.outcome
    if outcome is not None and (outcome.failure is None or outcome.failure is not failure or outcome.cell != cell.id):
        yield _outcome(request.notebook, cell, outcome)


def _read(request: ExplainRequest, tree: ast.Module) -> Iterator[str]:
    """Yield what is known of a cell of Python."""
    notebook, cell = request.notebook, request.cell
    if does := steps(cell.source, tree, imported_names(notebook), table_names(request.variables)):
        yield "**What this cell does**\n\n" + "\n".join(does)
    lines = [*names(notebook, cell)]
    if now := held(cell, request.variables):
        lines += ["In the sidecar now:", *(f"  - {each}" for each in now)]
    if lines:
        yield "**Its names**\n\n" + "\n".join(each if each.startswith(" ") else f"- {each}" for each in lines)
    within = _failing(request, tree) or tree
    if calls := called(notebook, cell, tree, request.documented, within):
        yield "**What it calls**\n\n" + "\n".join(f"- {code(name)}: {doc}" for name, doc in calls)


def _failing(request: ExplainRequest, tree: ast.Module) -> ast.AST | None:
    """The statement that failed: of a failing cell, its calls matter most."""
    failure = request.failure
    if failure is None or failure.line is None or failure.cell != request.cell.id:
        return None
    place = failure.line + 1
    return next((each for each in tree.body if each.lineno <= place <= (each.end_lineno or each.lineno)), None)


def _unreadable(cell: Cell) -> Iterator[str]:
    """What is wrong with a cell that is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(magics.mask(cell.source))
    except SyntaxError as error:
        line = (error.lineno or 0) - 1
        inside = 0 <= line < len(cell.lines)
        yield f"This cell cannot be read as Python{f': line {line + 1}' if inside else ''}."
        if inside and cell.lines[line].strip():
            yield quoted(cell.lines[line])
        found = Failure(type(error).__name__, str(error.msg), (), cell.id)
        yield f"{code(f'{found.ename}: {found.evalue}')}. {meaning(found)}".rstrip()
    except (ValueError, RecursionError, MemoryError):
        yield "This cell cannot be read as Python: it holds characters or nesting that Python's parser does not take."


def _outcome(notebook: Notebook, cell: Cell, outcome: Outcome) -> str:
    ended = ENDED.get(outcome.status, code(outcome.status))
    if outcome.failure is not None and outcome.status == "error":
        ended += f" with {code(outcome.failure.ename)}"
        if outcome.failure.line is not None:
            ended += f" on line {outcome.failure.line + 1}"
    if outcome.cell != cell.id and cell_of(notebook, outcome.cell) is not None:
        return f"The last run in the sidecar {ended} in cell {notebook.number(outcome.cell)}, which this one needs."
    return f"The last run in the sidecar {ended}."


def _other_language(language: str, cell: Cell) -> str:
    found = next((match for line in cell.lines if (match := COMMENT.match(line))), None)
    says = f" Its first comment says: {code(found['text'])}." if found else ""
    return f"This cell is in {code(language)}; without a model, only its text is known.{says}"
