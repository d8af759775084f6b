"""Explain a cell without a model: how it failed, what it does, what it calls, how it last ran."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterable, Iterator

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.context import ExplainRequest
from ai_notebook_ls.core.dataflow import IN_PLACE, Flow, definer, definer_below, definition, flow
from ai_notebook_ls.core.failures import CellUnknown
from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.providers.builtin.calls import called, dotted, effects
from ai_notebook_ls.providers.builtin.plain_words import code, fence, fragment, meaning
from ai_notebook_ls.providers.builtin.spelling import close
from ai_notebook_ls.providers.builtin.tables import ALIASES

MOST = 8
"""Names listed of one sort; the rest is counted."""

LONGEST_LINE = 400
"""Characters of a quoted line of code."""

SYNTAX = ("SyntaxError", "IndentationError", "TabError", "_IncompleteInputError")

IN_FILE = re.compile(r" \([^()]*, line \d+\)$")
"""What Python adds to the message of a syntax error."""

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
        yield from _failure(request.notebook, cell, failure, python)
    if not python:
        yield _other_language(request.notebook.language, cell)
    elif not any(text and not text.startswith("#") for text in map(str.strip, cell.lines)):
        yield "This cell holds only comments." if cell.source.strip() else "This cell is empty."
    elif (tree := magics.parse(cell.source)) is None:
        if failure is None or failure.ename not in SYNTAX:
            yield from _unreadable(cell)
    else:
        if does := _does(request.notebook, cell, tree):
            yield "**What this cell does**\n\n" + "\n".join(f"- {each}" for each in does)
        if calls := called(request.notebook, cell, tree):
            yield "**What it calls**\n\n" + "\n".join(f"- {code(name)}: {doc}" for name, doc in calls)
    if request.outcome is not None:
        yield _outcome(request.notebook, cell, request.outcome)


def _failure(notebook: Notebook, cell: Cell, failure: Failure, python: bool) -> Iterator[str]:
    ran = _cell(notebook, failure.cell) or cell
    line = failure.line if failure.line is not None and 0 <= failure.line < len(ran.lines) else None
    where = [f"in cell {notebook.number(ran.id)}"] if ran.id != cell.id else []
    where += [f"{'line' if where else 'on line'} {line + 1}"] if line is not None else []
    name = failure.ename if re.fullmatch(r"[A-Za-z][A-Za-z0-9.]*", failure.ename) else code(failure.ename)
    says = IN_FILE.sub("", failure.evalue.strip().partition("\n")[0])
    yield f"**{' '.join([name, ', '.join(where)]).strip()}**{f': {code(says)}' if says else ''}"
    if line is not None:
        yield _quoted(ran.lines[line])
    place, at = _innermost(notebook, failure) or (ran, line)
    if at is not None and (place.id, at) != (ran.id, line):
        inner = "" if place.id == ran.id else f"cell {notebook.number(place.id)}, "
        yield f"The error came up in {inner}line {at + 1}, in code that is called from here:"
        yield _quoted(place.lines[at])
    if python:
        text = place.lines[at].strip() if at is not None else ""
        yield " ".join([meaning(failure, text), *_causes(notebook, place, at, failure)])


def _innermost(notebook: Notebook, failure: Failure) -> tuple[Cell, int | None] | None:
    frame = failure.frames[-1] if failure.frames else None
    cell = _cell(notebook, frame.cell) if frame is not None else None
    return (cell, frame.line) if frame and cell and 0 <= frame.line < len(cell.lines) else None


def _causes(notebook: Notebook, cell: Cell, line: int | None, failure: Failure) -> Iterator[str]:
    """Sentences on where in the notebook the cause may be."""
    if failure.ename in SYNTAX:
        return
    if failure.ename == "NameError" and (found := re.search(r"name '([^']+)' is not defined", failure.evalue)):
        yield from _no_name(notebook, cell, line, found[1])
        return
    tree = fragment(cell.lines[line]) if line is not None else None
    if tree is None:
        return
    reads = [each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)]
    own = flow(cell.source)
    made = []
    for name in dict.fromkeys(reads):
        above = definer(notebook, cell.id, name) if name in own.reads else None
        if above is not None and (how := definition(above, name)) is not None and how.kind != "import":
            made.append(f"{code(name)} is made in cell {notebook.number(above.id)}")
    if made:
        yield _listed(made[:4]) + "."
    if failure.ename == "KeyError":
        yield from _close_key(notebook, cell, tree, failure.evalue)


def _no_name(notebook: Notebook, cell: Cell, line: int | None, name: str) -> Iterator[str]:
    first = next((each.line for each in flow(cell.source).definitions if each.name == name), None)
    if (above := definer(notebook, cell.id, name)) is not None:
        yield f"{code(name)} is made in cell {notebook.number(above.id)}: run that one first."
    elif first is not None:
        if line is not None and first > line:
            yield f"This cell gives {code(name)} a value only on line {first + 1}, below its use."
    elif (below := definer_below(notebook, cell.id, name)) is not None:
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
        elif _all_known(notebook, cell):
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
            if near := close(key, _keys(maker, owner.id)):
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
            yield _quoted(cell.lines[line])
        found = Failure(type(error).__name__, str(error.msg), (), cell.id)
        yield f"{code(f'{found.ename}: {found.evalue}')}. {meaning(found)}"
    except (ValueError, RecursionError, MemoryError):
        yield "This cell cannot be read as Python: it holds characters or nesting that Python's parser does not take."


def _does(notebook: Notebook, cell: Cell, tree: ast.Module) -> list[str]:
    return [*_names(notebook, cell, flow(cell.source)), *effects(tree), *_value(cell, tree), *_escaped(cell)]


def _names(notebook: Notebook, cell: Cell, found: Flow) -> Iterator[str]:
    imports = []
    for each in found.definitions:
        if each.kind == "import":
            plain = each.imported.rpartition(".")[2] == each.name or each.imported.startswith(f"{each.name}.")
            imports.append(code(each.imported) if plain else f"{code(each.imported)} as {code(each.name)}")
    imports += [f"everything in {code(module)}" for module in found.stars]
    if imports:
        yield f"Imports {_counted(imports)}."
    if reads := [name for name in found.reads if not hasattr(builtins, name)]:
        # Only the names shown are looked up: each look-up goes through the whole notebook.
        shown = [_read(notebook, cell, name) for name in reads[:MOST]]
        yield f"Reads {_counted([*shown, *reads[MOST:]])}."
    if found.changes:
        yield f"May change {_counted(map(code, sorted(found.changes)))}."
    kinds = {each.name: each.kind for each in found.definitions if each.kind != "import"}
    if kinds:
        made = [code(name) if kind == "variable" else f"the {kind} {code(name)}" for name, kind in kinds.items()]
        yield f"Defines {_counted(made)}."
    if found.removes:
        yield f"Removes {_counted(map(code, sorted(found.removes)))}."


def _read(notebook: Notebook, cell: Cell, name: str) -> str:
    above, below = definer(notebook, cell.id, name), definer_below(notebook, cell.id, name)
    own = name in flow(cell.source).defines
    if (maker := above or (None if own else below)) is not None:
        how = definition(maker, name)
        kind = f"{how.kind} from " if how is not None and how.kind != "variable" else ""
        place = "" if above is not None else ", below this one"
        return f"{code(name)} ({kind}cell {notebook.number(maker.id)}{place})"
    unknown = not own and _all_known(notebook, cell)
    return f"{code(name)} (no other cell makes it)" if unknown else code(name)


def _value(cell: Cell, tree: ast.Module) -> Iterator[str]:
    """What Jupyter shows below the cell."""
    last = tree.body[-1] if tree.body else None
    quiet = cell.source.lstrip().startswith("%%") or cell.source.rstrip().endswith(";")
    if quiet or not isinstance(last, ast.Expr) or isinstance(last.value, (ast.Yield, ast.Await)):
        return
    text = code(ast.get_source_segment(magics.mask(cell.source), last.value) or "")
    if not isinstance(last.value, ast.Call):
        yield f"Shows the value of {text}, its last line."
    elif (dotted(last.value.func) or "").rpartition(".")[2] not in IN_PLACE | {"print", "display", "show", "exec"}:
        yield f"Ends with {text}: if that gives a value, it is shown."


def _escaped(cell: Cell) -> Iterator[str]:
    lines = magics.escaped_lines(cell.source)
    if lines and (name := magics.CELL_MAGIC.match(lines[0])) and name["name"] not in magics.RUNS_ITS_BODY:
        yield f"Hands all of its text to the cell magic {code(lines[0])}."
        return
    shell = [line for line in lines if re.match(r"[^%?]*!", line)]
    asks = [line for line in lines if line not in shell and "?" in (line[0], line[-1])]
    uses = [line for line in lines if line not in shell and line not in asks]
    for sort, chosen in (("Runs in the system's shell", shell), ("Asks for help", asks), ("Uses magic", uses)):
        if chosen:
            yield f"{sort}: {_counted(map(code, chosen))}."


def _outcome(notebook: Notebook, cell: Cell, outcome: Outcome) -> str:
    ended = ENDED.get(outcome.status, code(outcome.status))
    if outcome.failure is not None and outcome.status == "error":
        ended += f" with {code(outcome.failure.ename)}"
        if outcome.failure.line is not None:
            ended += f" on line {outcome.failure.line + 1}"
    if outcome.cell != cell.id and _cell(notebook, outcome.cell) is not None:
        return f"The last run in the sidecar {ended} in cell {notebook.number(outcome.cell)}, which this one needs."
    return f"The last run in the sidecar {ended}."


def _other_language(language: str, cell: Cell) -> str:
    found = next((match for line in cell.lines if (match := COMMENT.match(line))), None)
    says = f" Its first comment says: {code(found['text'])}." if found else ""
    return f"This cell is in {code(language)}; without a model, only its text is known.{says}"


def _all_known(notebook: Notebook, cell: Cell) -> bool:
    """Whether the text tells all names that there are: no star import, no cell that is not Python."""
    flows = [flow(each.source) for each in (*notebook.above(cell.id), cell)]
    return all(each.parsed and not each.stars for each in flows)


def _cell(notebook: Notebook, cell_id: str) -> Cell | None:
    try:
        return notebook.cell(cell_id)
    except CellUnknown:
        return None


def _quoted(line: str) -> str:
    text = line.strip()
    return fence(text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + " …")


def _counted(texts: Iterable[str]) -> str:
    texts = list(dict.fromkeys(texts))
    more = len(texts) - MOST
    return _listed([*texts[:MOST], f"{more} more"] if more > 0 else texts)


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
