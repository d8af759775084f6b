"""A failure in plain words: where it came up, what it means, what the kernel saw there, where the value was made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.calls import calls, tail
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.context import ExplainRequest
from ai_notebook_ls.core.dataflow import definition, flow
from ai_notebook_ls.core.evidence import Evidence, Names, Value
from ai_notebook_ls.core.failures import CellUnknown
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.providers.builtin.calls import READS
from ai_notebook_ls.providers.builtin.explain_names import all_known, definers
from ai_notebook_ls.providers.builtin.plain_words import code, counted, fence, fragment, listed, meaning
from ai_notebook_ls.providers.builtin.spelling import close
from ai_notebook_ls.providers.builtin.tables import ALIASES

LONGEST_LINE = 400
"""Characters of a quoted line of code."""
HOPS = 3
"""Cells that a value is followed up through."""
OFFERED = 8
"""Names told of a container, the closest first."""

SYNTAX = ("SyntaxError", "IndentationError", "TabError", "_IncompleteInputError")

IN_FILE = re.compile(r" \([^()]*, line \d+\)$")
"""What Python adds to the message of a syntax error."""

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
        text = place.lines[at].strip() if at is not None else ""
        evidence = request.evidence
        seen = list(_seen(evidence, failure, text)) if evidence is not None else []
        sure = bool(evidence and seen and _says_it_all(evidence, failure))
        yield " ".join([*([] if sure else [meaning(failure, text)]), *seen])
        if causes := list(_causes(notebook, place, at, failure, evidence)):
            yield " ".join(causes)


def _says_it_all(evidence: Evidence, failure: Failure) -> bool:
    """Whether what the kernel saw is better than what such an error means in general."""
    return failure.ename in ("KeyError", "AttributeError") and bool(_lacking(evidence))


def _lacking(evidence: Evidence) -> Names | None:
    """What the kernel saw to lack the missing name."""
    if not evidence.missing:
        return None
    return next((each for each in evidence.offers if each.expression and each.names and evidence.missing not in each.names
                 and each.type != "NoneType"), None)  # fmt: skip


def _seen(evidence: Evidence, failure: Failure, line: str) -> Iterator[str]:
    """Sentences on what the kernel saw."""
    missing = evidence.missing or ""
    if failure.ename in ("KeyError", "AttributeError") and (offer := _lacking(evidence)) is not None:
        word = WORDS[offer.kind]
        public = [each for each in offer.names if not each.startswith("_")] or list(offer.names)
        near = [each for each, _ in close(missing, public)]
        kind = f" (`{offer.type.rpartition('.')[2]}`)" if offer.kind == "attributes" and offer.type else ""
        yield f"{code(offer.expression)}{kind} has no {word} {code(missing)}."
        if near:
            yield f"The closest it has: {listed(list(map(code, near)))}."
        rest = [each for each in public if each not in near]
        if offer.kind != "attributes" and rest:
            yield f"It {'also ' if near else ''}has {counted(map(code, rest), OFFERED)}."
    elif failure.ename == "NameError" and (near := [each for each, _ in close(missing, evidence.namespace)]):
        yield f"The kernel holds {listed(list(map(code, near)))}."
    elif failure.ename == "TypeError" and evidence.operands:
        pairs = [f"{code(text)} is {code(kind.rpartition('.')[2])}" for text, kind in dict(evidence.operands).items()]
        yield f"Here {listed(pairs[:4])}."
    elif failure.ename in ("ValueError", "IndexError"):
        sizes = [each for each in map(_size, evidence.values[:12]) if each]
        if sizes:
            yield f"Here {listed(sizes[:4])}."
    if evidence.files and failure.ename in ("FileNotFoundError", "ModuleNotFoundError", "OSError"):
        yield f"There is {counted(map(code, evidence.files), OFFERED)}."
    if evidence.shadow:
        yield f"The file {code(evidence.shadow)} is imported in place of the library of that name."
    if evidence.encoding:
        yield f"The file can be read with {code(f'encoding={evidence.encoding!r}')}."
    for value in evidence.values[:4] if failure.ename in ("TypeError", "ValueError") else ():
        if value.texts.looks in LOOKS:
            yield f"The texts in {code(value.expression)} look {LOOKS[value.texts.looks]}."
            break


def _size(value: Value) -> str:
    if value.shape:
        return f"{code(value.expression)} has shape {code(' x '.join(map(str, value.shape)))}"
    return f"{code(value.expression)} has {value.length} item{'' if value.length == 1 else 's'}" if value.length is not None and (
        value.type != "str") else ""  # fmt: skip


def _innermost(notebook: Notebook, failure: Failure) -> tuple[Cell, int | None] | None:
    frame = failure.frames[-1] if failure.frames else None
    cell = cell_of(notebook, frame.cell) if frame is not None else None
    return (cell, frame.line) if frame and cell and 0 <= frame.line < len(cell.lines) else None


def _causes(
    notebook: Notebook, cell: Cell, line: int | None, failure: Failure, evidence: Evidence | None
) -> Iterator[str]:
    """Sentences on where in the notebook the cause may be."""
    if failure.ename in SYNTAX:
        return
    if failure.ename == "NameError" and (found := re.search(r"name '([^']+)' is not defined", failure.evalue)):
        yield from _no_name(notebook, cell, line, found[1])
        return
    tree = fragment(cell.lines[line]) if line is not None else None
    if tree is None:
        return
    if failure.ename == "KeyError" and not (evidence and _lacking(evidence)):
        yield from _close_key(notebook, cell, tree, failure.evalue)
    local = set(evidence.local) if evidence else set()
    reads = [each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)]
    lacks = _lacking(evidence) if evidence else None
    if lacks is not None and (root := re.match(r"\w+", lacks.expression)) and root[0] in reads:
        reads = [root[0]]
    told: set[str] = set()
    for name in list(dict.fromkeys(reads))[:4]:
        if name not in local:
            yield from _made(notebook, cell, line or 0, name, told, HOPS)


def _made(notebook: Notebook, cell: Cell, line: int, name: str, told: set[str], hops: int) -> Iterator[str]:
    """Say which statement made a value, and follow what it was made from."""
    if hops == 0 or name in told or len(told) > 5:
        return
    told.add(name)
    own = [each for each in flow(cell.source).definitions if each.name == name and each.line < line]
    maker = cell if own else definers(notebook, cell, name)[0]
    made = own[-1] if own else definition(maker, name) if maker is not None else None
    if maker is None or made is None or made.kind != "variable":
        return
    where = f"on line {made.line + 1}" if maker is cell and own else f"in cell {notebook.number(maker.id)}"
    statement = _statement(maker, made.line)
    value = getattr(statement, "value", None)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or value is None:
        yield f"{code(name)} was made {where}."
        return
    files = [
        arg.value for call in calls(value) if READS.search(tail(call.func)) or tail(call.func) == "open"
        for arg in call.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    ]  # fmt: skip
    if files:
        yield f"{code(name)} was made {where} from {code(files[0])}."
        return
    text = ast.get_source_segment(magics.mask(maker.source), value) or ""
    yield f"{code(name)} was made {where}: {code(text if len(text) <= 80 else text[:79] + '…')}."
    for each in ast.walk(value):
        if isinstance(each, ast.Name) and each.id != name:
            yield from _made(notebook, maker, made.line, each.id, told, hops - 1)


def _statement(cell: Cell, line: int) -> ast.stmt | None:
    """The innermost statement that begins on a line."""
    tree = magics.parse(cell.source) or ast.Module([], [])
    return next((n for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.lineno - 1 == line), None)


def _no_name(notebook: Notebook, cell: Cell, line: int | None, name: str) -> Iterator[str]:
    first = next((each.line for each in flow(cell.source).definitions if each.name == name), None)
    above, below = definers(notebook, cell, name)
    if above is not None:
        yield f"{code(name)} is made in cell {notebook.number(above.id)}: run that one first."
    elif first is not None:
        if line is not None and first > line:
            yield f"This cell gives {code(name)} a value only on line {first + 1}, below its use."
    elif below is not None:
        yield f"{code(name)} is made only in cell {notebook.number(below.id)}, below this one: run that one first."
    elif name in ALIASES:
        yield f"It usually comes from {code(ALIASES[name])}."
    else:
        makers = {
            each: maker for maker in (*notebook.above(cell.id), cell) for each in sorted(flow(maker.source).defines)
        }
        if near := close(name, makers):
            maker = makers[near[0][0]]
            who = "this cell" if maker.id == cell.id else f"cell {notebook.number(maker.id)}"
            yield f"No cell makes {code(name)}; {who} makes {code(near[0][0])}."
        elif all_known(notebook, cell, name):
            yield f"No cell of this notebook makes {code(name)}."


def _close_key(notebook: Notebook, cell: Cell, tree: ast.AST, evalue: str) -> Iterator[str]:
    """Keys and columns that the notebook's text gives the value whose key is missing."""
    for asked in ast.walk(tree):
        if not (isinstance(asked, ast.Subscript) and isinstance(asked.slice, ast.Constant)):
            continue
        owner, key = asked.value, asked.slice.value
        if not (isinstance(owner, ast.Name) and isinstance(key, str) and repr(key) == evalue):
            continue
        for maker in (cell, *reversed(notebook.above(cell.id))):
            if owner.id in maker.source and (near := close(key, _keys(maker, owner.id))):
                who = "This cell" if maker.id == cell.id else f"Cell {notebook.number(maker.id)}"
                yield f"{who} puts {code(near[0][0])} into {code(owner.id)}."
                return


def _keys(cell: Cell, name: str) -> Iterator[str]:
    """The keys in `name = {"a": …}`, `name = DataFrame({"a": …})` and `name["a"] = …`."""
    for node in ast.walk(magics.parse(cell.source) or ast.Module([], [])):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            keys: list[ast.expr | None] = []
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == name:
                keys = [target.slice]
            elif isinstance(node, ast.Assign) and isinstance(target, ast.Name) and target.id == name:
                value = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
                keys = value.keys if isinstance(value, ast.Dict) else []
            yield from (key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


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
