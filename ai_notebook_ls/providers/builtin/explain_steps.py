"""What a cell does, statement by statement: short sentences that say no more than its text does."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Collection, Iterator, Sequence

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.calls import tail
from ai_notebook_ls.providers.builtin.calls import effect, first_sentence
from ai_notebook_ls.providers.builtin.explain_chains import chain, estimated, is_condition
from ai_notebook_ls.providers.builtin.plain_words import code, counted, listed

MOST = 12
"""Steps told; the rest is counted."""
INSIDE = 5
"""Steps told of one block."""
DEEPEST = 4
"""Blocks within blocks that are told."""
SHOWN = 90
"""Characters of one piece of code in a sentence."""
OPENED = 2
"""A cell that defines more functions and classes than this is told without what is in them."""

SHOWS_LAST = frozenset(("time", "debug"))
"""Cell magics under which the last value is still shown."""
DRESSES_PLOT = re.compile(
    r"^(?:plt|ax|axs|axes|fig|)(?:\.\w+)*\.(?:set_\w+|title|suptitle|[xy]label|[xy]ticks|[xy]lim|legend|grid|tight_layout"
    r"|tick_params|figure|style\.use|colorbar|autofmt_xdate)$"
)

OPERATIONS: dict[type[ast.operator], str] = {
    ast.Add: "Adds {} to {}",
    ast.Sub: "Subtracts {} from {}",
    ast.Mult: "Multiplies {1} by {0}",
    ast.Div: "Divides {1} by {0}",
}
Block = tuple[str, Sequence[ast.stmt]]


def steps(source: str, tree: ast.Module, modules: Collection[str], tables: Collection[str]) -> list[str]:
    """Return the lines of a markdown list. `modules` are names that imports brought, `tables` those that hold tables."""
    teller = _Teller(source, tree, modules, tables)
    return [f"{'  ' * depth}- {text}" for depth, text in teller.cell(tree.body)]


class _Teller:
    """The words for the statements of one cell."""

    def __init__(self, source: str, tree: ast.Module, modules: Collection[str], tables: Collection[str]) -> None:
        self._lines = [line.encode("utf-8", "replace") for line in magics.mask(source).split("\n")]
        self._escaped = magics.escaped(source)
        self._heads = [text for text in self._escaped.values() if text.startswith("%%")]
        hidden = any(
            (found := magics.CELL_MAGIC.match(each)) and found["name"] not in SHOWS_LAST for each in self._heads
        )
        self._quiet = hidden or source.rstrip().endswith(";")
        self._modules, self._tables = modules, tables
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        self._opens = sum(isinstance(each, kinds) for each in tree.body) <= OPENED

    def cell(self, body: Sequence[ast.stmt]) -> Iterator[tuple[int, str]]:
        """Yield (depth, sentence) for all statements."""
        for head in self._heads:
            name = magics.CELL_MAGIC.match(head)
            inside = name is not None and name["name"] in magics.RUNS_ITS_BODY
            yield (
                0,
                f"Runs under the magic {code(head)}."
                if inside
                else f"Hands all of its text to the magic {code(head)}.",
            )
        yield from self.block(body, 0, outermost=True)

    def text(self, node: ast.AST, most: int = SHOWN) -> str:
        """The code of a node, as a span; not `ast.get_source_segment`, which splits the whole cell each time."""
        plain = self.plain(node)
        return code(plain if len(plain) <= most else plain[: most - 1] + "…")

    def plain(self, node: ast.AST) -> str:
        """The code of a node on one line."""
        first, last = getattr(node, "lineno", 1) - 1, (getattr(node, "end_lineno", 1) or 1) - 1
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
        lines = self._lines[first : min(last + 1, first + 20)]
        if first == last:
            lines = [line[start:end] for line in lines]
        elif lines:
            lines[0] = lines[0][start:]
            if len(lines) == last - first + 1:
                lines[-1] = lines[-1][:end]
        return " ".join(b" ".join(lines).decode("utf-8", "replace").split())

    def block(self, body: Sequence[ast.stmt], depth: int, outermost: bool = False) -> Iterator[tuple[int, str]]:
        """Yield (depth, sentence) for some statements."""
        most, told = (MOST if outermost else INSIDE), 0
        groups = list(self.grouped(body))
        for place, group in enumerate(groups):
            if told == most and len(groups) - place > 1:
                yield depth, f"… and {sum(map(len, groups[place:]))} more statements."
                return
            sentences = list(self.statements(group, depth, outermost and place == len(groups) - 1))
            told += bool(sentences)
            yield from sentences

    def grouped(self, body: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
        """Yield statements; imports side by side are one group, so are plain values given to names, and plot labels."""
        for sort, nodes in itertools.groupby(body, self.sort):
            together = list(nodes)
            yield from [together] if sort else [[node] for node in together]

    def sort(self, node: ast.stmt) -> str:
        """What a statement can be told of together with its neighbours; empty for one by itself."""
        if node.lineno - 1 in self._escaped:
            return ""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return "import"
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return "label" if DRESSES_PLOT.match(tail(node.value.func)) else ""
        plain = isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        return "value" if plain and isinstance(node.value, (ast.Constant, ast.UnaryOp)) else ""  # type: ignore[attr-defined]

    def statements(self, group: list[ast.stmt], depth: int, last: bool) -> Iterator[tuple[int, str]]:
        """Yield the sentences for equal statements side by side, or for one and what is inside it."""
        node = group[0]
        if (line := self._escaped.get(node.lineno - 1)) is not None:
            if not line.startswith("%%"):
                yield depth, _escaped(line)
        elif (sort := self.sort(node)) and (sort != "value" or len(group) > 1):
            yield depth, self.many(group, sort)
        else:
            blocks = self.compound(node)
            if not blocks and (text := self.one(node, last)):
                yield depth, text
            for head, body in blocks:
                yield depth, head
                inside = list(self.inside(body, depth + 1))
                yield from inside or ([(depth + 1, "Does nothing.")] if body and head.endswith(":") else [])

    def inside(self, body: Sequence[ast.stmt], depth: int) -> Iterator[tuple[int, str]]:
        if depth >= DEEPEST and body:
            yield depth, f"Runs {len(body)} statement{'s' if len(body) > 1 else ''}."
        else:
            yield from self.block(body, depth)

    def many(self, group: list[ast.stmt], sort: str) -> str:
        """One sentence for imports, for plain values given to several names, or for what dresses a plot."""
        if sort == "import":
            return f"Imports {counted([text for node in group for text in _imported(node)], MOST)}."
        if sort == "label":
            return f"Sets up the plot: {counted([self.text(each, 60) for each in group], MOST)}."
        pairs = [(each.targets[0], each.value) for each in group if isinstance(each, ast.Assign)]
        return f"Sets {counted([f'{self.text(name)} to {self.text(value, 40)}' for name, value in pairs])}."

    def compound(self, node: ast.stmt) -> list[Block]:
        """The sentences that open the blocks of a statement, and what is in them; none for one without blocks."""
        if isinstance(node, (ast.For, ast.AsyncFor)):
            return [(f"For each {self.text(node.target)} in {self.text(node.iter)}:", node.body), *_otherwise(node)]
        if isinstance(node, ast.While):
            always = isinstance(node.test, ast.Constant) and node.test.value
            head = "Again and again:" if always else f"As long as {self.text(node.test)}:"
            return [(head, node.body), *_otherwise(node)]
        if isinstance(node, ast.If):
            blocks: list[Block] = [(f"If {self.text(node.test)}:", node.body)]
            rest = node.orelse
            while len(rest) == 1 and isinstance(rest[0], ast.If) and len(blocks) < INSIDE:
                blocks.append((f"Else, if {self.text(rest[0].test)}:", rest[0].body))
                rest = rest[0].orelse
            return [*blocks, *([("Otherwise:", rest)] if rest else [])]
        if isinstance(node, (ast.With, ast.AsyncWith)):
            items = [
                self.text(each.context_expr) + (f" as {self.text(each.optional_vars)}" if each.optional_vars else "")
                for each in node.items
            ]
            return [(f"With {listed(items)}:", node.body)]
        if isinstance(node, ast.Try):
            blocks = [("Tries:", node.body)]
            for handler in node.handlers:
                kind = f" with {self.text(handler.type)}" if handler.type else ""
                blocks.append((f"If that fails{kind}:", handler.body))
            blocks += [("If nothing failed:", node.orelse)] if node.orelse else []
            return [*blocks, *([("In any case, at the end:", node.finalbody)] if node.finalbody else [])]
        if isinstance(node, ast.Match):
            return [
                (f"If {self.text(node.subject)} matches {self.text(each.pattern)}:", each.body) for each in node.cases
            ]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return [(self.function(node), node.body if self._opens else [])]
        return [(self.kind(node), self.methods(node))] if isinstance(node, ast.ClassDef) else []

    def one(self, node: ast.stmt, last: bool) -> str:
        """The sentence for a statement that holds no block."""
        if isinstance(node, ast.Assign):
            return self.assigned(node.targets, node.value)
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                return self.assigned([node.target], node.value)
            return f"Says that {self.text(node.target)} is {self.text(node.annotation)}."
        if isinstance(node, ast.AugAssign):
            words = OPERATIONS.get(type(node.op))
            given, target = self.text(node.value), self.text(node.target)
            return f"{words.format(given, target)}." if words else f"Updates {target}: {self.text(node)}."
        if isinstance(node, ast.Delete):
            return f"Deletes {listed([self.text(each) for each in node.targets])}."
        if isinstance(node, ast.Return):
            return f"Returns {self.text(node.value)}." if node.value else "Returns."
        if isinstance(node, ast.Raise):
            return f"Raises {self.text(node.exc)}." if node.exc else "Raises the error again."
        if isinstance(node, ast.Assert):
            return f"Fails unless {self.text(node.test)}."
        if isinstance(node, (ast.Break, ast.Continue)):
            return "Ends the loop." if isinstance(node, ast.Break) else "Goes on with the next turn of the loop."
        if isinstance(node, (ast.Pass, ast.Global, ast.Nonlocal)):
            return ""  # nothing that is worth telling
        return self.expression(node.value, last) if isinstance(node, ast.Expr) else f"Runs {self.text(node)}."

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
        sort = "asynchronous function" if isinstance(node, ast.AsyncFunctionDef) else "function"
        return f"Defines the {sort} {_signature(node)}{_said(node) or (':' if self._opens else '.')}"

    def kind(self, node: ast.ClassDef) -> str:
        bases = f", a kind of {listed([self.text(each) for each in node.bases])}" if node.bases else ""
        fields = [
            each.target.id
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        ]
        known = f" Its fields: {counted(map(code, fields))}." if fields else ""
        ends = _said(node) or (":" if self.methods(node) and not fields else ".")
        return f"Defines the class {code(node.name)}{bases}{ends}{known}"

    def methods(self, node: ast.ClassDef) -> list[ast.stmt]:
        """The methods of a class that is told of in full."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [each for each in node.body if isinstance(each, kinds)] if self._opens else []

    def assigned(self, targets: Sequence[ast.expr], value: ast.expr) -> str:
        target = listed([self.text(each) for each in targets])
        if isinstance(value, ast.Await):
            return f"Waits for {self.text(value.value)} and keeps the result in {target}."
        if isinstance(value, (ast.ListComp, ast.SetComp, ast.DictComp)) and len(value.generators) == 1:
            return f"Makes {target}: {self.comprehension(value)}."
        if (told := chain(value, self.text, self._modules, self._tables)) is not None:
            if told.in_place:
                return f"Changes {told.of} in place: {told}. {target} gets `None`."
            return f"Makes {target} from {told.of}: {told}."
        if isinstance(value, ast.Subscript) and is_condition(value.slice):
            return f"Makes {target} from {self.text(value.value)}: keeps where {self.text(value.slice)}."
        if isinstance(value, ast.Call):
            if (fitted := estimated(value, self.text, self._modules, target)) is not None:
                return fitted
            what, given = effect(value), self.given(value, 1)
            if given and what == "Reads a file" and tail(value.func) != "open":
                return f"Reads {given} into {target}."
            if given and what == "Fetches from the network":
                return f"Fetches {given} from the network into {target}."
        column = targets[0]
        if (
            isinstance(column, ast.Subscript) and isinstance(column.slice, ast.Constant)
            and isinstance(column.value, ast.Name) and column.value.id in self._tables
        ):  # fmt: skip
            return f"Sets {self.text(column.slice)} of {self.text(column.value)} to {self.text(value)}."
        return f"Sets {target} to {self.text(value)}."

    def comprehension(self, value: ast.ListComp | ast.SetComp | ast.DictComp) -> str:
        loop = value.generators[0]
        pair = isinstance(value, ast.DictComp)
        made = (
            f"{self.text(value.key)} → {self.text(value.value)}"
            if isinstance(value, ast.DictComp)
            else self.text(value.elt)
        )
        sort = "a dictionary of" if pair else "a list of" if isinstance(value, ast.ListComp) else "a set of"
        only = f" where {listed([self.text(each) for each in loop.ifs])}" if loop.ifs else ""
        return f"{sort} {made} for each {self.text(loop.target)} in {self.text(loop.iter)}{only}"

    def expression(self, value: ast.expr, last: bool) -> str:
        """The sentence for a value that is given to no name."""
        shown = last and not self._quiet
        if isinstance(value, ast.Constant):
            told = shown and value.value is not None and value.value is not ...
            return f"Shows {self.text(value)}." if told and not isinstance(value.value, str) else ""
        if isinstance(value, ast.Await):
            return f"Waits for {self.text(value.value)}."
        if isinstance(value, (ast.Yield, ast.YieldFrom)):
            every = "all of " if isinstance(value, ast.YieldFrom) else ""
            return f"Yields {every}{self.text(value.value) if value.value else '`None`'}."
        if not isinstance(value, ast.Call):
            return f"Shows {self.text(value)}." if shown else f"Evaluates {self.text(value)}."
        if tail(value.func) == "print":
            return f"Prints {self.given(value, 4)}." if value.args else "Prints an empty line."
        if (what := effect(value)) is not None:
            return f"{what}: {self.text(value)}."
        if (linked := chain(value, self.text, self._modules, self._tables)) is not None:
            if linked.in_place:
                return f"Changes {linked.of} in place: {linked}."
            return f"From {linked.of}: {linked}{', and shows the result' if shown else '; the result is kept nowhere'}."
        if (fitted := estimated(value, self.text, self._modules)) is not None:
            return fitted
        return f"Calls {self.text(value)}."

    def given(self, call: ast.Call, most: int) -> str:
        """The arguments of a call."""
        texts = [self.text(each, 60) for each in (*call.args, *call.keywords)]
        return counted(texts, most) if most > 1 else "".join(texts[:most])


