"""What a cell does, statement by statement: short sentences that say no more than its text does."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.calls import tail
from ai_notebook_ls.core.dataflow import IN_PLACE
from ai_notebook_ls.providers.builtin.calls import effect, first_sentence
from ai_notebook_ls.providers.builtin.plain_words import code, listed

MOST = 12
"""Steps told; the rest is counted."""
INSIDE = 4
"""Steps told of one block."""
DEEPEST = 3
"""Blocks within blocks that are told."""
SHOWN = 90
"""Characters of one piece of code in a sentence."""
LINKS = 12
"""Calls in one chain that are told."""

DOES_NOT_SHOW = IN_PLACE | {"print", "display", "show", "exec"}

# What a method of a table, array, text or list says it does, by its name; {} is what it is given.
VERBS = {
    "groupby": "groups by {}", "agg": "aggregates by {}", "aggregate": "aggregates by {}", "sum": "sums",
    "mean": "averages", "median": "takes the median", "max": "takes the maximum", "min": "takes the minimum",
    "count": "counts", "size": "counts", "nunique": "counts distinct values", "unique": "keeps distinct values",
    "value_counts": "counts each value", "describe": "summarises", "sort_values": "sorts by {}",
    "sort_index": "sorts by index",
    "dropna": "drops missing values", "fillna": "fills missing values with {}", "drop": "drops {}",
    "drop_duplicates": "drops duplicates", "rename": "renames {}", "reset_index": "turns the index into columns",
    "set_index": "makes {} the index", "merge": "merges with {}", "join": "joins {}", "query": "keeps rows where {}",
    "assign": "sets {}", "apply": "applies {}", "map": "maps by {}", "astype": "converts to {}",
    "pivot_table": "pivots by {}", "pivot": "pivots by {}", "melt": "melts {}", "resample": "resamples by {}",
    "rolling": "takes a rolling window of {}", "head": "takes the first {}", "tail": "takes the last {}",
    "sample": "takes a sample of {}", "nlargest": "takes the largest {}", "nsmallest": "takes the smallest {}",
    "copy": "copies it", "reshape": "reshapes to {}", "split": "splits at {}", "strip": "strips {}", "lower": "makes it lower case",
    "upper": "makes it upper case", "replace": "replaces {}", "round": "rounds to {}", "transpose": "transposes",
    "to_csv": "writes {}", "to_excel": "writes {}", "to_parquet": "writes {}", "to_json": "writes JSON to {}",
    "plot": "plots {}", "cumsum": "sums cumulatively", "diff": "takes differences", "shift": "shifts by {}",
    "isna": "marks missing values", "isnull": "marks missing values", "notna": "marks values that are not missing",
    "fit": "fits on {}", "predict": "predicts for {}", "transform": "transforms {}", "fit_transform": "fits on {} and transforms it",
    "score": "scores on {}", "execute": "executes {}", "fetchall": "fetches all rows", "json": "reads the JSON",
}  # fmt: skip
WITHOUT = {
    "head": "takes the first rows", "tail": "takes the last rows", "strip": "strips blanks at both ends", "split": "splits at blanks",
    "round": "rounds", "sample": "takes a sample", "plot": "plots", "shift": "shifts by one", "agg": "aggregates",
}  # fmt: skip
"""The same for those that need nothing."""

OPERATIONS: dict[type[ast.operator], str] = {
    ast.Add: "Adds {} to {}",
    ast.Sub: "Subtracts {} from {}",
    ast.Mult: "Multiplies {1} by {0}",
    ast.Div: "Divides {1} by {0}",
}


def steps(source: str, tree: ast.Module) -> list[str]:
    """Return the lines of a markdown list."""
    return [f"{'  ' * depth}- {text}" for depth, text in _Teller(source).block(tree.body, 0, outermost=True)]


class _Teller:
    """The words for the statements of one cell."""

    def __init__(self, source: str) -> None:
        self._lines = [line.encode("utf-8", "replace") for line in magics.mask(source).split("\n")]
        self._quiet = source.lstrip().startswith("%%") or source.rstrip().endswith(";")

    def text(self, node: ast.AST, most: int = SHOWN) -> str:
        """The code of a node, as a span; not `ast.get_source_segment`, which splits the whole cell each time."""
        first, last = getattr(node, "lineno", 1) - 1, (getattr(node, "end_lineno", 1) or 1) - 1
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
        lines = self._lines[first : min(last + 1, first + 20)]
        if first == last:
            lines = [line[start:end] for line in lines]
        elif lines:
            lines[0] = lines[0][start:]
            if len(lines) == last - first + 1:
                lines[-1] = lines[-1][:end]
        plain = " ".join(b" ".join(lines).decode("utf-8", "replace").split())
        return code(plain if len(plain) <= most else plain[: most - 1] + "…")

    def block(self, body: Sequence[ast.stmt], depth: int, outermost: bool = False) -> Iterator[tuple[int, str]]:
        """Yield (depth, sentence) for some statements."""
        most, told = (MOST if outermost else INSIDE), 0
        groups = list(_grouped(body))
        for place, group in enumerate(groups):
            last = outermost and place == len(groups) - 1
            if told == most and len(groups) - place > 1:
                yield depth, f"… and {sum(map(len, groups[place:]))} more statements."
                return
            sentences = list(self.statements(group, depth, last))
            told += bool(sentences)
            yield from sentences

    def statements(self, group: list[ast.stmt], depth: int, last: bool) -> Iterator[tuple[int, str]]:
        """Yield the sentences for equal statements side by side, or for one and what is inside it."""
        node = group[0]
        if len(group) > 1:
            yield depth, self.many(group)
            return
        head, bodies = self.compound(node)
        if head is None:
            if text := self.one(node, last):
                yield depth, text
            return
        yield depth, head
        for label, body in bodies:
            deeper = depth + 1
            if label:
                yield depth, label
            if deeper >= DEEPEST:
                yield deeper, f"Runs {len(body)} statement{'s' if len(body) > 1 else ''}."
            else:
                yield from self.block(body, deeper)

    def many(self, group: list[ast.stmt]) -> str:
        """One sentence for imports, or for plain values given to several names."""
        if isinstance(group[0], (ast.Import, ast.ImportFrom)):
            return _imports(group)
        pairs = [
            f"{self.text(each.targets[0])} to {self.text(each.value, 40)}"
            for each in group
            if isinstance(each, ast.Assign)
        ]
        more = f" and {len(pairs) - 6} more names" if len(pairs) > 6 else ""
        return f"Sets {', '.join(pairs[:6]) + more if more else listed(pairs)}."

    def compound(self, node: ast.stmt) -> tuple[str | None, list[tuple[str, list[ast.stmt]]]]:
        """The sentence that opens a block, and its parts: (label, body)."""
        if isinstance(node, (ast.For, ast.AsyncFor)):
            over = f"For each {self.text(node.target)} in {self.text(node.iter)}:"
            return over, [("", node.body), *([("When no `break` ended the loop:", node.orelse)] if node.orelse else [])]
        if isinstance(node, ast.While):
            return f"As long as {self.text(node.test)}:", [("", node.body)]
        if isinstance(node, ast.If):
            parts, rest = [("", node.body)], node.orelse
            while len(rest) == 1 and isinstance(rest[0], ast.If) and len(parts) < INSIDE:
                parts.append((f"Else, if {self.text(rest[0].test)}:", rest[0].body))
                rest = rest[0].orelse
            return f"If {self.text(node.test)}:", [*parts, *([("Otherwise:", rest)] if rest else [])]
        if isinstance(node, (ast.With, ast.AsyncWith)):
            return f"Within {listed([self.text(each.context_expr) for each in node.items])}:", [("", node.body)]
        if isinstance(node, ast.Try):
            parts = [("", node.body)]
            for each in node.handlers:
                parts.append((f"If that fails{f' with {self.text(each.type)}' if each.type else ''}:", each.body))
            parts += [("If nothing failed:", node.orelse)] if node.orelse else []
            return "Tries:", [*parts, *([("In any case, at the end:", node.finalbody)] if node.finalbody else [])]
        return None, []

    def one(self, node: ast.stmt, last: bool) -> str:
        """The sentence for a statement that holds no block, or for a definition."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            return _imports([node])
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return self.function(node)
        if isinstance(node, ast.ClassDef):
            return self.kind(node)
        if isinstance(node, ast.Assign):
            return self.assigned(listed([self.text(each) for each in node.targets]), node.value)
        if isinstance(node, ast.AnnAssign):
            target = self.text(node.target)
            return (
                self.assigned(target, node.value)
                if node.value
                else f"Says that {target} is {self.text(node.annotation)}."
            )
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
        return self.expression(node.value, last) if isinstance(node, ast.Expr) else self.other(node)

    def other(self, node: ast.stmt) -> str:
        """`pass` and `global` do nothing that is worth telling; what else there may be is quoted."""
        return "" if isinstance(node, (ast.Pass, ast.Global, ast.Nonlocal)) else f"Runs {self.text(node)}."

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
        names = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        names += [f"{star}{each.arg}" for star, each in (("*", node.args.vararg), ("**", node.args.kwarg)) if each]
        sort = "asynchronous function" if isinstance(node, ast.AsyncFunctionDef) else "function"
        said = first_sentence(ast.get_docstring(node) or "")
        gives = "" if said else self.returned(node)
        head = code(f"{node.name}({', '.join(names)})")
        return f"Defines the {sort} {head}{f': {said}' if said else '.'}{gives}"

    def returned(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
        """What a function without documentation returns, where that is one expression."""
        found: list[ast.AST] = []
        work: list[ast.AST] = list(node.body)
        while work:
            each = work.pop()
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
                continue
            if isinstance(each, (ast.Yield, ast.YieldFrom)):
                return " It yields values one by one."
            found += [each.value] if isinstance(each, ast.Return) and each.value is not None else []
            work += ast.iter_child_nodes(each)
        return f" It returns {self.text(found[0])}." if len(found) == 1 else ""

    def kind(self, node: ast.ClassDef) -> str:
        bases = f", a kind of {listed([self.text(each) for each in node.bases])}" if node.bases else ""
        said = first_sentence(ast.get_docstring(node) or "")
        methods = [each.name for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
        named = [code(name) for name in methods if name == "__init__" or not name.startswith("__")]
        more = [f"{len(named) - 8} more"] if len(named) > 8 else []
        has = f" Methods: {listed([*named[:8], *more])}." if named else ""
        return f"Defines the class {code(node.name)}{bases}{f': {said}' if said else '.'}{has}"

    def assigned(self, target: str, value: ast.expr) -> str:
        if isinstance(value, ast.Await):
            return f"Waits for {self.text(value.value)} and keeps the result in {target}."
        if isinstance(value, (ast.ListComp, ast.SetComp, ast.DictComp)) and len(value.generators) == 1:
            loop = value.generators[0]
            made = (
                self.text(value.elt)
                if not isinstance(value, ast.DictComp)
                else (f"{self.text(value.key)} → {self.text(value.value)}")
            )
            sort = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dictionary"}[type(value)]
            only = f", where {listed([self.text(each) for each in loop.ifs])}" if loop.ifs else ""
            return (
                f"Makes the {sort} {target}: {made} for each {self.text(loop.target)} in {self.text(loop.iter)}{only}."
            )
        if (told := self.chain(value)) is not None:
            return f"Makes {target} from {told}."
        if isinstance(value, ast.Call) and (what := effect(value)) in ("Reads a file", "Fetches from the network"):
            return f"{what.removesuffix(' a file')} {self.given(value, 1)} into {target}."
        return f"Sets {target} to {self.text(value)}."

    def expression(self, value: ast.expr, last: bool) -> str:
        """The sentence for a value that is given to no name."""
        if isinstance(value, ast.Constant):
            return (
                f"Shows {self.text(value)}."
                if last and not self._quiet and value.value is not None and not isinstance(value.value, str)
                else ""
            )
        if isinstance(value, ast.Await):
            return f"Waits for {self.text(value.value)}."
        shown = last and not self._quiet
        if not isinstance(value, ast.Call):
            return f"Shows {self.text(value)}." if shown else f"Evaluates {self.text(value)}."
        name = tail(value.func)
        if name == "print":
            return f"Prints {self.given(value, 4)}." if value.args else "Prints an empty line."
        if (told := self.chain(value)) is not None:
            hides = name.rpartition(".")[2] in DOES_NOT_SHOW or effect(value) is not None or not shown
            return f"From {told}{'' if hides else '; shows the result'}."
        what = effect(value)
        return f"{what}: {self.text(value)}." if what else f"Calls {self.text(value)}."

    def given(self, call: ast.Call, most: int) -> str:
        """The arguments of a call."""
        texts = [self.text(each, 60) for each in call.args]
        texts += [self.text(each, 60) for each in call.keywords]
        more = [f"{len(texts) - most} more"] if len(texts) > most > 1 else []
        return listed([*texts[:most], *more]) if texts else ""

    def chain(self, value: ast.expr) -> str | None:
        """`df.groupby("a")["b"].sum()` in words; None where one of its calls says nothing to us."""
        links: list[str] = []
        node: ast.expr = value
        while len(links) <= LINKS:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = node.func.attr
                if name not in VERBS or effect(node) == "Reads a file":
                    break
                given = self.given(node, 3)
                words = VERBS[name]
                bare = WITHOUT.get(name) or words.partition(" {}")[0].removesuffix(" by").removesuffix(" to")
                links.append(words.format(given) if given and "{}" in words else bare)
                node = node.func.value
            elif isinstance(node, ast.Subscript) and links:
                links.append(f"takes {self.text(node.slice)}")
                node = node.value
            elif isinstance(node, ast.Attribute) and links and node.attr in ("str", "dt", "T", "loc", "iloc"):
                node = node.value
            else:
                break
        if not links or not isinstance(node, (ast.Name, ast.Call, ast.Attribute)) or len(links) > LINKS:
            return None
        return f"{self.text(node)}: {', '.join(reversed(links))}"


def _grouped(body: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Yield statements; imports side by side are one group, and so are plain values given to names."""
    for sort, nodes in itertools.groupby(body, _sort):
        together = list(nodes)
        yield from [together] if sort else [[node] for node in together]


def _sort(node: ast.stmt) -> str:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "import"
    plain = isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    return "value" if plain and isinstance(node.value, (ast.Constant, ast.UnaryOp)) else ""  # type: ignore[attr-defined]


def _imports(nodes: Sequence[ast.stmt]) -> str:
    texts = [text for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)) for text in _imported(node)]
    more = [f"{len(texts) - MOST} more"] if len(texts) > MOST else []
    return f"Imports {listed([*texts[:MOST], *more])}."


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    module = "." * getattr(node, "level", 0) + (getattr(node, "module", "") or "")
    for alias in node.names:
        as_name = f" as {code(alias.asname)}" if alias.asname and alias.asname != alias.name else ""
        whole = alias.name if isinstance(node, ast.Import) else f"{module}.{alias.name}"
        yield f"everything in {code(module)}" if alias.name == "*" else f"{code(whole)}{as_name}"
