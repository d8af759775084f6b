"""The same scenarios for every kind of client (recorded from real editors, and our rich one) and every door."""

import asyncio
import contextlib
import copy
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Union

import pytest
import pytest_lsp
from lsprotocol import types as t
from pytest_lsp import LanguageClient, client_capabilities
from websockets.asyncio.client import ClientConnection, unix_connect

SERVER = [sys.executable, "-m", "ai_notebook_ls"]
PROFILES = ("neovim@v0.11.0", "emacs", "visual-studio-code", "rich")
CLIENTS = (
    f"{PROFILES[0]}-stdio",
    *(f"{profile}-websocket" for profile in PROFILES),
    *(pytest.param(f"{profile}-stdio", marks=pytest.mark.long) for profile in PROFILES[1:]),
)
"""Doors do not look into messages: not every profile has to go through each. A start of the server takes a second."""


@pytest.fixture(autouse=True)
def files_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a cell writes beside its notebook be seen here: in a sandbox it goes to a copy."""
    monkeypatch.setenv("AI_NOTEBOOK_LS_ISOLATION_FOLDER", "writable")


def capabilities(profile: str) -> t.ClientCapabilities:
    """Return what a client of this profile says of itself."""
    if profile == "rich":
        found = t.ClientCapabilities(
            experimental={"aiNotebook": {"version": 1}},
            general=t.GeneralClientCapabilities(position_encodings=[t.PositionEncodingKind.Utf16]),
        )
    else:
        found = copy.deepcopy(client_capabilities(profile))
    if profile in ("rich", "visual-studio-code"):  # the recorded VS Code is older than notebookDocument
        found.notebook_document = t.NotebookDocumentClientCapabilities(t.NotebookDocumentSyncClientCapabilities())
    return found


class Editor:
    """What an editor does around its LSP client: documents, taking an action, applying edits."""

    def __init__(self, client: LanguageClient, profile: str) -> None:
        self.client = client
        self.profile = profile
        self.rich = profile == "rich"
        self.versions: dict[str, int] = {}
        self.applied: list[t.WorkspaceEdit] = []
        self.outputs: list[dict[str, Any]] = []
        self.deltas: list[str] = []
        self.states: list[Any] = []

        @client.feature(t.WORKSPACE_APPLY_EDIT)
        def apply(params: t.ApplyWorkspaceEditParams) -> t.ApplyWorkspaceEditResult:
            self.applied.append(params.edit)
            return t.ApplyWorkspaceEditResult(applied=True)

        # lsprotocol 2025 reads an action that has a command as a bare Command (_hooks.py, _code_action_hook).
        converter = client.protocol._converter
        converter.register_structure_hook(
            Union[t.Command, t.CodeAction],  # noqa: UP007 - cattrs looks the hook up by this very type
            lambda each, _: (
                converter.structure(each, t.Command if isinstance(each["command"], str) else t.CodeAction)
                if "command" in each
                else converter.structure(each, t.CodeAction)
            ),
        )

        client.feature("aiNotebook/output")(lambda params: self.outputs.append(params.output))
        client.feature("aiNotebook/delta")(lambda params: self.deltas.append(params.text))
        client.feature("aiNotebook/state")(lambda params: self.states.append(params))

    def open_script(self, path: Path, text: str) -> str:
        uri = path.as_uri()
        self.versions[uri] = 1
        self.client.text_document_did_open(t.DidOpenTextDocumentParams(t.TextDocumentItem(uri, "python", 1, text)))
        return uri

    def change_script(self, uri: str, text: str) -> None:
        self.versions[uri] += 1
        changed = t.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri)
        change = t.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(t.DidChangeTextDocumentParams(changed, [change]))

    def open_notebook(self, path: Path, sources: list[str]) -> list[str]:
        uri = path.as_uri()
        cells = [f"{uri}#c{number}" for number in range(len(sources))]
        document = t.NotebookDocument(
            uri=uri,
            notebook_type="jupyter-notebook",
            version=1,
            cells=[t.NotebookCell(t.NotebookCellKind.Code, cell) for cell in cells],
        )
        texts = [t.TextDocumentItem(cell, "python", 1, text) for cell, text in zip(cells, sources, strict=True)]
        self.client.notebook_document_did_open(t.DidOpenNotebookDocumentParams(document, texts))
        return cells

    async def actions(self, uri: str, line: int, trigger: Any = t.CodeActionTriggerKind.Invoked) -> list[Any]:
        place = t.Range(t.Position(line, 0), t.Position(line, 0))
        context = t.CodeActionContext(diagnostics=[], trigger_kind=trigger)
        params = t.CodeActionParams(t.TextDocumentIdentifier(uri), place, context)
        return list(await self.client.text_document_code_action_async(params) or [])

    async def take(self, action: Any, **more: Any) -> Any:
        """Do what an editor does when its user picks an action; return a command's result."""
        if isinstance(action, t.CodeAction):
            if action.edit is None and action.command is None:
                action = await self.client.code_action_resolve_async(action)
            if action.edit is not None:
                self.applied.append(action.edit)
            if action.command is None:
                return None
            action = action.command
        return await self.command(action.command, **{**action.arguments[0], **more})

    async def command(self, name: str, **argument: Any) -> Any:
        return await self.client.workspace_execute_command_async(t.ExecuteCommandParams(name, [argument]))

    async def hover(self, uri: str, line: int, character: int = 0) -> str:
        found = await self.client.text_document_hover_async(
            t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(line, character))
        )
        return found.contents.value if found else ""

    async def diagnostics(self, uri: str, count: int) -> list[t.Diagnostic]:
        """Wait until so many diagnostics are shown for a document."""
        async with asyncio.timeout(10):
            while len(self.client.diagnostics.get(uri, ())) != count:
                await self.client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        return list(self.client.diagnostics.get(uri, ()))


