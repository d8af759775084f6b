"""A failure in plain words: where it came up, what it means, and what the kernel saw there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.evidence import Evidence, Value
from ai_notebook_ls.core.failures import CellUnknown
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.core.requests import ExplainRequest
from ai_notebook_ls.providers.builtin.explain_causes import (
    argument_of,
    close_key,
    made,
    no_name,
    no_such_name,
    raised_here,
    why_none,
)
from ai_notebook_ls.providers.builtin.plain_words import NONE, code, counted, fence, fragment, listed, meaning
from ai_notebook_ls.providers.builtin.spelling import close

LONGEST_LINE = 400
"""Characters of a quoted line of code."""
OFFERED = 8
"""Names told of a container, the closest first."""

SYNTAX = ("SyntaxError", "IndentationError", "TabError", "_IncompleteInputError")
LOOKUPS = ("KeyError", "AttributeError")
OF_VALUES = (
    *LOOKUPS,
    "TypeError",
    "ValueError",
    "IndexError",
    "ZeroDivisionError",
    "UFuncTypeError",
    "_UFuncNoLoopError",
)
"""Failures whose cause may be in what a value is."""
IN_FILE = re.compile(r" \([^()]*, line \d+\)$")
"""What Python adds to the message of a syntax error."""

ABOUT_SIZE = re.compile(r"shape|size|length|dimension|broadcast|out of (?:bounds|range)|out-of-bounds|samples|align")

ROWS = re.compile(r"\.(?:loc|iloc|at|iat|xs|drop)\b")
"""Where these stand, what is missing may be a row's label."""
WORDS = {"columns": "column", "keys": "key", "attributes": "attribute", "index": "row label", "magics": "magic"}
LOOKS = {
    "thousands": "like numbers with commas between thousands",
    "decimal comma": "like numbers with a decimal comma",
    "percent": "like percentages",
    "money": "like amounts of money",
    "number": "like numbers",
    "number with unit": "like numbers with a unit",
    "iso date": "like dates",
    "date": "like dates",
    "json": "like JSON",
}


def failed(request: ExplainRequest, failure: Failure, python: bool) -> Iterator[str]:
    """Yield the paragraphs on a failure."""
    notebook, cell = request.notebook, request.cell
    ran = cell_of(notebook, failure.cell) or cell
    line = failure.line if failure.line is not None and 0 <= failure.line < len(ran.lines) else None
    where = [f"in cell {notebook.number(ran.id)}"] if ran.id != cell.id else []
    where += [f"{'line' if where else 'on line'} {line + 1}"] if line is not None else []
    name = failure.ename if re.fullmatch(r"[A-Za-z][A-Za-z0-9.]*", failure.ename) else code(failure.ename)
    says = IN_FILE.sub("", failure.evalue.strip().partition("\n")[0])
    yield f"**{' '.join([name, ', '.join(where)]).strip()}**{f': {code(says)}' if says else ''}"
    if line is not None:
        yield quoted(ran.lines[line])
    place, at = _innermost(notebook, failure) or (ran, line)
    if at is not None and (place.id, at) != (ran.id, line):
        inner = "" if place.id == ran.id else f"cell {notebook.number(place.id)}, "
        yield f"The error came up in {inner}line {at + 1}, in code that is called from here:"
        yield quoted(place.lines[at])
    if python:
        told = _Told(notebook, place, at, failure, request.evidence)
        yield from filter(None, (" ".join(told.what()), " ".join(told.causes())))


