"""`async` and `await`: forgotten, too many, or beside the loop that every notebook runs already.

Sources: docs.python.org, "Coroutines and Tasks"; IPython documentation, "Autoawait".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Site

AWAITABLE = frozenset({"gather", "sleep", "wait_for", "wait", "create_task", "ensure_future", "to_thread", "shield"})
"""Functions of asyncio whose result is awaited."""
TAKERS = (*AWAITABLE, "run", "run_until_complete", "run_coroutine_threadsafe", "append", "add", "as_completed")
"""What a coroutine may be given to without being awaited first."""


def missing_await(request: FixRequest) -> Iterator[Candidate]:
    """The call of an `async def` gives a coroutine, of `gather` a future; `await` gives the result, where it is made."""
    if not re.search(r"coroutine|_GatheringFuture|Task'|Future'|await wasn't used", request.failure.evalue):
        return
    if "can't be used in 'await'" in request.failure.evalue:
        return
    names = _asynchronous(request)
    for site in Site.all(request):
        own = {node.id for node in site.nodes(ast.Name)}
        places = [site.statement] if site.statement is not None else []
        makers = [(there, made) for name in own for there, made in site.made(name)]
        for there, statement in [*((site, each) for each in places), *makers]:
            changes = []
            for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
                awaited = isinstance(there.parents.get(call), ast.Await)
                if not awaited and _gives_awaitable(there, call, names) and not _is_scheduled(there, call):
                    changes.append((call, _awaited(there, call)))
            if changes:
                shown = there.text(changes[0][0])
                yield from _in_async(there, changes, f"Await `{shown}`")
                return


def _asynchronous(request: FixRequest) -> set[str]:
    return {
        node.name
        for cell in request.notebook.code
        for node in Site(request, cell, None).everywhere(ast.AsyncFunctionDef)
        if not any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node))
    }


def _gives_awaitable(site: Site, call: ast.Call, names: set[str]) -> bool:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    return name in names or (name in AWAITABLE and site.text(call.func).startswith("asyncio."))


def _is_scheduled(site: Site, call: ast.Call) -> bool:
    """Whether a coroutine is an argument of `gather`, `create_task` or `run`, or in a list of them."""
    node: ast.AST | None = call
    while (node := site.parents.get(node)) is not None and not isinstance(node, ast.stmt):  # type: ignore[arg-type]
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in TAKERS:
            return not any(call is each for each in ast.walk(node.func))
    return False


def _awaited(site: Site, call: ast.Call) -> str:
    parent = site.parents.get(call)
    tight = isinstance(parent, (ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp, ast.Compare))
    return f"(await {site.text(call)})" if tight else f"await {site.text(call)}"


def _in_async(site: Site, changes: list[tuple[ast.Call, str]], title: str) -> Iterator[Candidate]:
    """Await; in a plain function this makes the function `async`, and its calls awaited, too."""
    around = _function(site, changes[0][0])
    if not isinstance(around, ast.FunctionDef):
        yield from site.candidate("async", title, site.splice(changes))
        return
    start = site.span(around)[0]
    source = site.splice([*changes, ((start, start), "async ")])
    edits = {site.cell.id: source}
    for cell in site.request.notebook.code:
        here = Site(site.request, cell, None)
        calls = [
            (call, _awaited(here, call))
            for call in here.everywhere(ast.Call)
            if getattr(call.func, "id", "") == around.name and not isinstance(here.parents.get(call), ast.Await)
        ]
        if calls and cell.id != site.cell.id:
            edits[cell.id] = here.splice(calls)
        elif calls:
            edits[cell.id] = here.splice([*changes, ((start, start), "async "), *calls])
    title = f"{title}, and make `{around.name}` async"
    yield Candidate(title, "builtin:async", "likely", tuple(CellEdit(*each) for each in edits.items()))


def _function(site: Site, node: ast.AST) -> ast.AST | None:
    current: ast.AST | None = node
    while current is not None and not isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        current = site.parents.get(current)
    return current


def loop_runs_already(request: FixRequest) -> Iterator[Candidate]:
    """`asyncio.run(f())` in a notebook, whose loop is running: `await f()` is enough (IPython, Autoawait)."""
    if not re.search(r"running event loop|loop is already running", request.failure.evalue):
        return
    for site in Site.all(request):
        for call in site.nodes(ast.Call):
            name = getattr(call.func, "attr", "")
            if name in ("run", "run_until_complete") and call.args:
                source_of = site.text(call.args[0])
                if _function(site, call) is None:
                    yield from site.candidate(
                        "async",
                        f"Await `{source_of}`: a notebook runs a loop already",
                        site.splice([(call, f"await {source_of}")]),
                    )
                else:
                    yield from _in_async_run(site, call, source_of)
                return


def _in_async_run(site: Site, call: ast.Call, text: str) -> Iterator[Candidate]:
    yield from _in_async(site, [(call, f"await {text}")], f"Await `{text}`: a notebook runs a loop already")


def awaited_value(request: FixRequest) -> Iterator[Candidate]:
    """`await` of what is a plain value already."""
    if "can't be used in 'await' expression" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Await):
        if "async_generator" in request.failure.evalue:
            text = f"[each async for each in {site.text(node.value)}]"
            yield from site.candidate("async", "Collect what it yields", site.splice([(node, text)]))
        else:
            text = site.text(node.value)
            yield from site.candidate("async", f"Take `{text}` without `await`", site.splice([(node, text)]))
        return


def loops_and_contexts(request: FixRequest) -> Iterator[Candidate]:
    """`for` over what yields asynchronously, `with` of an asynchronous context, and the other way round (PEP 492)."""
    message = request.failure.evalue
    site = Site.innermost(request)
    if "'async_generator' object is not" in message or "'async_generator' object does" in message:
        for node in site.nodes(ast.For, ast.comprehension):
            at = site.span(node)[0] if isinstance(node, ast.For) else _for_of(site, node)
            yield from site.candidate("async", "Loop with `async for`", site.splice([((at, at), "async ")]))
            return
    elif re.search("requires an object with __aiter__", message):
        for loop in site.nodes(ast.AsyncFor, ast.comprehension):
            start = site.span(loop)[0] if isinstance(loop, ast.AsyncFor) else _for_of(site, loop) - len("async ")
            yield from site.candidate(
                "async", "Loop with plain `for`", site.splice([((start, start + len("async ")), "")])
            )
            return
    elif re.search(r"does not support the (context|asynchronous context) manager protocol|__a?(enter|exit)__", message):
        for context in site.nodes(ast.With, ast.AsyncWith):
            at = site.span(context)[0]
            if isinstance(context, ast.AsyncWith):
                yield from site.candidate("async", "Use plain `with`", site.splice([((at, at + len("async ")), "")]))
            else:
                yield from site.candidate("async", "Use `async with`", site.splice([((at, at), "async ")]))
            return


def _for_of(site: Site, node: ast.comprehension) -> int:
    """Where the word `for` of a comprehension stands."""
    return site.cell.source.rindex("for", 0, site.span(node.target)[0])


def gathered_list(request: FixRequest) -> Iterator[Candidate]:
    """`gather([a(), b()])`: gather takes its awaitables one by one (asyncio.gather)."""
    if "unhashable type: 'list'" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") == "gather" and len(call.args) == 1:
            at = site.span(call.args[0])[0]
            yield from site.candidate("async", "Give `gather` the items of the list", site.splice([((at, at), "*")]))
            return


def await_in_plain_function(request: FixRequest) -> Iterator[Candidate]:
    """`await` in a plain `def`: the function has to be `async def` (docs.python.org, Coroutine function definition)."""
    if not re.search(
        r"'(await|async \w+)' outside async function|asynchronous comprehension outside", request.failure.evalue
    ):
        return
    site = Site(request, request.cell, request.failure.line)
    names = _asynchronous(request)
    for node in site.everywhere(ast.FunctionDef):
        if any(isinstance(each, (ast.Await, ast.AsyncFor, ast.AsyncWith)) for each in ast.walk(node)):
            names.add(node.name)
            at = site.span(node)[0]
            calls = [
                (call, _awaited(site, call))
                for call in site.everywhere(ast.Call)
                if getattr(call.func, "id", "") == node.name
                and not isinstance(site.parents.get(call), ast.Await)
                and _function(site, call) is None
            ]
            source = site.splice([((at, at), "async "), *calls])
            yield from site.candidate("async", f"Make `{node.name}` an `async def`", source)
            return
