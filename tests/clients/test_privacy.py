"""Canaries: a key that only its server may see, and secrets that leave the notebook only to the user's own screen."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from tests.providers.faults import FaultServer, fault_server

from .conftest import Editor, capabilities

KEY = "canary-key-5f1e7a90b2"
IN_A_CELL = "canary-in-a-cell-77"
IN_AN_OUTPUT = "hf_canaryinanoutput0123456789"
IN_AN_ERROR = "canary-in-an-error"
IN_THE_ENVIRONMENT = "sk-canary-in-the-environment-0123456789"
SECRETS = (IN_A_CELL, IN_AN_OUTPUT, IN_AN_ERROR, IN_THE_ENVIRONMENT)
CELLS = [
    f"password = {IN_A_CELL!r}",
    "import os\nprint(dict(os.environ))\nprint('hf_' + 'canaryinanoutput0123456789')\nkept = os.environ['OPENAI_API_KEY']",
    "import os\nuser = os.environ['DATABASE_USER']\nuse = (password, kept)\n"
    "raise ConnectionError('postgres://reader:' + user + '@db.example.org is down')",
]
ELSEWHERE = "http://models.example.org"
ANSWER = "It connects.\n```python\n# cell 3\nuser = os.environ['DATABASE_USER'].upper()\nuse = (password, kept)\n```"


@dataclass
class Watched:
    """A server process, and all that it lets anybody see."""

    editor: Editor
    folder: Path
    questions: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        return (self.folder / "stdout").read_text(errors="replace")

    @property
    def logged(self) -> str:
        return (self.folder / "stderr").read_text(errors="replace")

    @property
    def state(self) -> list[Path]:
        return [path for path in (self.folder / "state").rglob("*") if path.is_file()]

    def kept(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in self.state)

    async def do(self, name: str, cell: int = 2, /, **more: Any) -> Any:
        return await self.editor.command(f"aiNotebook.{name}", uri=self.cells[cell], **more)


@asynccontextmanager
async def watched(folder: Path, server: FaultServer, model: str, **own: str) -> AsyncIterator[Watched]:
    """A server whose model is elsewhere: the proxy on the way is ours."""
    ours = {
        "PROVIDER": "openai",
        "BASE_URL": ELSEWHERE,
        "MODEL": model,
        "API_KEY": KEY,
        "VALUES": "sample",
        "ISOLATION": "limited",
    }
    environment = {
        **{name: value for name, value in os.environ.items() if name.lower() != "no_proxy"},
        **{f"AI_NOTEBOOK_LS_{name}": value for name, value in {**ours, **own}.items()},
        "HTTP_PROXY": server.base_url.removesuffix("/v1"),
        "OPENAI_API_KEY": IN_THE_ENVIRONMENT,
        "OPENAI_LOG": "debug",
        "DATABASE_USER": IN_AN_ERROR,
        "XDG_STATE_HOME": str(folder / "state"),
        "HERE": str(folder),
    }
    command = f"{sys.executable} -m ai_notebook_ls --log-level debug 2>$HERE/stderr | tee $HERE/stdout"
    client = pytest_lsp.make_test_lsp_client()
    editor = Editor(client, "rich")
    seen = Watched(editor, folder)

    @client.feature(t.WINDOW_SHOW_MESSAGE_REQUEST)
    def agree(params: t.ShowMessageRequestParams) -> t.MessageActionItem | None:
        seen.questions.append(params.message)
        return next((each for each in params.actions or () if each.title.startswith(("Send, and do not", "Run"))), None)

    await client.start_io("sh", "-c", command, cwd=str(folder), env=environment)
    await client.initialize_session(t.InitializeParams(capabilities=capabilities("rich")))
    seen.cells = editor.open_notebook(folder / "n.ipynb", CELLS)
    try:
        yield seen
    finally:
        await client.shutdown_session()
        await client.stop()


async def all_verbs(seen: Watched) -> list[str]:
    """Use all that sends, and return what went wrong."""
    troubles = []
    await seen.do("run", mode="above")
    for command, more in (
        ("preview", {"command": "aiNotebook.explain"}),
        ("explain", {"token": "t1"}),
        ("fix", {"token": "t2"}),
        ("ask", {"question": f"Is {IN_AN_OUTPUT} all right?", "token": "t3"}),
        ("improve", {"instruction": "Make it shorter", "token": "t4"}),
        ("state", {}),
    ):
        try:
            await seen.do(command, **more)
        except JsonRpcException as error:
            troubles.append(f"{error} {error.data}")
    return troubles


async def test_what_leaves_and_what_is_kept(tmp_path: Path) -> None:
    async with fault_server() as server, watched(tmp_path, server, "replies") as seen:
        server.replies[:] = ["It connects.", ANSWER, ANSWER, "Yes.", ANSWER, ANSWER]
        troubles = await all_verbs(seen)
        assert not troubles
    sent = b"\n".join(server.bodies).decode()
    assert len(server.bodies) >= 5
    assert len(seen.questions) == 1, "the destination was agreed to once"
    assert "db.example.org" in sent, "the error is told"
    assert "dict of" in sent or "kept: str" in sent, "and what the kernel holds"
    assert [secret for secret in SECRETS if secret in sent] == []
    assert [secret for secret in (*SECRETS, KEY) if secret in seen.logged] == []
    assert [secret for secret in (*SECRETS, KEY) if secret in seen.kept()] == []
    assert KEY not in seen.said, "neither in a message nor in the environment that a cell printed"
    assert IN_THE_ENVIRONMENT in seen.said, "the notebook's own key is left to it"
    assert KEY not in sent
    assert {each.get("authorization") for each in server.headers} == {f"Bearer {KEY}"}

    names = sorted(path.name for path in seen.state)
    assert [name for name in names if not name.endswith(".md")] == ["audit.jsonl", "consents.json"]
    assert len(names) == 3, "one explanation is kept"
    assert {stat.S_IMODE(path.stat().st_mode) for path in seen.state} == {0o600}
    [audit] = [path for path in seen.state if path.name == "audit.jsonl"]
    entries = [json.loads(line) for line in audit.read_text().splitlines()]
    assert {name for each in entries for name in each} == {
        *("time", "sent", "sha256", "bytes"),
        *("answered", "characters", "seconds"),
    }
    assert [each["bytes"] for each in entries if "sent" in each] == [len(body) for body in server.bodies]
    assert {each.get("sent") or each.get("answered") for each in entries} == {ELSEWHERE}


@pytest.mark.parametrize("mode", ["401", "error echo", "422 echo", "cut"])
async def test_what_a_server_echoes_goes_no_further(tmp_path: Path, mode: str) -> None:
    async with fault_server() as server, watched(tmp_path, server, mode, SEND="automatic") as seen:
        troubles = await all_verbs(seen)
        assert len(troubles) == 2, "a question and an instruction need the model"
    assert server.bodies
    assert KEY not in seen.said + seen.logged + seen.kept()
    assert [secret for secret in SECRETS if secret in "\n".join([*troubles, seen.logged, seen.kept()])] == []
    assert not [path for path in seen.state if path.suffix == ".md"], "no half explanation is kept"


async def test_switched_off_nothing_is_kept_or_sent(tmp_path: Path) -> None:
    off = {"SEND": "never", "AUDIT": "false", "CACHE": "false"}
    async with fault_server() as server, watched(tmp_path, server, "replies", **off) as seen:
        troubles = await all_verbs(seen)
        assert all("Nothing was sent" in each for each in troubles)
    assert server.bodies == []
    assert seen.questions == []
    assert seen.state == []


async def test_an_explanation_is_given_again_without_the_server(tmp_path: Path) -> None:
    async with fault_server() as server:
        server.replies[:] = ["It prints the environment."]
        for cached in (False, True):
            async with watched(tmp_path, server, "replies", SEND="automatic") as seen:
                told = await seen.do("explain", 1)
                assert told["cached"] is cached
                assert "It prints the environment." in told["markdown"]
        assert len(server.bodies) == 1
        await asyncio.to_thread(os.remove, next(path for path in seen.state if path.suffix == ".md"))


async def test_the_sum_of_a_preview_is_in_the_log_of_another_process(tmp_path: Path) -> None:
    (tmp_path / "story.py").write_text(f"# %%\npassword = {IN_A_CELL!r}\n\n# %%\nprint(len(password))\n")
    async with fault_server() as server:
        ours = {"PROVIDER": "openai", "BASE_URL": ELSEWHERE, "MODEL": "good", "API_KEY": KEY, "SEND": "automatic"}
        environment = {
            **{name: value for name, value in os.environ.items() if name.lower() != "no_proxy"},
            **{f"AI_NOTEBOOK_LS_{name}": value for name, value in ours.items()},
            "HTTP_PROXY": server.base_url.removesuffix("/v1"),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }

        async def explain(*more: str) -> bytes:
            line = [sys.executable, "-m", "ai_notebook_ls", "explain", str(tmp_path / "story.py"), "--cell", "2", *more]
            process = await asyncio.create_subprocess_exec(*line, stdout=asyncio.subprocess.PIPE, env=environment)
            return (await process.communicate())[0]

        body = json.loads(await explain("--preview", "--json"))["body"]
        await explain()
    log = (tmp_path / "state" / "ai-notebook-ls" / "audit.jsonl").read_text()
    sums = [json.loads(line)["sha256"] for line in log.splitlines() if "sha256" in line]
    assert sums == [hashlib.sha256(body.encode()).hexdigest()]
    assert IN_A_CELL not in body
