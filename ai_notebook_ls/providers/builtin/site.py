"""The place of a failure in a cell, and edits of it by position."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, overload

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.candidates import Candidate, CellEdit, Confidence
from ai_notebook_ls.core.cells import LINE_END, Cell
from ai_notebook_ls.core.context import FixRequest
from ai_notebook_ls.core.dataflow import ALWAYS_THERE, flow
from ai_notebook_ls.core.evidence import Names

A = TypeVar("A", bound=ast.AST)
B = TypeVar("B", bound=ast.AST)
C = TypeVar("C", bound=ast.AST)
D = TypeVar("D", bound=ast.AST)


@dataclass(frozen=True)
class Site:
    """A line in a cell that a failure's traceback names."""

    request: FixRequest
    cell: Cell
    line: int | None
    """0-based; None if only the cell is known."""

    @classmethod
    def innermost(cls, request: FixRequest) -> Site:
        """Return where the error came up: perhaps in another cell, which defined the failing function."""
        return next(cls.all(request))

    @classmethod
    def all(cls, request: FixRequest) -> Iterator[Site]:
        """Yield the places that the traceback names, innermost first, and at least the cell itself."""
        seen = set()
        for frame in reversed(request.failure.frames):
            if frame.cell not in seen:
                seen.add(frame.cell)
                yield cls(request, request.notebook.cell(frame.cell), frame.line)
        if request.cell.id not in seen:
            yield cls(request, request.cell, request.failure.line)

    @property
    def message(self) -> str:
        """The error's text."""
        return self.request.failure.evalue

    @cached_property
    def tree(self) -> ast.Module:
        """The cell as Python; empty where it is not."""
        return magics.parse(self.cell.source) or ast.Module([], [])

    @cached_property
    def statement(self) -> ast.stmt | None:
        """The innermost statement on the line; the head only, of a compound one."""
        return self.statement_at(self.line) if self.line is not None else None

    def statement_at(self, line: int) -> ast.stmt | None:
        """Return the innermost statement on a 0-based line."""
        on_line = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.stmt) and node.lineno - 1 <= line < (node.end_lineno or node.lineno)
        ]
        return max(on_line, key=lambda node: (node.lineno, node.col_offset), default=None)

    @overload
    def nodes(self, a: type[A], /) -> list[A]: ...
    @overload
    def nodes(self, a: type[A], b: type[B], /) -> list[A | B]: ...
    @overload
    def nodes(self, a: type[A], b: type[B], c: type[C], /) -> list[A | B | C]: ...
    @overload
    def nodes(self, a: type[A], b: type[B], c: type[C], d: type[D], /) -> list[A | B | C | D]: ...
    def nodes(self, *kinds: type[ast.AST]) -> Sequence[ast.AST]:
        """Return the failing statement's nodes of some kinds: those in the failing expression first, inner ones first.

        Without a line, those of the whole cell. A compound statement counts without its blocks.
        """
        roots = [self.statement] if self.statement is not None else self.tree.body
        found = [node for root in roots for node in _walk_head(root) if isinstance(node, kinds)]
        return sorted(found, key=self._distance)

    def _distance(self, node: ast.AST) -> tuple[bool, int]:
        evidence = self.request.evidence
        span = self.span(node)
        width = span[1] - span[0]
        if evidence is None or evidence.node is None or self.cell != Site.innermost(self.request).cell:
            return True, width
        first, column, last, end = evidence.node
        start, stop = (
            self._starts[min(first, len(self._starts) - 1)] + column,
            self._starts[min(last, len(self._starts) - 1)] + end,
        )
        return not (start <= span[0] and span[1] <= stop), width

    @overload
    def everywhere(self, a: type[A], /) -> list[A]: ...
    @overload
    def everywhere(self, a: type[A], b: type[B], /) -> list[A | B]: ...
    @overload
    def everywhere(self, a: type[A], b: type[B], c: type[C], /) -> list[A | B | C]: ...
    @overload
    def everywhere(self, a: type[A], b: type[B], c: type[C], d: type[D], /) -> list[A | B | C | D]: ...
    def everywhere(self, *kinds: type[ast.AST]) -> Sequence[ast.AST]:
        """Return the whole cell's nodes of some kinds, in source order."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, kinds)]
        return sorted(found, key=lambda node: self.span(node))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.cell.source))]

    def offset(self, line: int, column: int) -> int:
        """Return the place in the source of an ast position (line from 1, column in UTF-8 bytes)."""
        text = self.cell.lines[line - 1].encode("utf-8", "surrogatepass")[:column]
        return self._starts[line - 1] + len(text.decode("utf-8", "ignore"))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node stands in the source."""
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None) or 1
        return self.offset(first, getattr(node, "col_offset", 0)), self.offset(last, getattr(node, "end_col_offset", 0))

    def text(self, node: ast.AST) -> str:
        """Return a node as it is written."""
        start, end = self.span(node)
        return self.cell.source[start:end]

    def attribute_span(self, node: ast.Attribute) -> tuple[int, int]:
        """Return where the attribute's own name stands."""
        end = self.span(node)[1]
        return end - len(node.attr), end

    def splice(self, changes: Iterable[tuple[ast.AST | tuple[int, int], str]]) -> str:
        """Return the source with some nodes or spans replaced."""
        source = self.cell.source
        spans = ((each if isinstance(each, tuple) else self.span(each), text) for each, text in changes)
        for (start, end), text in sorted(spans, key=lambda each: each[0], reverse=True):
            source = source[:start] + text + source[end:]
        return source

    def with_import(self, line: str, source: str | None = None) -> str:
        """Return the source with an import added: below the cell's own first imports, or above its first statement."""
        at = 0
        if self.tree.body:
            first = self.tree.body[0]
            at = first.lineno - 1 - len(getattr(first, "decorator_list", ()))
            for node in self.tree.body:
                if not isinstance(node, (ast.Import, ast.ImportFrom)):
                    break
                at = node.end_lineno or node.lineno
        lines = LINE_END.split(self.cell.source if source is None else source)
        while at < len(lines) and at < len(self.cell.lines) and self.cell.lines[at].startswith("%%"):
            at += 1
        return "\n".join([*lines[:at], line, *lines[at:]])

    def candidate(self, rule: str, title: str, source: str, confidence: Confidence = "likely") -> Iterator[Candidate]:
        """Yield a candidate that gives this cell another text; nothing if it would change nothing or not parse."""
        if source != self.cell.source and magics.parse(source) is not None:
            yield Candidate(title, f"builtin:{rule}", confidence, (CellEdit(self.cell.id, source),))

    def type_of(self, node: ast.AST) -> str:
        """Return the type of a value on the failing line, if the kernel told it; else of a literal; else ''."""
        if isinstance(node, ast.JoinedStr):
            return "str"
        if isinstance(node, ast.Constant):
            return type(node.value).__name__
        evidence = self.request.evidence
        if evidence is None:
            return ""
        text = self.text(node)
        known = dict(evidence.operands).get(text)
        return known or (evidence.namespace.get(text, "") if isinstance(node, ast.Name) else "")

    def offers(self, *kinds: str) -> list[Names]:
        """Return where the kernel looked for what is missing."""
        evidence = self.request.evidence
        return [each for each in evidence.offers if each.kind in kinds] if evidence else []

    @cached_property
    def known_names(self) -> dict[str, str]:
        """The names that a cell can use, and their types as far as known: from the kernel, else from the cells above."""
        evidence = self.request.evidence
        if evidence is not None and evidence.namespace:
            return {name: kind for name, kind in evidence.namespace.items() if not name.startswith("_")}
        found: dict[str, str] = {}
        for cell in (*self.request.notebook.above(self.request.cell.id), self.request.cell):
            for each in flow(cell.source).definitions:
                found[each.name] = "module" if each.kind == "import" and "." not in each.imported else ""
        return found

    def has(self, name: str) -> bool:
        """Return whether a name is there at the time of the failure."""
        return name in self.known_names or name in ALWAYS_THERE


def _walk_head(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement's nodes, without the statements in its blocks."""
    yield statement
    work = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)]
    while work:
        node = work.pop(0)
        yield node
        work += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
