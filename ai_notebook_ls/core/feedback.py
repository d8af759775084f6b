"""What a model is told of the changes that it has proposed before.

Its code may have read a file, or a value, and put that into an error's message, a class's name, an output. So what goes back
is no text of the code's making: the verdict, the class of a builtin exception, the line within the code. A library's
exception is told like the code's own: code can make a class that claims to be of any module. Which class and line it is the
code can choose all the same, about 16 bits a change; `values = never` tells neither. Which cells below fail is never told but
with `sample`: that is a bit for each of them.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Sequence

from ai_notebook_ls.core.candidates import Candidate, Receipt, Verdict
from ai_notebook_ls.core.cells import Notebook, cells_named
from ai_notebook_ls.core.edits import unified_diff
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.core.requests import FixRequest, ImproveByModel, Request, Values

TOLD = 3
"""Changes, the last ones."""

RESULTS: dict[Verdict, str] = {
    "verified": "It ran without error.",
    "same-error": "It ran, and the same error came again.",
    "new-error": "It ran, and another error came.",
    "escape": "It is refused: it removes, skips, catches or fakes what fails, or reaches out of the notebook.",
    "unchecked": "It could not be confirmed that it does what is wanted.",
}

LINES = 256
"""One further down is not told: which of a thousand lines fails is a text of two characters."""

MESSAGE_LIMIT = 800
"""Characters of an error's message, where it is told."""


def tried(
    notebook: Notebook, attempts: Sequence[Candidate], values: Values, clean: Callable[[str], str]
) -> Iterator[str]:
    """Yield what was tried, and what came of it; with `sample`, the message of an error, too."""
    for candidate in attempts[-TOLD:]:
        if candidate.receipt is None or not candidate.edits:
            continue
        after = notebook.with_sources({each.cell: each.source for each in candidate.edits})
        edit = candidate.edits[0]
        diff = unified_diff(clean(notebook.cell(edit.cell).source), clean(edit.source), "cell")
        yield f"{diff}\nResult: {_result(after, candidate.receipt, values, clean)}"


def _result(after: Notebook, receipt: Receipt, values: Values, clean: Callable[[str], str]) -> str:
    sentences = [RESULTS[receipt.verdict]]
    if values != "never" and receipt.outcome is not None and receipt.outcome.failure is not None:
        sentences.append(_error(after, receipt.outcome.failure, values, clean))
    if broken := [each.cell for each in receipt.downstream if each.status != "ok"]:
        sentences.append(f"Then failing: {cells_named(after, broken) if values == 'sample' else 'what comes below'}.")
    return " ".join(sentences)


def _error(after: Notebook, failure: Failure, values: Values, clean: Callable[[str], str]) -> str:
    cell = after.cell(failure.cell)
    line = failure.line
    # The line is read from the traceback, which the code can write to: one that the cell does not have is none.
    place = f", line {line + 1}" if line is not None and 0 <= line < min(LINES, len(cell.lines)) else ""
    where = f"in cell {after.number(cell.id)}{place}"
    if values == "sample":
        message = clean(f"{failure.ename}: {failure.evalue}")
        return f"{message[:MESSAGE_LIMIT]} {where}."
    kind = getattr(builtins, failure.ename, None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        return f"{failure.ename} {where}."
    return f"An exception of no builtin class {where}."


def later(request: Request, values: Values) -> str:
    """Return what a second request for the same wish will add to the first one; nothing if there is none."""
    if not isinstance(request, FixRequest | ImproveByModel):
        return ""
    told = {
        "never": "no more: no error, no message and no value",
        "schema": "the class of a builtin exception and its line, but no message and no value",
        "sample": "its exception and line, and the error's message",
    }[values]
    return (
        "If the answer does not work, a second request adds the changes that were tried, and of each the result and "
        f"{told}."
    )
