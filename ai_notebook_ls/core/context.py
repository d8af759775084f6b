"""What of a notebook goes into a prompt, within a budget; the most telling first, so that the least is dropped.

In this order: the cell, whole if possible; the error; what is known of it; what was tried before; the cells that the cell
needs, nearest writer first, in outline where they are too long; variables; versions; values, if the user allows them.
Dropped are thus first values, then versions, variables, and the cells furthest away (notes/models.md, 4.2).

Each text is cleaned of secrets whole, before anything is cut out of it: half a secret looks like none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.feedback import tried
from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.core.requests import AskRequest, ExplainRequest, FixRequest, ImproveByModel, Request, Values
from ai_notebook_ls.core.slices import Chain, node_of, slice_of
from ai_notebook_ls.core.variables import Variable, Variables

CELL_LIMIT = 6_000
ERROR_LIMIT = 800
ATTEMPT_LIMIT = 1_500
FACTS_LIMIT = 4_000
OUTPUT_LIMIT = 1_000
LINE_LIMIT = 120
"""Characters of one part, or of one line of an outline."""

TABLE_CELL = 60
"""Characters of a table's cell that the kernel tells; one that has them all was cut."""

NAMES_LIMIT = 30
"""Names of one container: columns, keys, attributes."""


Clean = Callable[[str], str]
"""Takes the secrets out of a whole text."""


@dataclass(frozen=True, slots=True)
class Part:
    """One block of what a model is shown."""

    name: str
    text: str


def parts_of(request: Request, values: Values, room: int, clean: Clean = str) -> list[Part]:
    """Return what a model is shown for a request, in at most `room` characters; the first part always."""
    chosen: list[Part] = []
    for part in _parts(request, values, room, clean):
        if not chosen or len(part.text) <= room:
            chosen.append(part)
            room -= len(part.text) + len(part.name)
    return [part for part in chosen if part.text.strip()]


def target(request: FixRequest) -> tuple[Cell, int | None]:
    """Return the cell that a fix rewrites, where the error came up, and the line: perhaps of another cell's function."""
    if request.failure.frames:
        innermost = request.failure.frames[-1]
        return request.notebook.cell(innermost.cell), innermost.line
    return request.cell, request.failure.line


def editable(request: FixRequest) -> tuple[Cell, ...]:
    """Return the cells that a fix may change, its target first: what failed, and the cells that this needs."""
    notebook, first = request.notebook, target(request)[0]
    needed = (slice_of(notebook, first.id).cells, slice_of(notebook, request.cell.id).cells)
    found = {each.id: each for each in (first, request.cell, *needed[0], *needed[1])}
    return tuple(found.values())


def _parts(request: Request, values: Values, room: int, clean: Clean) -> Iterator[Part]:
    notebook = request.notebook
    cell, line = target(request) if isinstance(request, FixRequest) else (request.cell, None)
    failure = None if isinstance(request, ImproveByModel) else request.failure
    if failure is not None and not isinstance(request, FixRequest):
        line = failure.line
    yield _cell_part(notebook, cell, line, min(CELL_LIMIT, max(room, 400)), clean)
    if failure is not None:
        yield Part("error", _error(notebook, failure, clean))
        if cell.id != request.cell.id:
            yield _cell_part(notebook, request.cell, failure.line, CELL_LIMIT, clean)
    evidence = request.evidence if isinstance(request, ExplainRequest | FixRequest) and values != "never" else None
    if evidence is not None:
        yield Part("what the kernel says", _cut(clean(_facts(evidence, cell)), FACTS_LIMIT))
    if isinstance(request, FixRequest | ImproveByModel):
        for each in tried(notebook, request.attempts, values, clean):
            yield Part("tried before", _cut(each, ATTEMPT_LIMIT))
    yield from _upstream(notebook, cell, room, clean)
    if isinstance(request, AskRequest):
        yield from _others(notebook, cell, clean)
    variables = None if isinstance(request, FixRequest) else request.variables
    if values != "never" and variables is not None:
        yield Part("variables now", _variables(variables, cell, values, clean))
    if evidence is not None:
        yield Part("versions", clean(_versions(evidence, cell)))
    if values == "sample" and isinstance(request, ExplainRequest) and request.outcome is not None:
        yield Part("what the cell printed or showed", _cut(clean(_outputs(request.outcome)), OUTPUT_LIMIT))


