"""TypeError about calls: what is called, how, and with which arguments."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.context import FixRequest
from ai_notebook_ls.core.dataflow import definer
from ai_notebook_ls.providers.builtin.site import Site
from ai_notebook_ls.providers.builtin.spelling import close
from ai_notebook_ls.providers.builtin.tables import KEYWORDS, KEYWORDS_RENAMED

CONTAINERS = r"list|tuple|dict|str|DataFrame|Series|numpy\.ndarray|_LocIndexer|_iLocIndexer|ndarray"


def called_container(request: FixRequest) -> Iterator[Candidate]:
    """`xs(0)`, `df("a")`, `df.loc(0)`: items are taken with square brackets."""
    if not re.search(rf"'(?:\w+\.)*({CONTAINERS})' object is not callable", request.failure.evalue):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if hasattr(builtins, name) or not node.args or node.keywords:
            continue
        inner = ", ".join(site.text(each) for each in node.args)
        source = site.splice([(node, f"{site.text(node.func)}[{inner}]")])
        yield from site.candidate("calls", "Take items with square brackets", source, "likely")
        return
    for node in site.nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
            source = site.splice([(node, site.text(node.func))])
            yield from site.candidate("calls", f"Read `.{node.func.attr}` without calling it", source, "likely")
            return


def called_value(request: FixRequest) -> Iterator[Candidate]:
    """`df.shape()`: a value, not a method."""
    if not re.search(
        r"'(?:\w+\.)*(tuple|int|float|Index|RangeIndex|Series|property|ndarray|str)' object is not callable",
        request.failure.evalue,
    ):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
            source = site.splice([(node, site.text(node.func))])
            yield from site.candidate("calls", f"Read `.{node.func.attr}` without calling it", source, "likely")
            return


def uncalled(request: FixRequest) -> Iterator[Candidate]:
    """`f[0]`, `df.head[5]`, `for k in d.items`: a function or method that was not called."""
    message = request.failure.evalue
    found = re.search(
        r"'(?:\w+\.)*(?:builtin_function_or_method|method|function|type|method_descriptor)'"
        r" object is not (subscriptable|iterable)"
        r"|object of type '(?:method|builtin_function_or_method|function)' has no (len)"
        r"|unsupported operand type\(s\) for .*'(?:builtin_function_or_method|method|function)'"
        r"|argument of type '(?:method|builtin_function_or_method)' is not",
        message,
    )
    if not found:
        return
    site = Site.innermost(request)
    if found[1] == "subscriptable":
        for node in site.nodes(ast.Subscript):
            inner = site.text(node.slice)
            source = site.splice([(node, f"{site.text(node.value)}({inner})")])
            yield from site.candidate("calls", f"Call `{site.text(node.value)}` with round brackets", source, "likely")
            return
    called = {id(node.func) for node in site.everywhere(ast.Call)}
    for method in site.nodes(ast.Attribute):
        kind = site.type_of(method)
        if id(method) not in called and ("method" in kind or not kind):
            source = site.splice([(method, f"{site.text(method)}()")])
            yield from site.candidate("calls", f"Call `{site.text(method)}`", source, "likely")
            return


def shadowed_builtin(request: FixRequest) -> Iterator[Candidate]:
    """`list = [1, 2]` hides the builtin for all cells below: the variable gets another name, everywhere."""
    found = re.search(r"'(?:\w+\.)*(\w+)' object is not callable", request.failure.evalue)
    if not found:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if not hasattr(builtins, name) or name not in site.known_names:
            continue
        start = definer(request.notebook, request.cell.id, name) or request.cell
        first = request.notebook.index(start.id)
        edits = []
        for cell in request.notebook.cells[first:]:
            here = Site(request, cell, None)
            called = {id(each.func) for each in here.everywhere(ast.Call)}
            values = [each for each in here.everywhere(ast.Name) if each.id == name and id(each) not in called]
            if cell.kind == "code" and values:
                edits.append(CellEdit(cell.id, here.splice((each, f"{name}_") for each in values)))
        if edits:
            title = f"Rename the variable `{name}` to `{name}_`: it hides Python's own `{name}`"
            yield Candidate(title, "builtin:calls", "likely", tuple(edits))
            return


def wrong_keyword(request: FixRequest) -> Iterator[Candidate]:
    """`unexpected keyword argument`: misspelt, or renamed by the library."""
    found = re.search(
        r"(?:(\w+)(?:\.\w+)*\(\) )?got an unexpected keyword argument '(\w+)'(?:.*Did you mean '(\w+)')?",
        request.failure.evalue,
    )
    found = found or re.search(
        r"()(?:\w+\.set\(\) got an unexpected keyword argument|(?:has|got) no property|unknown property|no such property)"
        r" '?(\w+)'?()",
        request.failure.evalue,
    )
    found = found or re.search(
        r"()'(\w+)' is an invalid keyword argument for (?:this function|\w+\(\))()", request.failure.evalue
    )
    found = found or re.search(
        r"()(?:AttributeError: )?\w+\.set\(\) got an unexpected keyword argument '(\w+)'()", request.failure.evalue
    )
    if not found:
        return
    old = found[2]
    for site in reversed(list(Site.all(request))):
        keywords = [each for call in site.nodes(ast.Call) for each in call.keywords if each.arg == old]
        if not keywords:
            continue
        known = _parameters(request, site, keywords[0])
        if found[3]:
            options = [(found[3], "likely")]
        elif known:
            options = [(new, confidence) for new, confidence in close(old, known)]
        else:
            options = [(new, confidence) for new, confidence in close(old, sorted(KEYWORDS))]
            options = ([(KEYWORDS_RENAMED[old], "likely")] if old in KEYWORDS_RENAMED else []) + options
        for new, confidence in options:
            spans = [(site.span(each)[0], site.span(each)[0] + len(old)) for each in keywords[:1]]
            source = site.splice((span, new) for span in spans)
            yield from site.candidate(
                "calls",
                f"Rename the argument `{old}` to `{new}`",
                source,
                "guess" if confidence == "guess" else "likely",
            )
        return


def _parameters(request: FixRequest, site: Site, keyword: ast.keyword) -> list[str]:
    """The parameters of a function or class that the notebook itself defines."""
    call = next(each for each in site.everywhere(ast.Call) if keyword in each.keywords)
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    for cell in request.notebook.code:
        here = Site(request, cell, None)
        for node in here.everywhere(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
            if node.name == name:
                functions = [node] if not isinstance(node, ast.ClassDef) else [
                    each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"
                ]  # fmt: skip
                return [each.arg for f in functions for each in ast.walk(f.args) if isinstance(each, ast.arg)]
    return []


def fill_method(request: FixRequest) -> Iterator[Candidate]:
    """`fillna(method="ffill")` is `ffill()`: pandas 3 removed the argument (pandas 2.1 release notes)."""
    if "unexpected keyword argument 'method'" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "fillna":
            method = next((each.value for each in node.keywords if each.arg == "method"), None)
            new = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}.get(
                getattr(method, "value", "")
            )
            if new:
                rest = ", ".join(
                    site.text(each) for each in (*node.args, *node.keywords) if getattr(each, "arg", None) != "method"
                )
                source = site.splice([(node, f"{site.text(node.func.value)}.{new}({rest})")])
                yield from site.candidate(
                    "removed-api", f"Use `.{new}()`: pandas has removed `method=`", source, "certain"
                )
                return


def missing_self(request: FixRequest) -> Iterator[Candidate]:
    """A method without `self`, or a class that was not called before its method (Python tutorial, 9.3)."""
    message = request.failure.evalue
    taken = re.search(r"(?:(\w+)\.)?(\w+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given", message)
    if taken and int(taken[4]) == int(taken[3]) + 1:
        for cell in request.notebook.code:
            site = Site(request, cell, None)
            for outer in site.everywhere(ast.ClassDef):
                for node in outer.body:
                    plain = isinstance(node, ast.FunctionDef) and node.name == taken[2] and not node.decorator_list
                    if plain and taken[1] in (None, outer.name) and isinstance(node, ast.FunctionDef):
                        first = node.args.args[0].arg if node.args.args else ""
                        if first not in ("self", "cls"):
                            at = site.span(node)[0] + re.search(r"def\s+\w+\s*\(", site.text(node)).end()  # type: ignore[union-attr]
                            source = site.splice([((at, at), "self, " if first else "self")])
                            yield from site.candidate(
                                "calls", f"Give `{outer.name}.{node.name}` its `self`", source, "likely"
                            )
                            return
    if re.search(r"missing 1 required positional argument: 'self'", message):
        site = Site.innermost(request)
        for call in site.nodes(ast.Call):
            if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
                source = site.splice([(call.func.value, f"{call.func.value.id}()")])
                yield from site.candidate("calls", f"Make a `{call.func.value.id}()` first", source, "likely")
                return
            if isinstance(call.func, ast.Attribute):
                return


def numeric_only(request: FixRequest) -> Iterator[Candidate]:
    """`df.mean()` over text columns: since pandas 2.0 `numeric_only=True` has to be said (pandas 2.0 release notes)."""
    message = request.failure.evalue
    said = (
        "could not convert string to float|Could not convert .* to numeric|agg function failed|does not support|"
        "can only concatenate|unsupported operand|Cannot perform|dtype 'str'|not supported for"
    )
    if not re.search(said, message):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Call):
        reductions = (
            "mean",
            "median",
            "std",
            "var",
            "corr",
            "cov",
            "sem",
            "skew",
            "kurt",
            "quantile",
            "prod",
            "corrwith",
        )
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in reductions
            and not any(each.arg == "numeric_only" for each in node.keywords)
        ):
            kind = site.type_of(node.func.value)
            if kind and "DataFrame" not in kind:
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy", "statistics"):
                continue
            end = site.span(node)[1] - 1
            comma = ", " if node.args or node.keywords else ""
            source = site.splice([((end, end), f"{comma}numeric_only=True")])
            yield from site.candidate(
                "removed-api", f"Take `.{node.func.attr}()` of the numeric columns only", source, "likely"
            )
            return
