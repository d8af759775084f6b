"""What is worth telling about a notebook before it runs: names that are not there yet, gone, or misspelt, and stale cells.

Quiet where the text does not tell: after a star import, a magic that may bind names, code run from text.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from ai_notebook_ls.core import limits, magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import ALWAYS_THERE, flow
from ai_notebook_ls.core.edits import TextEdit
from ai_notebook_ls.core.effects import effects
from ai_notebook_ls.core.ledger import Entry, fresh_cells
from ai_notebook_ls.core.slices import nodes, reached
from ai_notebook_ls.core.uses import Binding, Meaning, Span, Use, events

Kind = Literal["defined-below", "deleted", "misspelt", "stale", "redefined", "too-large"]

# fmt: off
BINDS_NOTHING = frozenset({
    "matplotlib", "time", "timeit", "capture", "load_ext", "reload_ext", "autoreload", "config", "cd", "pwd", "ls", "ll",
    "pip", "conda", "mamba", "env", "set_env", "who", "whos", "html", "HTML", "javascript", "js", "latex", "markdown",
    "svg", "writefile", "prun", "memit", "mprun", "lprun", "history", "hist", "precision", "pinfo", "pinfo2", "pdoc",
    "psource", "debug", "pdb", "xmode", "mkdir", "cat", "rm", "cp", "mv", "man", "tb", "colors", "logstart", "logstop",
    "bash", "sh", "script", "python", "python3", "perl", "ruby", "system", "sx",
})
# fmt: on
"""Magics that give no name a value, unless they are told to by `--out` or `-o`."""

MAGIC = re.compile(r"%{1,2}([^\W\d]\w*)(.*)")
TAKES_OUTPUT = re.compile(r"(?:^|\s)(?:-o|--out|--err|--proc)\b|<<")
BINDS_UNSEEN = re.compile(
    r"\b(?:globals|locals|vars|exec|user_ns|user_global_ns|run_(?:line|cell)(?:_magic)?|magic|push|builtins|__builtins__"
    r"|init_session|var|inject\w*)\b"
)
"""Words of code that may give names a value unseen, sympy's `var('x y')` too."""

ASKS_FOR_NAMES = re.compile(r"\b(?:globals|locals|vars|dir|NameError)\b")
"""A cell that asks which names there are knows that some may be missing."""

SHORTEST = 4
"""Names of fewer letters are too near to each other to guess at."""
DIGITS = re.compile(r"\d")

KEPT, KEPT_SIZE = 200, 4000
"""Names remembered of deleted cells, and the longest text of one."""

CELLS_COMPARED = 5000
"""Beyond so many cells that have run, telling the stale ones takes seconds."""


@dataclass(frozen=True, slots=True)
class Run:
    """Remedy: run a cell with what it needs."""

    title: str
    cell: str


@dataclass(frozen=True, slots=True)
class Change:
    """Remedy: change the text of the finding's own cell."""

    title: str
    edit: TextEdit


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth telling about a place in a cell."""

    kind: Kind
    cell: str
    span: Span
    message: str
    remedy: Run | Change | None = None
    origin: tuple[str, int] | None = None
    """The cell and its line that made it so."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """The definitions of cells that were deleted while a notebook was open: name -> the cell's last text."""

    sources: Mapping[str, str] = field(default_factory=dict)

    def after(self, before: Notebook, now: Notebook) -> Deleted:
        """Return what is deleted after a change; a name that is defined again is forgotten."""
        there = {cell.id for cell in now.cells}
        gone = [cell for cell in before.code if cell.id not in there and len(cell.source) <= KEPT_SIZE]
        if not gone and not self.sources:
            return self
        defined = frozenset().union(*(flow(cell.source).defines for cell in now.code))
        sources = dict(self.sources) | {
            name: cell.source for cell in gone for name in sorted(flow(cell.source).defines)
        }
        left = [(name, source) for name, source in sources.items() if name not in defined]
        return Deleted(dict(left[-KEPT:]))


NOTHING_DELETED = Deleted()


def findings(
    notebook: Notebook, ledger: Sequence[Entry] = (), deleted: Deleted = NOTHING_DELETED
) -> tuple[Finding, ...]:
    """Return what is worth telling, in notebook order."""
    plain = notebook.is_script and not notebook.virtual and len(notebook.cells) == 1
    if notebook.language.lower() not in ("python", "ipython") or plain:
        return ()
    if len(notebook.code) > limits.CELLS:
        return tuple(_too_many(notebook))
    held = frozenset(name for entry in ledger for name in entry.names)
    found = [
        *_too_large(notebook),
        *_missing(notebook, held, deleted),
        *_redefined(notebook),
        *_stale(notebook, ledger),
    ]
    found.sort(key=lambda each: (notebook.index(each.cell), each.span.line, each.span.start))
    return tuple(found[: limits.FINDINGS])