def _cell_part(notebook: Notebook, cell: Cell, line: int | None, limit: int, clean: Clean) -> Part:
    return Part(f"cell {notebook.number(cell.id)}", _window(cell, line, limit, clean))


def _window(cell: Cell, line: int | None, limit: int, clean: Clean) -> str:
    """A cell's text, whole if that is possible, else the lines round the failing one."""
    cleaned = _cleaned(cell, clean)
    if len(cleaned.source) <= limit:
        return cleaned.source
    lines = cleaned.lines
    first = last = at = _place(cell, line or 0, lines)
    room = limit - len(lines[at])
    while room > 0 and (first > 0 or last + 1 < len(lines)):
        if first > 0:
            first -= 1
            room -= len(lines[first]) + 1
        if last + 1 < len(lines):
            last += 1
            room -= len(lines[last]) + 1
    shown = "\n".join(lines[first : last + 1])
    return f"# … lines {first + 1} to {last + 1} of {len(lines)}\n{_cut(shown, limit)}"


def _cleaned(cell: Cell, clean: Clean) -> Cell:
    return replace(cell, source=clean(cell.source))


def _place(cell: Cell, line: int, cleaned: Sequence[str]) -> int:
    """Where a line of a cell is in its cleaned text, in which a secret of several lines is one."""
    lines = cell.lines
    line = min(line, len(lines) - 1)
    places = range(max(0, line - (len(lines) - len(cleaned))), min(line, len(cleaned) - 1) + 1)
    return max(places, key=lambda place: (_alike(lines[line], cleaned[place]), place))


