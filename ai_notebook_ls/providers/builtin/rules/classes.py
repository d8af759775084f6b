"""Classes: `self` left out, `__init__` misspelt, a class taken for its instance (Python tutorial, 9)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.rules.names import missing_name
from ai_notebook_ls.providers.builtin.site import Site
from ai_notebook_ls.providers.builtin.spelling import close

SPECIAL = (
    "__init__",
    "__call__",
    "__len__",
    "__str__",
    "__repr__",
    "__getitem__",
    "__iter__",
    "__next__",
    "__enter__",
    "__exit__",
)


def classes(request: FixRequest, name: str | None = None) -> Iterator[tuple[Site, ast.ClassDef]]:
    """Yield the notebook's classes, those that the failing cell sees last first."""
    for cell in (request.cell, *reversed(request.notebook.above(request.cell.id))):
        site = Site(request, cell, None)
        for node in site.everywhere(ast.ClassDef):
            if name is None or node.name == name:
                yield site, node


def members(node: ast.ClassDef) -> set[str]:
    """Return what a class's instances have, as far as its text tells."""
    found = {each.name for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))}
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) and isinstance(each.value, ast.Name):
            found |= {each.attr} if each.value.id == "self" else set()
    for each in node.body:
        if isinstance(each, (ast.Assign, ast.AnnAssign)):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def self_forgotten(request: FixRequest) -> Iterator[Candidate]:
    """In a method, `balance` for `self.balance`: an instance's members are reached through `self` only."""
    name, site = missing_name(request), Site.innermost(request)
    if name is None or site.line is None:
        return
    for outer in site.everywhere(ast.ClassDef):
        for method in outer.body:
            inside = method.lineno - 1 <= site.line < (method.end_lineno or 0)
            if not inside or not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) or not method.args.args:
                continue
            own = method.args.args[0].arg
            if name in members(outer) and own in ("self", "cls"):
                bodies = [each for each in outer.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
                uses = [
                    node
                    for body in bodies
                    if body.args.args and body.args.args[0].arg == own
                    for node in ast.walk(body)
                    if isinstance(node, ast.Name) and node.id == name and not _is_local(body, name)
                ]
                source = site.splice((node, f"{own}.{name}") for node in uses)
                yield from site.candidate("classes", f"Write `{own}.{name}`", source)
                return


def _is_local(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    names = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
    return name in names or any(
        isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Store)
        for each in ast.walk(function)
    )


def missing_self(request: FixRequest) -> Iterator[Candidate]:
    """A method without `self`: the instance is passed as its first argument."""
    said = re.search(
        r"(?:(\w+)\.)?(\w+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given", request.failure.evalue
    )
    said = said or re.search(r"(?:(\w+)\.)?(\w+)\(\) got multiple values for argument()()", request.failure.evalue)
    if not said or (said[3] and int(said[4]) != int(said[3]) + 1):
        return
    for site, outer in classes(request, said[1]):
        for node in outer.body:
            if not isinstance(node, ast.FunctionDef) or node.name != said[2] or node.decorator_list:
                continue
            first = node.args.args[0].arg if node.args.args else ""
            if first not in ("self", "cls"):
                head = re.search(r"def\s+\w+\s*\(", site.text(node))
                at = site.span(node)[0] + (head.end() if head else 0)
                source = site.splice([((at, at), "self, " if first else "self")])
                yield from site.candidate("classes", f"Give `{outer.name}.{node.name}` its `self`", source)
                return


def class_for_instance(request: FixRequest) -> Iterator[Candidate]:
    """`Dog.bark()`, or `dog = Dog` above: the class has to be called to make an instance."""
    message = request.failure.evalue
    if not re.search(
        r"missing \d required positional arguments?: 'self'|type object '\w+' has no attribute|'type' object", message
    ):
        return
    site = Site.innermost(request)
    names = {outer.name: outer for _, outer in classes(request)}
    for node in site.nodes(ast.Name):
        if (
            node.id in names
            and not _needs_arguments(names[node.id])
            and isinstance(site.parents.get(node), ast.Attribute)
        ):
            yield from site.candidate("classes", f"Make a `{node.id}()` first", site.splice([(node, f"{node.id}()")]))
            return
        for there, statement in site.made(node.id):
            value = getattr(statement, "value", None)
            library = site.type_of(node) == "type" and isinstance(value, (ast.Name, ast.Attribute))
            if value is not None and (library or (isinstance(value, ast.Name) and value.id in names)):
                source = there.splice([(value, f"{there.text(value)}()")])
                yield from there.candidate("classes", f"Call `{there.text(value)}()` to make `{node.id}`", source)
                return
            break
    for call in site.nodes(ast.Call):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        known = "self" in message and isinstance(owner, ast.Name) and owner.id not in names
        if known and owner is not None and not any(True for _ in site.made(site.text(owner))):
            yield from site.candidate(
                "classes", f"Make a `{site.text(owner)}()` first", site.splice([(owner, f"{site.text(owner)}()")])
            )
            return


def _needs_arguments(node: ast.ClassDef) -> bool:
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            return len(each.args.args) - len(each.args.defaults) > 1
    return False


def special_misspelt(request: FixRequest) -> Iterator[Candidate]:
    """`_init_`, `__int__`: a special method that Python does not find under this name (Python reference, 3.3)."""
    said = re.search(
        r"(\w+)\(\) takes no arguments|object of type '(\w+)' has no len|'(\w+)' object (?:is not|does not support|has no)",
        request.failure.evalue,
    )
    if not said:
        return
    name = next(each for each in said.groups() if each)
    for site, outer in classes(request, name):
        known = {each.name for each in outer.body if isinstance(each, ast.FunctionDef)}
        for node in outer.body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("_") or node.name in SPECIAL:
                continue
            core = node.name.strip("_")
            meant = [each for each in SPECIAL if each not in known and each.strip("_") == core]
            meant += (
                []
                if meant or not node.name.startswith("__")
                else [new for new, _ in close(core, [e.strip("_") for e in SPECIAL])][:1]
            )
            for new in meant:
                special = new if new.startswith("__") else f"__{new}__"
                at = site.span(node)[0] + site.text(node).index(node.name)
                source = site.splice([((at, at + len(node.name)), special)])
                yield from site.candidate("classes", f"Rename `{node.name}` to `{special}`", source)
                return


def super_uncalled(request: FixRequest) -> Iterator[Candidate]:
    """`super.__init__()`: `super` has to be called (docs.python.org, super)."""
    if not re.search(r"'super' object|type object 'super'", request.failure.evalue):
        return
    for site in Site.all(request):
        uses = [node for node in site.everywhere(ast.Name) if node.id == "super" and site.call_of(node) is None]
        if uses:
            yield from site.candidate(
                "classes", "Call `super()`", site.splice((node, "super()") for node in uses), "certain"
            )
            return


def parent_not_made(request: FixRequest) -> Iterator[Candidate]:
    """An attribute that the parent's `__init__` makes: a class's own `__init__` has to call it (docs.python.org, super)."""
    said = re.search(r"'(\w+)' object has no attribute '(\w+)'", request.failure.evalue)
    if not said:
        return
    for site, outer in classes(request, said[1]):
        parents = {base.id for base in outer.bases if isinstance(base, ast.Name)}
        init = next(
            (each for each in outer.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None
        )
        made = any(said[2] in members(parent) for _, parent in classes(request) if parent.name in parents)
        if init is None or not made or "super" in site.text(init):
            return
        parent = next(parent for _, parent in classes(request) if parent.name in parents)
        theirs = next(
            (each for each in parent.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None
        )
        wanted = [each.arg for each in theirs.args.args[1:]] if theirs else []
        own = [each.arg for each in init.args.args]
        if set(wanted) <= set(own):
            first = init.body[0]
            at = site.span(first)[0]
            line = f"super().__init__({', '.join(wanted)})\n{' ' * first.col_offset}"
            yield from site.candidate(
                "classes", f"Call the `__init__` of `{parent.name}`", site.splice([((at, at), line)])
            )
        return