def _too_large(notebook: Notebook) -> Iterator[Finding]:
    for cell in notebook.code:
        if cell.too_large:
            message = (
                f"This cell has {len(cell.source):,} characters, so it is not analysed (the limit is {limits.CELL:,}). It can be"
                " run, and is taken to need every cell above. Keep data in a file and read it from there."
            )
            yield Finding("too-large", cell.id, Span(0, 0, 1), message)


def _too_many(notebook: Notebook) -> Iterator[Finding]:
    message = (
        f"This notebook has {len(notebook.code):,} code cells, so it is not analysed (the limit is {limits.CELLS:,}). Cells can"
        " be run, and each is taken to need every cell above."
    )
    yield Finding("too-large", notebook.code[0].id, Span(0, 0, 1), message)


@lru_cache(maxsize=16384)
def binds_unseen(source: str) -> bool:
    """Return whether a cell may give names a value that its text does not show."""
    own = flow(source)
    if not own.parsed or own.stars or effects(source).opaque or BINDS_UNSEEN.search(source):
        return True
    for line in magics.escaped_lines(source):
        magic = MAGIC.match(line.partition("=")[2].strip() if not line.startswith("%") and "=" in line else line)
        if magic and (magic[1] not in BINDS_NOTHING or TAKES_OUTPUT.search(magic[2])):
            return True
    return False


# -- names that are not there ----------------------------------------------------------------------------------------


def _missing(notebook: Notebook, held: frozenset[str], deleted: Deleted) -> Iterator[Finding]:
    code = notebook.code
    below: dict[str, list[Cell]] = {}
    for cell in reversed(code):
        for name in flow(cell.source).defines:
            below.setdefault(name, []).append(cell)
    everything = below.keys() | held | ALWAYS_THERE
    all_clear = not any(binds_unseen(cell.source) for cell in code)
    spelling: Spelling | None = None
    above: set[str] = set()
    for cell in code:
        own = flow(cell.source)
        for name in own.defines:
            below[name].pop()
        if binds_unseen(cell.source):
            return
        told: set[str] = set()
        for use in () if ASKS_FOR_NAMES.search(cell.source) else events(cell.source):
            if not isinstance(use, Use) or use.name in told or use.name in above or use.name in ALWAYS_THERE:
                continue
            if use.name in own.defines and not (use.sure and own.reads.get(use.name) == use.span.line):
                continue
            finding = None
            if below.get(use.name):
                finding = _below(notebook, cell, use, below[use.name][-1]) if use.sure else None
            elif all_clear and use.name not in everything and not use.name.startswith("_"):
                spelling = spelling or Spelling(everything)
                finding = _gone(cell, use, deleted) or _misspelt(cell, use, spelling)
            if finding:
                told.add(use.name)
                yield finding
        above |= own.defines


def _below(notebook: Notebook, cell: Cell, use: Use, other: Cell) -> Finding:
    number = notebook.number(other.id)
    line = next(each.line for each in flow(other.source).definitions if each.name == use.name)
    return Finding(
        "defined-below",
        cell.id,
        use.span,
        f"`{use.name}` is defined only in cell {number}, below this one. Run cell {number} first, or move it up.",
        Run(f"Run cell {number} first, in the sidecar", other.id),
        (other.id, line),
    )


def _gone(cell: Cell, use: Use, deleted: Deleted) -> Finding | None:
    source = deleted.sources.get(use.name)
    if source is None:
        return None
    return Finding(
        "deleted",
        cell.id,
        use.span,
        f"`{use.name}` was defined in a cell that has been deleted. A kernel that is still running may have it, but not"
        " after a restart.",
        Change("Put the deleted cell's text above this one's", TextEdit(0, 0, 0, 0, source.rstrip() + "\n\n")),
    )


def _misspelt(cell: Cell, use: Use, known: Spelling) -> Finding | None:
    name = Spelling(use.around).closest(use.name) or known.closest(use.name)
    if name is None or use.name in sys.stdlib_module_names:  # the latter is not imported, rather
        return None
    edit = TextEdit(use.span.line, use.span.start, use.span.line, use.span.end, name)
    message = f"`{use.name}` is defined nowhere in this notebook. Did you mean `{name}`?"
    return Finding("misspelt", cell.id, use.span, message, Change(f"Rename to `{name}`", edit))


class Spelling:
    """Known names, found by what is one slip away from them."""

    def __init__(self, known: Iterable[str]) -> None:
        self._shorter: dict[str, set[str]] = {}
        self._lower: dict[str, set[str]] = {}
        for name in known:
            self._lower.setdefault(name.lower(), set()).add(name)
            for each in _shorter(name) if len(name) >= SHORTEST else ():
                self._shorter.setdefault(each, set()).add(name)

    def closest(self, name: str) -> str | None:
        """Return the one known name that another is a misspelling of: one slip, or upper and lower case."""
        if alike := self._lower.get(name.lower(), set()):
            return next(iter(alike)) if len(alike) == 1 else None
        if len(name) < SHORTEST:
            return None
        letters = DIGITS.sub("", name)
        near = {each for part in _shorter(name) for each in self._shorter.get(part, ())}
        # `x1` for `x2` is another name rather than a slip.
        found = [each for each in near if _one_slip(name, each) and DIGITS.sub("", each) != letters]
        return found[0] if len(found) == 1 else None