def _alike(one: str, other: str) -> int:
    """How many characters two lines begin with alike."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _error(notebook: Notebook, failure: Failure, clean: Clean) -> str:
    """The exception, and the lines of cells that it passed through; library frames say little for their length."""
    places = []
    for frame in failure.frames:
        cell = notebook.cell(frame.cell)
        lines = _cleaned(cell, clean).lines
        text = lines[_place(cell, frame.line, lines)].strip() if frame.line < len(cell.lines) else ""
        places.append(f"cell {notebook.number(frame.cell)}, line {frame.line + 1}: {_cut(text, LINE_LIMIT)}")
    return "\n".join([*places, _cut(clean(f"{failure.ename}: {failure.evalue}"), ERROR_LIMIT)])


def _upstream(notebook: Notebook, cell: Cell, room: int, clean: Clean) -> Iterator[Part]:
    """The cells above that the cell needs: those whose values it reads, then the others, each nearest first."""
    code = notebook.code
    direct = {code[link.cell].id for link in node_of(notebook, cell.id).needs.values() if isinstance(link, Chain)}
    needed = sorted(slice_of(notebook, cell.id).cells, key=lambda each: notebook.index(each.id), reverse=True)
    whole = room * 2 // 3
    for each in sorted(needed, key=lambda each: each.id not in direct):
        text = clean(each.source)
        if len(text) > whole:
            text = outline(text, whole)
        whole -= len(text)
        yield Part(f"cell {notebook.number(each.id)}", text)


def _others(notebook: Notebook, cell: Cell, clean: Clean) -> Iterator[Part]:
    """The rest of the notebook, a line each: headings, and what each cell begins with."""
    shown = {cell.id, *(each.id for each in slice_of(notebook, cell.id).cells)}
    lines = []
    for each in notebook.cells:
        if each.id in shown:
            continue
        if first := next((line.strip() for line in _cleaned(each, clean).lines if line.strip()), ""):
            lines.append(f"{each.kind} cell {notebook.number(each.id)}: {_cut(first, LINE_LIMIT)}")
    yield Part("how the other cells begin", _cut("\n".join(lines), FACTS_LIMIT))


def outline(source: str, limit: int) -> str:
    """Return what a cell imports, defines and assigns, a line each, in at most `limit` characters."""
    tree = magics.parse(source)
    if tree is None:
        return _cut(source, limit) if limit > LINE_LIMIT else ""
    lines = ["# in outline"]
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            lines.append(ast.unparse(statement))
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            lines += _signature(statement, "")
        else:
            lines.append(ast.unparse(statement).split("\n")[0])
    text = "\n".join(_cut(line, LINE_LIMIT) for line in lines)
    return text if len(text) <= limit else ""


def _signature(definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, indent: str) -> Iterator[str]:
    if isinstance(definition, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, definition.bases))
        yield f"{indent}class {definition.name}({bases}):"
        for each in definition.body:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _signature(each, indent + "    ")
    else:
        yield f"{indent}def {definition.name}({ast.unparse(definition.args)}): …"


def _facts(evidence: Evidence, cell: Cell) -> str:
    """What the kernel says: types of the names in use, and what was on offer where something is missing. No values."""
    own = flow(cell.source)
    used = [name for name in (*own.reads, *own.defines) if name in evidence.namespace]
    lines = [f"{name}: {evidence.namespace[name]}" for name in dict.fromkeys(used)]
    lines += [f"{text}: {kind}" for text, kind in evidence.operands if text not in used]
    for value in evidence.values:
        shape = f" of shape {value.shape}" if value.shape is not None else ""
        columns = ", ".join(f"{each.name} ({each.dtype})" for each in value.columns[:NAMES_LIMIT])
        if shape or columns:
            lines.append(f"{value.expression}: {value.type}{shape}{f' with columns {columns}' if columns else ''}")
    for offer in evidence.offers:
        names = ", ".join(offer.names[:NAMES_LIMIT])
        more = ", …" if len(offer.names) > NAMES_LIMIT else ""
        lines.append(f"{offer.kind} of {offer.expression or offer.type or 'it'}: {names}{more}")
    if evidence.files:
        lines.append(f"files there: {', '.join(evidence.files[:NAMES_LIMIT])}")
    return "\n".join(dict.fromkeys(lines))


def _versions(evidence: Evidence, cell: Cell) -> str:
    own = flow(cell.source)
    imported = {each.imported.partition(".")[0] for each in own.definitions if each.kind == "import"}
    types = {kind.partition(".")[0] for _, kind in evidence.operands}
    packages = {*imported, *types, *own.reads}
    return "\n".join(f"{name} {version}" for name, version in evidence.versions.items() if name in packages)


def _variables(variables: Variables, cell: Cell, values: Values, clean: Clean) -> str:
    """What the names that the cell uses hold: types, shapes and columns; beginnings of values only if allowed."""
    own = flow(cell.source)
    used = {*own.reads, *own.defines}
    lines = [line for each in variables.variables if each.name in used for line in _variable(each, values, clean)]
    return _cut("\n".join(lines), FACTS_LIMIT)


def _variable(variable: Variable, values: Values, clean: Clean) -> Iterator[str]:
    shape = f" of shape {variable.shape}" if variable.shape is not None else ""
    dtype = f", {variable.dtype}" if variable.dtype else ""
    columns = ", ".join(f"{each.name} ({each.dtype})" for each in variable.columns[:NAMES_LIMIT])
    yield clean(f"{variable.name}: {variable.type}{shape}{dtype}{f'; columns {columns}' if columns else ''}")
    if values == "sample":
        if variable.table is not None:
            yield from (
                " | ".join(_cut(clean(_uncut(text + "…" * (len(text) >= TABLE_CELL))), 40) for text in row[:10])
                for row in variable.table.rows[:3]
            )
        else:
            # A value's name tells as much of it as its form does: `password = 'hunter2'`.
            told = clean(f"{variable.name} = {_uncut(variable.preview)}")
            yield _cut(told.removeprefix(f"{variable.name} = "), LINE_LIMIT)


def _uncut(preview: str) -> str:
    """A value's beginning without the word in which the kernel has cut it: half a secret looks like none."""
    whole = preview.endswith("…") and preview[:-1].rsplit(None, 1)
    return preview if not whole else f"{whole[0]} …" if len(whole) == 2 else "…"


def _outputs(outcome: Outcome) -> str:
    texts = []
    for output in outcome.outputs:
        data = output.get("data")
        text = output.get("text") or (data.get("text/plain") if isinstance(data, dict) else "")
        texts.append("".join(text) if isinstance(text, list) else str(text or ""))
    return "\n".join(filter(None, texts))


def _cut(text: str, limit: int) -> str:
    """Shorten a text in its middle: an error's start and end say the most."""
    if len(text) <= limit:
        return text
    half = (limit - 3) // 2
    return f"{text[:half]} … {text[-half:]}"
