"""Imports to the top: those whose place makes no difference, sorted, and each once."""

from __future__ import annotations

import ast
import builtins
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import LINE_END, Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe
from ai_notebook_ls.providers.builtin.recipes.splice import has_lines_alone, without_lines
from ai_notebook_ls.providers.builtin.ruff import fixed

PREPARES = re.compile(
    r"(?:use|patch|install|init|setup|enable|register|activate|set|load|import)(?:_|[A-Z]|$)|simplefilter$|filterwarnings$"
)
"""How the functions begin that change what a later import brings: `matplotlib.use`, `monkey.patch_all`."""

HARMLESS_MAGICS = re.compile(r"%(?:matplotlib|time|timeit|config|who|whos|precision|pprint|autosave|colors)\b|.*\?$")
"""Lines after which an import brings the same as before."""

ORDERED = frozenset(
    {"sys.path", "os.environ", "sys.modules", "sys.meta_path", "sys.path_hooks", "os.putenv", "os.chdir"}
)
"""What decides where an import looks, and what it does."""


@dataclass(frozen=True, slots=True)
class Import:
    """A statement of a cell that may stand at the top just as well."""

    cell: Cell
    rows: range
    """0-based, without a comment line above."""
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its own lines."""
        return "\n".join(self.cell.lines[self.rows.start : self.rows.stop])


def _fits(notebook: Notebook, cell: Cell) -> bool:
    """Whether an import leaves this cell, or comes to it."""
    found = tuple(_movable(notebook))
    if not found or magics.parse(cell.source) is None:
        return False
    elsewhere = [each for each in found if each.cell.id != found[0].cell.id]
    scattered = _scattered([each for each in found if each.cell is found[0].cell])
    if cell.id == found[0].cell.id:
        return bool(elsewhere) or scattered
    return any(each.cell.id == cell.id for each in elsewhere)


async def _change(request: ImproveRequest) -> Mapping[str, str]:
    """Take the imports out of their cells, and put them, sorted, where the first of them stood."""
    found = tuple(_movable(request.notebook))
    if not found:
        return {}
    home, place = found[0].cell, found[0].rows.start
    block = await _sorted(found)
    sources = {}
    for cell in dict.fromkeys(each.cell for each in found):
        rows = [each.rows for each in found if each.cell is cell]
        if cell is not home:
            sources[cell.id] = without_lines(cell.source, rows)
            continue
        above, below = cell.lines[:place], without_lines("\n".join(cell.lines[place:]), _shifted(rows, place))
        gap = ["", ""] if re.match(r"(async )?(def|class)\b|@", below) else [""]
        sources[cell.id] = "\n".join([*above, block, *([*gap, below] if below.strip() else [])])
    return {each: source for each, source in sources.items() if source != request.notebook.cell(each).source}


def with_import(source: str, statement: str) -> str:
    """Return a cell's text with an import added behind its first imports, or above its first statement."""
    tree = magics.parse(source)
    body = tree.body if tree else []
    lines = LINE_END.split(source)
    leading = list(itertools.takewhile(lambda each: isinstance(each, (ast.Import, ast.ImportFrom)), body))
    if leading:
        row = leading[-1].end_lineno or leading[-1].lineno
        return "\n".join([*lines[:row], statement, *lines[row:]])
    first = body[0] if body else None
    row = min([first.lineno, *(each.lineno for each in getattr(first, "decorator_list", ()))]) - 1 if first else 0
    while row and lines[row - 1].startswith("#"):
        row -= 1  # the comment belongs to the statement
    return "\n".join([*lines[:row], statement, "", *lines[row:]])


async def _sorted(found: Sequence[Import]) -> str:
    """Return the statements as ruff sorts and joins them."""
    text = "\n".join(dict.fromkeys(each.text for each in found))
    block = Cell("block", text)
    return (await fixed([block], "I001")).get("block", text).strip("\n")


def _movable(notebook: Notebook) -> Iterator[Import]:
    """Yield the imports whose place makes no difference, in order; what follows something they may depend on is left."""
    owners: dict[str, set[str]] = {}
    for cell in notebook.code:
        for made in flow(cell.source).definitions:
            owners.setdefault(made.name, set()).add(made.imported if made.kind == "import" else "")
    for cell in notebook.code:
        tree = magics.parse(cell.source)
        if tree is None or _other_language(cell):
            if _may_prepare(cell, None):
                return
            continue
        unsettled = [row for row, line in enumerate(cell.lines) if _is_unsettling(line)]
        for node in tree.body:
            rows = range(node.lineno - 1, node.end_lineno or node.lineno)
            if any(row < rows.start for row in unsettled) or _may_prepare(cell, node):
                return
            names = _names(node)
            if names and has_lines_alone(cell.source, node) and all(_is_free(name, owners) for name in names):
                yield Import(cell, rows, names)
        if unsettled:
            return


def _names(node: ast.stmt) -> tuple[str, ...]:
    """The names that an import binds; none if it is no import, or one whose place matters."""
    if isinstance(node, ast.Import):
        return tuple(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    if isinstance(node, ast.ImportFrom) and not node.level and node.module != "__future__":
        names = tuple(alias.asname or alias.name for alias in node.names)
        return () if "*" in names else names
    return ()


def _is_free(name: str, owners: Mapping[str, set[str]]) -> bool:
    """Whether a name means the same in every cell: nothing else is called so, and no builtin."""
    imports = owners.get(name, set())
    same_package = {each.partition(".")[0] for each in imports} == {name}  # `import a.b` and `import a`
    return "" not in imports and (len(imports) == 1 or same_package) and not hasattr(builtins, name)


def _other_language(cell: Cell) -> bool:
    return cell.source.lstrip().startswith("%%") and not magics.mask(cell.source).strip()


def _is_unsettling(line: str) -> bool:
    """A magic or shell line after which an import may bring something else: an installation, another folder."""
    text = line.strip()
    return text.startswith(("!", "%")) and not text.startswith("%%") and not HARMLESS_MAGICS.match(text)


def _may_prepare(cell: Cell, node: ast.stmt | None) -> bool:
    """Whether a statement, or a cell that is not Python, may change what an import after it does."""
    if node is None:
        return bool(cell.source.strip())
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and ast.unparse(each) in ORDERED:
            return True
    call = node.value if isinstance(node, ast.Expr) else None
    name = call.func if isinstance(call, ast.Call) else None
    last = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
    return bool(PREPARES.match(last)) or last in ("exec", "eval", "chdir", "append_path", "run_line_magic")


def _scattered(found: Sequence[Import]) -> bool:
    """Whether other lines stand between the imports of a cell, or one comes twice."""
    gaps = any(
        any(line.strip() for line in each.cell.lines[before.rows.stop : each.rows.start])
        for before, each in itertools.pairwise(found)
    )
    return gaps or len({each.text for each in found}) < len(found)


def _shifted(rows: Sequence[range], by: int) -> list[range]:
    return [range(each.start - by, each.stop - by) for each in rows]


IMPORTS = Recipe("imports", "Sort the imports, each once, at the top of the notebook", _fits, _change)
