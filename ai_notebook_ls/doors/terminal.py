"""The terminal door: `run`, `explain`, `fix`, `improve` and `ask` on a file, as a rich LSP client within the process.

It speaks the same messages as a page does, so what `--json` prints is what a page gets.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from ai_notebook_ls.core.failures import AssistError, BadArguments, NotWritable
from ai_notebook_ls.core.questions import CAUTIOUS, DO_NOT_RUN, RUN_ONCE, RUN_THEM
from ai_notebook_ls.doors.notebook_file import NotebookFile
from ai_notebook_ls.doors.terminal_text import TEXTS, inert, write_hint
from ai_notebook_ls.lsp.server import NotebookServer

DONE, FAILING = 0, 1


class RequestFailed(AssistError):
    """The session answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error["message"], (error.get("data") or {}).get("hint", ""))


class LocalClient:
    """A rich client that lives in the server's process."""

    def __init__(
        self,
        session: NotebookServer,
        log: TextIO,
        agrees: bool = False,
        out: TextIO | None = None,
        trusts: bool = False,
    ) -> None:
        self._session = session
        self._log = log
        self._out = out
        """Where text goes as it comes; None if only the result is wanted."""
        self._agrees = agrees
        self._trusts = trusts
        """Whether a model's code may run where nothing contains it."""
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._next = 0
        self._asked: asyncio.Future[None] | None = None
        """The question that is being answered; kept, since the loop would forget it."""
        session.protocol.connect(self._receive, lambda: None)

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and return its result. Raises RequestFailed."""
        self._next += 1
        answer = self._answers[self._next] = asyncio.get_running_loop().create_future()
        self._send({"id": self._next, "method": method, "params": params})
        return await answer

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def command(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run a command; its progress is written to the log."""
        argument = {**arguments, "token": name}
        return await self.request("workspace/executeCommand", {"command": name, "arguments": [argument]})

    def say(self, message: str) -> None:
        """Tell the person at the terminal something, apart from the result."""
        print(inert(message), file=self._log)

    async def _answer(self, message: Mapping[str, Any]) -> None:
        """Pass a question on to the person at the terminal; where there is none, give no answer."""
        question, answers = message["params"]["message"], [each["title"] for each in message["params"]["actions"]]
        self.say(question)
        chosen: str | None = None
        if self._agrees and answers[0] == RUN_THEM:  # to nothing else: a prompt leaves the machine
            chosen = RUN_THEM
        elif self._trusts and DO_NOT_RUN in answers:
            chosen = RUN_ONCE
        elif sys.stdin.isatty() and self._log.isatty():
            print(", ".join(f"[{i}] {each}" for i, each in enumerate(answers, 1)), end=": ", file=self._log, flush=True)
            typed = (await _line_of(sys.stdin)).strip()
            cautious = next((each for each in answers if each in CAUTIOUS), None)
            chosen = answers[int(typed) - 1] if typed.isdigit() and 0 < int(typed) <= len(answers) else cautious
        else:
            flag = {RUN_THEM: "--yes", DO_NOT_RUN: "--run-model-code"}.get(answers[0])
            self.say(f"Nobody is there to answer; {flag} agrees." if flag else "Nobody is there to answer.")
        self._send({"id": message["id"], "result": chosen and {"title": chosen}})

    def _send(self, message: dict[str, Any]) -> None:
        self._session.protocol.receive(json.dumps({"jsonrpc": "2.0", **message}))

    def _receive(self, body: bytes) -> None:
        message = json.loads(body)
        if message.get("method") == "window/showMessageRequest":
            self._asked = asyncio.ensure_future(self._answer(message))
        if message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "report":
            self.say(message["params"]["value"]["message"] + " …")
        if message.get("method") == "aiNotebook/delta" and self._out is not None:
            self._out.write(inert(message["params"]["text"]))
            self._out.flush()
        answer = self._answers.pop(message["id"], None) if "id" in message and "method" not in message else None
        if answer is not None and not answer.done():
            if "error" in message:
                answer.set_exception(RequestFailed(message["error"]))
            else:
                answer.set_result(message.get("result"))


async def _line_of(file: TextIO) -> str:
    """Wait for a line that a person types; Ctrl-C ends the wait, as it would not in a thread."""
    loop, line = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(file.fileno(), line.set)
    try:
        await line.wait()
    finally:
        loop.remove_reader(file.fileno())
    return file.readline()


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    verb: str
    path: Path
    cell: str | None = None
    mode: str = "needed"
    write: bool = False
    as_json: bool = False
    recipe: str | None = None
    instruction: str | None = None
    agrees: bool = False
    trusts: bool = False
    question: str | None = None
    preview: bool = False


async def perform(session: NotebookServer, request: Request, out: TextIO, log: TextIO) -> int:
    """Do it; return the exit code. Raises AssistError."""
    file = NotebookFile.read(request.path)
    client = LocalClient(session, log, request.agrees, None if request.as_json else out, request.trusts)
    try:
        return await _perform(client, file, request, out)
    finally:
        session.abandon()


