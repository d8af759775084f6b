"""SyntaxError: slips that leave a cell no Python at all. A repair is proposed only if the whole cell then parses.

Sources: the messages of CPython 3.10 to 3.14 (Parser/pegen_errors.c, Grammar/python.gram).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.candidates import CONFIDENCE_ORDER, Candidate, CellEdit, Confidence
from ai_notebook_ls.core.cells import LINE_END
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.rules import brackets, layout, slips
from ai_notebook_ls.providers.builtin.rules.broken import Broken, Repair, broken

ROUNDS = 8
"""Slips of one cell that are repaired together: Python tells of one at a time."""
MOST = 4
"""Ways to repair one slip that are proposed."""
TRIED = 200
"""Texts that are parsed for one slip."""

REPAIRS: tuple[Callable[[Broken], Iterator[Repair]], ...] = (
    slips.print_statement,
    layout.missing_colon,
    layout.tabs,
    layout.missing_block,
    layout.uneven_indent,
    slips.comparison,
    slips.other_order,
    slips.python_2,
    brackets.wrong_bracket,
    slips.misspelt_word,
    slips.other_language,
    slips.missing_comma,
    brackets.unclosed_field,
    slips.text_not_ended,
    brackets.unclosed_bracket,
    slips.typography,
    slips.pasted,
    slips.word_as_name,
    slips.missing_times,
)
"""Tried in this order, the ones that ask the most of the text first."""


def repairs(request: FixRequest) -> Iterator[Candidate]:
    """Propose every repair of one slip after which the cell parses; where there is none, repairs of several in turn."""
    source = request.cell.source
    trouble = broken(source)
    if trouble is None:
        return
    found = [repair for repair in _tried(trouble) if magics.parse(repair[1]) is not None]
    for title, text, confidence in found[:MOST] or _several(trouble):
        yield Candidate(title, "builtin:syntax", confidence, (CellEdit(request.cell.id, text),))


def _tried(trouble: Broken) -> list[Repair]:
    """The repairs of one slip, with the line in the title; the first way to a text counts."""
    source = "\n".join(trouble.lines)
    found: dict[str, Repair] = {}
    for repair in REPAIRS:
        for title, text, confidence in repair(trouble):
            if text != source and text not in found and len(found) < TRIED:
                found[text] = (_placed(title, trouble, text), text, confidence)
    return list(found.values())


def _placed(title: str, trouble: Broken, text: str) -> str:
    """A title that says on which line, where one line changes."""
    lines = LINE_END.split(text)
    changed = [i for i, (old, new) in enumerate(zip(trouble.lines, lines, strict=False)) if old != new]
    one = len(changed) == 1 and len(lines) == len(trouble.lines) and "line" not in title
    return f"{title} on line {changed[0] + 1}" if one else title


def _reach(before: Broken, after: Broken | None) -> int:
    """How much further Python reads now: in lines, and a bracket that is closed counts for one."""
    if after is None:
        return len(before.lines) + 1
    further = after.row - before.row - (len(after.lines) - len(before.lines))
    return further if further > 0 else brackets.left_open(before.lines) - brackets.left_open(after.lines)


def _several(trouble: Broken) -> list[Repair]:
    """One slip after the other: of each the repair that lets Python read the furthest."""
    titles: list[str] = []
    confidence: Confidence = "certain"
    left: Broken | None = trouble
    text = ""
    for _ in range(ROUNDS):
        if left is None:
            break
        best: tuple[int, Repair, Broken | None] | None = None
        for repair in _tried(left):
            after = broken(repair[1])
            reach = _reach(left, after)
            if reach > 0 and (best is None or reach > best[0]):
                best = (reach, repair, after)
        if best is None:
            return []
        _, (title, text, sure), left = best
        titles.append(title if not titles else title[0].lower() + title[1:])
        confidence = max(confidence, sure, key=CONFIDENCE_ORDER.index)
    if left is not None or magics.parse(text) is None:
        return []
    return [(", ".join(dict.fromkeys(titles)), text, confidence)]