def _otherwise(node: ast.For | ast.AsyncFor | ast.While) -> list[Block]:
    return [("When no `break` ended the loop:", node.orelse)] if node.orelse else []


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """A function's name and parameters, without annotations; defaults where they are short."""
    known = node.args
    plain = [*known.posonlyargs, *known.args]
    defaults: list[ast.expr | None] = [
        *[None] * (len(plain) - len(known.defaults)),
        *known.defaults,
        *known.kw_defaults,
    ]
    names = []
    for argument, default in zip([*plain, *known.kwonlyargs], defaults, strict=True):
        text = repr(default.value) if isinstance(default, ast.Constant) else "…"
        names.append(argument.arg if default is None else f"{argument.arg}={text if len(text) <= 20 else '…'}")
    names += [f"{star}{each.arg}" for star, each in (("*", known.vararg), ("**", known.kwarg)) if each]
    return code(f"{node.name}({', '.join(names)})")


def _said(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """`: ` and the first sentence of its documentation; empty where it has none."""
    said = first_sentence(ast.get_docstring(node) or "")
    return f": {said}" if said else ""


def _escaped(line: str) -> str:
    """The sentence for a line of IPython's: a magic, a shell command, a question."""
    if line.startswith("?") or line.endswith("?"):
        return f"Shows help on {code(line.strip('?'))}."
    target, command = "", line
    if not line.startswith(("!", "%")):
        target, _, command = (part.strip() for part in line.partition("="))
    if command.startswith("!"):
        kept = f" and keeps what it prints in {code(target)}" if target else ""
        return f"Runs {code(command.lstrip('!').strip())} in the system's shell{kept}."
    return (
        f"Keeps in {code(target)} what the magic {code(command)} gives."
        if target
        else f"Runs the magic {code(command)}."
    )


def _imported(node: ast.stmt) -> Iterator[str]:
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return
    module = "." * getattr(node, "level", 0) + (getattr(node, "module", "") or "")
    for alias in node.names:
        as_name = f" as {code(alias.asname)}" if alias.asname and alias.asname != alias.name else ""
        whole = alias.name if isinstance(node, ast.Import) else f"{module}.{alias.name}"
        yield f"everything in {code(module)}" if alias.name == "*" else f"{code(whole)}{as_name}"