async def _perform(client: LocalClient, file: NotebookFile, request: Request, out: TextIO) -> int:
    await client.request("initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": RICH})
    client.notify("initialized", {})
    for method, params in file.opening():
        client.notify(method, params)
    verb = "preview" if request.preview else request.verb
    result, code = await VERBS[verb](client, file, request)
    unwritten = _write(client, file, result) if request.write and code == DONE else None
    if request.as_json:
        json.dump(file.with_cells(result), out, indent=1)
        out.write("\n")
    else:
        out.write(inert(TEXTS[verb](result, file)))
        if verb in ("fix", "improve") and not request.write:
            out.write(f"\n{hint}" if (hint := write_hint(verb, result)) else "")
    if unwritten is not None:
        raise unwritten
    return code


RICH = {"experimental": {"aiNotebook": {"version": 1}}, "general": {"positionEncodings": ["utf-16"]}}


async def _run(client: LocalClient, file: NotebookFile, request: Request) -> tuple[Any, int]:
    index = file.find(request.cell) if request.cell is not None else file.last_code()
    mode = request.mode if request.cell is not None else "above"
    result = await client.command("aiNotebook.run", {**file.place(index), "mode": mode})
    return result, DONE if result["status"] == "ok" else FAILING


async def _explain(client: LocalClient, file: NotebookFile, request: Request) -> tuple[Any, int]:
    if request.cell is None:
        raise BadArguments("Which cell?", "Say it with --cell, by id or by number from 1.")
    index = file.find(request.cell)
    failure = file.saved_failure(index)
    arguments = {**file.place(index), **({"failure": failure} if failure else {})}
    return await client.command("aiNotebook.explain", arguments), DONE


async def _fix(client: LocalClient, file: NotebookFile, request: Request) -> tuple[Any, int]:
    index = file.find(request.cell) if request.cell is not None else None
    if index is None:
        outcome = await client.command("aiNotebook.run", {**file.place(file.last_code()), "mode": "above"})
        if outcome["status"] == "ok":
            return {"candidates": [], "note": "The notebook runs from top to bottom; there is nothing to fix."}, DONE
        index = file.by_uri((outcome.get("failure") or outcome)["uri"])
        assert index is not None
    proposals = await client.command("aiNotebook.fix", file.place(index))
    if "failure" not in proposals:
        return proposals, DONE
    return proposals, _exit_code(proposals)


async def _improve(client: LocalClient, file: NotebookFile, request: Request) -> tuple[Any, int]:
    if request.write and request.recipe is None and request.instruction is None:
        raise BadArguments("Which recipe is to be written?", "Say it with --recipe.")
    if request.instruction is not None and request.cell is None:
        raise BadArguments("Which cell?", "Say it with --cell, by id or by number from 1.")
    whole = request.cell is None
    place = file.place(file.last_code() if request.cell is None else file.find(request.cell))
    wish = {"recipe": request.recipe, "instruction": request.instruction, "scope": "notebook" if whole else "cell"}
    given = {key: value for key, value in wish.items() if value is not None}
    proposals = await client.command("aiNotebook.improve", {**place, **given})
    return proposals, _exit_code(proposals) if proposals["candidates"] else DONE


async def _ask(client: LocalClient, file: NotebookFile, request: Request) -> tuple[Any, int]:
    index = file.last_code() if request.cell is None else file.find(request.cell)
    return await client.command("aiNotebook.ask", {**file.place(index), "question": request.question or ""}), DONE


async def _preview(client: LocalClient, file: NotebookFile, request: Request) -> tuple[Any, int]:
    if request.cell is None and request.verb in ("explain", "fix"):
        raise BadArguments("Which cell?", "Say it with --cell, by id or by number from 1.")
    index = file.last_code() if request.cell is None else file.find(request.cell)
    failure = file.saved_failure(index) if request.verb == "explain" else None
    given = {"instruction": request.instruction, "question": request.question, "failure": failure}
    wish = {key: value for key, value in given.items() if value is not None}
    command = f"aiNotebook.{request.verb}"
    return await client.command("aiNotebook.preview", {**file.place(index), "command": command, **wish}), DONE


def _exit_code(proposals: Any) -> int:
    """Say whether the best candidate is verified."""
    best = proposals["candidates"][0] if proposals["candidates"] else None
    return DONE if best is not None and best["receipt"]["verdict"] == "verified" else FAILING


def _write(client: LocalClient, file: NotebookFile, proposals: Any) -> NotWritable | None:
    """Write the best candidate, a verified one, into the file; the result says whether that went well, and so do we."""
    best = proposals["candidates"][0] if proposals["candidates"] else {}
    if not best.get("edits"):
        return None
    try:
        file.write(best["edits"])
    except NotWritable as trouble:
        proposals["written"] = False
        return trouble
    proposals["written"] = True
    client.say(f"Written to {file.path.name}: {best['title']}.")
    return None


Verb = Callable[[LocalClient, NotebookFile, Request], Awaitable[tuple[Any, int]]]
VERBS: dict[str, Verb] = {
    "run": _run,
    "explain": _explain,
    "fix": _fix,
    "improve": _improve,
    "ask": _ask,
    "preview": _preview,
}
