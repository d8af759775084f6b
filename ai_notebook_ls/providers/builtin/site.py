"""The place of a failure in a cell, and edits of it by position."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, overload

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.candidates import Candidate, CellEdit, Confidence
from ai_notebook_ls.core.cells import LINE_END, Cell
from ai_notebook_ls.core.dataflow import ALWAYS_THERE, flow
from ai_notebook_ls.core.evidence import Column, Evidence, Names, Value
from ai_notebook_ls.core.requests import FixRequest

A = TypeVar("A", bound=ast.AST)
B = TypeVar("B", bound=ast.AST)
C = TypeVar("C", bound=ast.AST)
D = TypeVar("D", bound=ast.AST)

Change = tuple[ast.AST | tuple[int, int], str]
"""What is replaced, and by what."""


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
        if self.line is None:
            return None
        place = self._failing
        around = [node for node in self._on_line(self.line) if place is not None and _within(place, self.span(node))]
        return max(around or self._on_line(self.line), key=lambda node: (node.lineno, node.col_offset), default=None)

    def statement_at(self, line: int) -> ast.stmt | None:
        """Return the innermost statement on a 0-based line."""
        return max(self._on_line(line), key=lambda node: (node.lineno, node.col_offset), default=None)

    def _on_line(self, line: int) -> list[ast.stmt]:
        return [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.stmt) and node.lineno - 1 <= line < (node.end_lineno or node.lineno)
        ]

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
        span = self.span(node)
        return self._failing is None or not _within(span, self._failing), span[1] - span[0]

    @cached_property
    def _failing(self) -> tuple[int, int] | None:
        """Where the failing expression stands, if the kernel told it and it is in this cell."""
        evidence = self.request.evidence
        if evidence is None or evidence.node is None or self.cell != Site.innermost(self.request).cell:
            return None
        first, column, last, end = evidence.node
        start, stop = (self._starts[min(line, len(self._starts) - 1)] for line in (first, last))
        return start + column, stop + end

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

    def splice(self, changes: Iterable[Change]) -> str:
        """Return the source with some nodes or spans replaced."""
        source = self.cell.source
        spans = ((each if isinstance(each, tuple) else self.span(each), text) for each, text in changes)
        for (start, end), text in sorted(spans, key=lambda each: each[0], reverse=True):
            source = source[:start] + text + source[end:]
        return source

    def with_import(self, line: str, source: str | None = None, at_top: bool = False) -> str:
        """Return the source with an import added: below the cell's own first imports, or above its first statement."""
        at = 0
        if self.tree.body and not at_top:
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
            if self.cell.id != self.request.cell.id:
                title = f"{title}, in cell {self.request.notebook.number(self.cell.id)}"
            yield Candidate(title, f"builtin:{rule}", confidence, (CellEdit(self.cell.id, source),))

    @property
    def evidence(self) -> Evidence:
        """What the kernel told; nothing, where it could not be asked."""
        return self.request.evidence or Evidence(self.request.failure.ename)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """What each node of the cell is a part of."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def call_of(self, node: ast.AST) -> ast.Call | None:
        """Return the call of a function that is written as this node."""
        call = self.parents.get(node)
        return call if isinstance(call, ast.Call) and call.func is node else None

    def with_argument(self, call: ast.Call, text: str) -> Change:
        """Return the change that gives a call one more argument."""
        end = self.span(call)[1] - 1
        bare = self.cell.source[:end].rstrip()
        comma = "" if bare.endswith(("(", ",")) else ", "
        return (end, end), comma + (" " if bare.endswith(",") and comma == "" else "") + text

    def without_argument(self, argument: ast.AST) -> Change:
        """Return the change that drops an argument, with the comma before or after it."""
        start, end = self.span(argument)
        if before := re.search(r",\s*$", self.cell.source[:start]):
            return (before.start(), end), ""
        after = re.match(r"\s*,\s*", self.cell.source[end:])
        return (start, end + (after.end() if after else 0)), ""

    def after(self, statement: ast.stmt, *lines: str) -> Change:
        """Return the change that puts lines below a statement, indented alike."""
        end = self.span(statement)[1]
        line_end = LINE_END.search(self.cell.source, end)
        at = line_end.start() if line_end else len(self.cell.source)
        return (at, at), "".join(f"\n{' ' * statement.col_offset}{line}" for line in lines)

    def made(self, name: str) -> Iterator[tuple[Site, ast.stmt]]:
        """Yield where a global got its value: the last assignments above the failing line, the nearest cell first."""
        cells = [self.cell, *reversed(self.request.notebook.above(self.cell.id))]
        for cell in cells:
            here = self if cell is self.cell else Site(self.request, cell, None)
            limit = self.line if cell is self.cell and self.line is not None else len(cell.lines)
            for node in reversed(here.everywhere(ast.Assign, ast.AnnAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if node.lineno - 1 < limit and any(isinstance(t, ast.Name) and t.id == name for t in targets):
                    yield here, node

    def value(self, node: ast.AST | str) -> Value | None:
        """Return what the kernel knows of a value in the failing statement."""
        text = node if isinstance(node, str) else self.text(node)
        return next((each for each in self.evidence.values if each.expression == text), None)

    def column(self, node: ast.AST) -> Column | None:
        """Return what the kernel knows of a frame's column that is written as `df["a"]` or `df.a`."""
        own = self.value(node)
        if own is not None and own.texts.looks:
            return own.texts
        name = column_name(node)
        frame = self.value(node.value) if isinstance(node, (ast.Subscript, ast.Attribute)) else None
        return next((each for each in frame.columns if each.name == name), None) if frame else None

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
        known = dict(evidence.operands).get(text) or next(
            (each.type for each in evidence.values if each.expression == text), None
        )
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


def _within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def column_name(node: ast.AST) -> str | None:
    """Return the column that `df["a"]` or `df.a` names."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    return node.attr if isinstance(node, ast.Attribute) else None


def _walk_head(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement's nodes, without the statements in its blocks."""
    yield statement
    work = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)]
    while work:
        node = work.pop(0)
        yield node
        work += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