class _Told:
    """The sentences on one failure at one line."""

    def __init__(
        self, notebook: Notebook, cell: Cell, line: int | None, failure: Failure, evidence: Evidence | None
    ) -> None:
        self._notebook, self._cell, self._line = notebook, cell, line
        self._failure, self._evidence = failure, evidence
        self._told: set[str] = set()
        self._text = cell.lines[line].strip() if line is not None else ""
        self._tree = fragment(self._text) if self._text else None
        looked_up = failure.ename == "KeyError" or "has no attribute" in failure.evalue
        self._lacks = _lacks(evidence, self._text) if evidence is not None and looked_up else []

    def what(self) -> Iterator[str]:
        """Yield what such an error means, or better: what the kernel saw."""
        failure, evidence = self._failure, self._evidence
        if own := raised_here(self._cell, self._line, failure.ename) if self._line is not None else "":
            yield own
            return
        if name := no_such_name(failure):
            yield f"{code(name)} has no value here."
            known = list(no_name(self._notebook, self._cell, self._line, name))
            yield from known or ["Either it is misspelt, or the code that makes it has not run."]
        elif evidence is not None and (words := _no_parameter(evidence, failure.evalue)):
            yield words
        elif evidence is not None and evidence.encoding:
            yield f"The file is in another encoding. It can be read with {code(f'encoding={evidence.encoding!r}')}."
        elif self._lacks:
            yield from (sentence for each in self._lacks for sentence in _lacking(*each, self._total(each[0])))
        else:
            yield from filter(None, [meaning(failure, self._text)])
            if NONE.search(failure.evalue):
                yield self._none()
        if evidence is not None:
            yield from self._seen(evidence)

    def _none(self) -> str:
        owner = _none_owner(self._tree, self._failure.evalue, self._evidence)
        known = why_none(self._notebook, self._cell, self._line or 0, owner) if owner is not None else ""
        if not known and isinstance(owner, ast.Name):
            known = argument_of(self._cell, self._line or 0, owner.id)
            self._told.add(owner.id)
        sides = [side for each in ast.walk(self._tree) if isinstance(each, ast.BinOp) for side in (each.left, each.right)
                 ] if owner is None and self._tree is not None else []  # fmt: skip
        reasons = (
            why_none(self._notebook, self._cell, self._line or 0, each) for each in sides if isinstance(each, ast.Call)
        )
        return (
            known
            or next(filter(None, reasons), "")
            or (
                "Functions that do not return anything give `None`; so do methods that change a list in place, such as "
                "`append` and `sort`."
            )
        )

    def _seen(self, evidence: Evidence) -> Iterator[str]:
        """Yield sentences on what the kernel saw beside what is missing."""
        ename, missing = self._failure.ename, evidence.missing or ""
        if ename == "NameError" and (near := [each for each, _ in close(missing, evidence.namespace)]):
            yield f"The kernel holds {listed(list(map(code, near)))}."
        elif ename == "TypeError" and not NONE.search(self._failure.evalue):
            known = ((text, kind.rpartition(".")[2]) for text, kind in dict(evidence.operands).items())
            pairs = [
                f"{code(text)} is of type {code(kind)}" for text, kind in known
                if (text[:1].isalpha() or text.startswith("_")) and re.search(rf"\b{re.escape(kind)}\b", self._failure.evalue)
            ]  # fmt: skip
            if pairs:
                yield f"Here {listed(pairs[:4])}."
        elif ename in ("ValueError", "IndexError") and ABOUT_SIZE.search(self._failure.evalue):
            values = [each for each in evidence.values[:12] if "(" not in each.expression]
            if sizes := [each for each in map(_size, values) if each]:
                yield f"Here {listed(sizes[:4])}."
        if evidence.files and ename in ("FileNotFoundError", "ModuleNotFoundError", "OSError"):
            yield from _files(missing or self._failure.evalue, evidence.files)
        if evidence.shadow:
            yield f"The file {code(evidence.shadow)} is imported in place of the library of that name."
        if ename in ("TypeError", "ValueError"):
            yield from _looks(evidence.values[:6])

    def _total(self, expression: str) -> int:
        """How many columns or items something has: of very many, not all names are known."""
        for each in self._evidence.values if self._evidence else ():
            if each.expression == expression:
                return each.shape[1] if each.shape and len(each.shape) > 1 else each.length or 0
        return 0

    def causes(self) -> Iterator[str]:
        """Yield where in the notebook the cause may be."""
        failure, evidence, cell, line = self._failure, self._evidence, self._cell, self._line
        if self._tree is None or failure.ename not in OF_VALUES or line is None:
            return
        if failure.ename == "KeyError" and not self._lacks:
            yield from close_key(self._notebook, cell, self._tree, failure.evalue)
        reads = [
            each.id for each in ast.walk(self._tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
        ]
        starts = [re.match(r"\w*", text) for text, *_ in self._lacks]
        roots = [found[0] for found in starts if found and found[0] in reads]
        if not roots and NONE.search(failure.evalue):
            owner = _none_owner(self._tree, failure.evalue, evidence)
            roots = [owner.id] if isinstance(owner, ast.Name) else []
        local = set(evidence.local) if evidence else set()
        yield from filter(
            None, (argument_of(cell, line, name) for name in roots if name in local and name not in self._told)
        )
        names = [name for name in dict.fromkeys(roots or reads) if name not in local]
        yield from made(self._notebook, cell, line, names, failure.ename in LOOKUPS)


def _lacks(evidence: Evidence, line: str) -> list[tuple[str, str, str, tuple[str, ...], str]]:
    """What the kernel saw to lack the missing name: (expression, its type, the sort of names it has, those, the missing)."""
    missing = evidence.missing
    if not missing:
        return []
    offers = evidence.offers
    if ROWS.search(line):  # the missing label may be a row's or a column's: its place tells
        row = re.search(rf"\.(?:loc|at|xs)\s*[\[(]\s*{re.escape(repr(missing))}", line)
        kind = "index" if row else "columns" if repr(missing) in line else ""
        offers = tuple(each for each in offers if each.kind == kind or each.kind == "attributes")
    for each in offers:
        if each.expression and each.names and missing not in each.names and not each.type.endswith("NoneType"):
            return [(each.expression, each.type.rpartition(".")[2], each.kind, each.names, missing)]
    if ROWS.search(line) or evidence.ename != "KeyError":
        return []
    return [
        (each.expression, "DataFrame", "columns", tuple(column.name for column in each.columns), missing)
        for each in evidence.values
        if each.columns and missing not in each.index and all(column.name != missing for column in each.columns)
    ][:2]


def _lacking(expression: str, kind: str, sort: str, names: tuple[str, ...], missing: str, total: int) -> Iterator[str]:
    """Say what something lacks, and what it has."""
    public = [each for each in names if not each.startswith("_")] or list(names)
    near = [each for each, _ in close(missing, public)]
    of = f" (`{kind}`)" if sort == "attributes" and kind.isidentifier() else ""
    yield f"{code(expression)}{of} has no {WORDS[sort]} {code(missing)}."
    rest = [each for each in public if each not in near]
    few = sort != "attributes" or len(public) <= OFFERED
    total = total - len(near) if sort in ("columns", "keys") else 0
    if near:
        also = f"; also {counted(map(code, rest), OFFERED, total)}" if few and rest else ""
        yield f"It has {listed(list(map(code, near)))}{also}."
    elif few and rest:
        yield f"It has {counted(map(code, rest), OFFERED, total)}."


def _no_parameter(evidence: Evidence, evalue: str) -> str:
    """Say which parameters a function has, if it was given one that it lacks."""
    found = re.search(r"got an unexpected keyword argument '(\w+)'", evalue)
    callee = evidence.callee
    if (
        not found
        or callee is None
        or any(each.kind.startswith("VAR_") or each.name == found[1] for each in callee.parameters)
    ):
        return ""
    names = [each.name for each in callee.parameters if each.kind != "POSITIONAL_ONLY"]
    near = [each for each, _ in close(found[1], names)]
    has = (
        f" It has {counted(map(code, [*near, *(each for each in names if each not in near)]), OFFERED)}."
        if names
        else ""
    )
    return f"{code(callee.expression)} has no parameter {code(found[1])}.{has}"


def _files(wanted: str, files: tuple[str, ...]) -> Iterator[str]:
    """Say what is there, the files most like the wanted one first."""
    asked = re.sub(r"['\"]$", "", wanted)
    if near := [each for each, _ in close(asked, files)]:
        yield f"There is {listed(list(map(code, near)))}."
        return
    ending = re.search(r"\.\w+$", asked)
    here = [each for each in files if not each.startswith("..")]
    if alike := [each for each in here if ending and each.endswith(ending[0])] or here:
        yield f"What is there: {counted(map(code, alike), 5)}."


def _looks(values: tuple[Value, ...]) -> Iterator[str]:
    for value in values:
        if value.texts.looks in LOOKS and (value.shape or value.length != 1) and value.type != "str":
            yield f"The texts in {code(value.expression)} look {LOOKS[value.texts.looks]}."
            return


def _size(value: Value) -> str:
    if value.shape:
        return f"{code(value.expression)} has the shape {code(' x '.join(map(str, value.shape)))}"
    if value.length is None or value.type.endswith("str"):
        return ""
    return f"{code(value.expression)} has {value.length} item{'' if value.length == 1 else 's'}"


def _none_owner(tree: ast.AST | None, evalue: str, evidence: Evidence | None) -> ast.expr | None:
    """What is `None` on a line, where its text shows one such thing only."""
    if tree is None:
        return None
    nodes = list(ast.walk(tree))
    if found := re.search(r"has no attribute '(\w+)'", evalue):
        owners: list[ast.expr] = [
            each.value for each in nodes if isinstance(each, ast.Attribute) and each.attr == found[1]
        ]
    elif "subscriptable" in evalue or "item assignment" in evalue:
        owners = [each.value for each in nodes if isinstance(each, ast.Subscript)]
    elif "iterable" in evalue:
        owners = [each.iter for each in nodes if isinstance(each, (ast.For, ast.comprehension))]
        owners += [
            each.value for each in nodes if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Tuple)
        ]
    else:
        none = [text for text, kind in (evidence.operands if evidence else ()) if kind.endswith("NoneType")]
        owners = [each for each in nodes if isinstance(each, ast.Name) and each.id in none]
    return owners[0] if len({ast.dump(each) for each in owners}) == 1 else None


def _innermost(notebook: Notebook, failure: Failure) -> tuple[Cell, int | None] | None:
    frame = failure.frames[-1] if failure.frames else None
    cell = cell_of(notebook, frame.cell) if frame is not None else None
    return (cell, frame.line) if frame and cell and 0 <= frame.line < len(cell.lines) else None


def cell_of(notebook: Notebook, cell_id: str) -> Cell | None:
    """Return a cell, None if the notebook has none of this id."""
    try:
        return notebook.cell(cell_id)
    except CellUnknown:
        return None


def quoted(line: str) -> str:
    """Return a line of code as a block, shortened."""
    text = line.strip()
    return fence(text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + " …")