def _shorter(name: str) -> set[str]:
    """A name, and with each of its letters left out: two names one slip apart have one of these in common."""
    return {name, *(name[:i] + name[i + 1 :] for i in range(len(name)))}


def _one_slip(one: str, other: str) -> bool:
    """One letter too many, too few or wrong, or two swapped."""
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        wrong = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1 and one[wrong[0]] == other[wrong[1]]
        return len(wrong) == 1 or (swapped and one[wrong[1]] == other[wrong[0]])
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


# -- names that mean something else ----------------------------------------------------------------------------------


def _redefined(notebook: Notebook) -> Iterator[Finding]:
    meanings: dict[str, Meaning] = {}
    former: dict[str, Meaning] = {}
    origins: dict[str, tuple[str, int]] = {}
    for cell in notebook.code:
        if binds_unseen(cell.source):
            return
        own = flow(cell.source)
        bound: set[str] = set()
        told: set[str] = set()
        for event in events(cell.source):
            if isinstance(event, Binding):
                before = meanings.get(event.name, Meaning("function") if callable_builtin(event.name) else None)
                if before is not None and before.kind != "value":
                    former[event.name] = before
                meanings[event.name] = event.meaning
                origins[event.name] = (cell.id, event.line)
                bound.add(event.name)
            elif event.now and event.name in former and event.name not in told:
                why = _fails(event, meanings[event.name], former[event.name])
                if why:
                    told.add(event.name)
                    yield _changed(notebook, cell, event, origins[event.name], why)
        for name in (own.defines - bound) | own.removes:
            meanings.pop(name, None)
            former.pop(name, None)


def callable_builtin(name: str) -> bool:
    """Return whether a name is one of Python's own functions or classes."""
    return callable(getattr(builtins, name, None))


def _fails(use: Use, now: Meaning, before: Meaning) -> str:
    """Why a use that fits what a name meant before cannot work with what it means now; empty if it can."""
    if use.how == "()" and before.kind in ("function", "class", "member"):
        if now.kind == "module":
            return "a module, which cannot be called"
        if now.kind == "value" and now.value is not None:
            return f"a value ({now.value.__name__}), which cannot be called"
    if use.how.startswith(".") and before.kind in ("module", "class"):
        attribute = use.how[1:]
        if now.kind == "value" and now.value is not None and not hasattr(now.value, attribute):
            return f"a value ({now.value.__name__}), which has no `{attribute}`"
        if now.kind == "member" and before.kind == "module" and attribute == use.name:
            return f"what was imported from the module `{use.name}`, not the module"
    return ""


def _changed(notebook: Notebook, cell: Cell, use: Use, origin: tuple[str, int], why: str) -> Finding:
    where = "above" if origin[0] == cell.id else f"in cell {notebook.number(origin[0])}"
    message = f"`{use.name}` was given another meaning {where}: it is now {why}. Use another name there."
    return Finding("redefined", cell.id, use.span, message, None, origin)


# -- cells that are not as they would be -----------------------------------------------------------------------------


def _stale(notebook: Notebook, ledger: Sequence[Entry]) -> Iterator[Finding]:
    last = {entry.cell: (when, entry) for when, entry in enumerate(ledger)}
    if not last or len(last) > CELLS_COMPARED:
        return
    code, graph, fresh = notebook.code, nodes(notebook), fresh_cells(notebook, ledger)
    for place, cell in enumerate(code):
        when, entry = last.get(cell.id, (-1, None))
        if entry is None or cell.id in fresh or entry.status != "ok" or entry.digest != cell.digest:
            continue  # never ran, failed and says so, or is being edited
        for other in sorted(reached(graph, place), reverse=True):
            above = code[other]
            then, its = last.get(above.id, (-1, None))
            edited = its is not None and its.digest != above.digest
            if its is None or not (edited or then > when):
                continue
            what = "was edited" if edited else "ran again"
            number = notebook.number(cell.id)
            yield Finding(
                "stale",
                cell.id,
                _first_line(cell),
                f"Cell {notebook.number(above.id)}, which this one needs, {what} since this one ran in the sidecar.",
                Run(f"Run cell {number} again in the sidecar", cell.id),
                (above.id, 0),
            )
            break


def _first_line(cell: Cell) -> Span:
    line = next((i for i, text in enumerate(cell.lines) if text.strip()), 0)
    text = cell.lines[line]
    return Span(line, len(text) - len(text.lstrip()), len(text.rstrip()))