@contextlib.asynccontextmanager
async def over_stdio(tmp_path: Path) -> AsyncIterator[LanguageClient]:
    client = pytest_lsp.make_test_lsp_client()
    await client.start_io(*SERVER, cwd=tmp_path)
    try:
        yield client
    finally:
        await client.shutdown_session()
        await client.stop()


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Path, asyncio.subprocess.Process]]:
    """Run `ai-notebook-ls serve` on a unix socket."""
    path = folder / "door.sock"
    process = await asyncio.create_subprocess_exec(
        *SERVER, "serve", "--unix-socket", str(path), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    assert b"Listening" in await process.stderr.readline()
    try:
        yield path, process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of one server for all tests; not in a sandbox, where each notebook's kernel has a zygote to start."""
    path = tmp_path_factory.mktemp("door") / "door.sock"
    command = [*SERVER, "serve", "--unix-socket", str(path)]
    environment = {**os.environ, "AI_NOTEBOOK_LS_ISOLATION": "limited"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stderr is not None
        assert b"Listening" in process.stderr.readline()
        yield path
        process.terminate()


async def _pump(websocket: ClientConnection, client: LanguageClient) -> None:
    import json

    async for message in websocket:
        assert isinstance(message, str)
        protocol = client.protocol
        protocol.handle_message(protocol.structure_message(json.loads(message)))


@contextlib.asynccontextmanager
async def over_websocket(path: Path) -> AsyncIterator[LanguageClient]:
    client = pytest_lsp.make_test_lsp_client()
    async with unix_connect(str(path), max_size=None) as websocket:
        pump = asyncio.ensure_future(_pump(websocket, client))

        class Writer:
            def write(self, data: bytes) -> Any:
                return websocket.send(data.decode())

            def close(self) -> Any:
                return websocket.close()

        client.protocol.set_writer(Writer(), include_headers=False)
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):
                await client.shutdown_session()
            await pump


@pytest.fixture(params=CLIENTS)
async def editor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Editor]:
    """An initialized editor of each profile behind each door."""
    profile, _, door = request.param.rpartition("-")
    async with contextlib.AsyncExitStack() as stack:
        if door == "stdio":
            client = await stack.enter_async_context(over_stdio(tmp_path))
        else:
            path = request.getfixturevalue("one_server")
            client = await stack.enter_async_context(over_websocket(path))
        editor = Editor(client, profile)
        await client.initialize_session(t.InitializeParams(capabilities=capabilities(profile)))
        yield editor
