"""A docstring to fill in for each function of a cell that has none, with its real parameters and their types."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.recipes import ImproveRequest, Recipe
from ai_notebook_ls.providers.builtin.recipes.splice import Splice, spliced
from ai_notebook_ls.providers.builtin.recipes.types import (
    Function,
    Speller,
    functions_of,
    parameters_of,
    seen_of,
)


def _fits(notebook: Notebook, cell: Cell) -> bool:
    return any(map(_lacks_one, functions_of(cell.source)))


async def _change(request: ImproveRequest) -> Mapping[str, str]:
    sources = ((cell, _changed(cell, Speller(request.notebook, cell, request.seen))) for cell in request.cells)
    return {cell.id: source for cell, source in sources if source != cell.source and magics.parse(source) is not None}


def _changed(cell: Cell, speller: Speller) -> str:
    return spliced(
        cell.source, [_docstring(cell, node, speller) for node in functions_of(cell.source) if _lacks_one(node)]
    )


def _lacks_one(node: Function) -> bool:
    """Whether a function has no docstring, and room for one."""
    return ast.get_docstring(node) is None and node.body[0].lineno > node.lineno and not node.name.startswith("__")


def _docstring(cell: Cell, node: Function, speller: Speller) -> Splice:
    first = node.body[0]
    row = min([first.lineno, *(each.lineno for each in getattr(first, "decorator_list", ()))])
    indent = cell.lines[row - 1][: len(cell.lines[row - 1]) - len(cell.lines[row - 1].lstrip())]
    lines = list(_lines(node, speller))
    text = f'"""{lines[0]}"""' if len(lines) == 1 else "\n".join([f'"""{lines[0]}', *lines[1:], '"""'])
    indented = "\n".join(f"{indent}{line}" if line else "" for line in text.split("\n"))
    return Splice((row, 0), (row, 0), f"{indented}\n")


def _lines(node: Function, speller: Speller) -> Iterator[str]:
    """Google's style: one sentence to be written, then what is known of the parameters and the result."""
    yield f"{_words(node.name)}."
    seen = seen_of(speller.seen, node)
    parameters = parameters_of(node)
    if parameters:
        yield from ("", "Args:")
    for each in parameters:
        known = ast.unparse(each.annotation) if each.annotation else speller.spell(seen.parameters.get(each.arg, ()))
        yield f"    {each.arg} ({known}):" if known else f"    {each.arg}:"
    returned = ast.unparse(node.returns) if node.returns else speller.spell(seen.returns)
    if returned and returned != "None":
        yield from ("", "Returns:", f"    {returned}:")


def _words(name: str) -> str:
    words = " ".join(part for part in name.split("_") if part) or name
    return words[:1].upper() + words[1:]


DOCSTRING = Recipe("docstring", "Add docstrings to fill in, with the real parameters", _fits, _change, watches=True)
