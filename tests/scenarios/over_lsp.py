"""Ask the sidecar for fixes of the scenarios, as a page does: one server, one session, notebooks opened and closed."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest_lsp
from lsprotocol import types as t

from ai_notebook_ls.core.questions import RUN_ONCE

from ..clients.conftest import SERVER, capabilities
from .corpus import Scenario
from .replay import Replayed

AT_ONCE = 2
"""Fixes asked for at the same time."""

SECONDS = 60
"""For one fix; then it counts as no answer."""


def environment(folder: str) -> dict[str, str]:
    """Return an environment without this machine's settings, profiles and kernels."""
    ours = {"IPYTHONDIR": "ipython", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data"}
    paths = {name: str(Path(folder, value)) for name, value in ours.items()}
    # Not in a sandbox: there each notebook imports pandas anew, and what is judged here is not isolation.
    return {**os.environ, **paths, "AI_NOTEBOOK_LS_ISOLATION": "limited", "AI_NOTEBOOK_LS_PROVIDER": "builtin"}


async def ask(
    scenarios: Sequence[Scenario], failures: Sequence[Replayed], script: Sequence[Mapping[str, str]] = ()
) -> list[dict[str, Any]]:
    """Return the answer to each scenario's fix; `failures` is what the user's own kernel said, `script` what a model says."""
    client = pytest_lsp.make_test_lsp_client()
    client.feature("aiNotebook/state")(lambda _: None)

    @client.feature(t.WINDOW_SHOW_MESSAGE_REQUEST)
    def agree(params: t.ShowMessageRequestParams) -> t.MessageActionItem | None:
        titles = {each.title: each for each in params.actions or ()}
        return titles.get(RUN_ONCE) or next(iter(titles.values()), None)

    gate = asyncio.Semaphore(AT_ONCE)
    with tempfile.TemporaryDirectory() as folder:
        await client.start_io(*SERVER, cwd=folder, env={**environment(folder), **model(folder, script)})
        await client.initialize_session(t.InitializeParams(capabilities=capabilities("rich")))

        async def one(number: int, scenario: Scenario, failure: Replayed) -> dict[str, Any]:
            async with gate:
                place = Path(folder, f"{number}")
                lay_out(place, scenario.files)
                return await _fix(client, place / "story.ipynb", scenario, failure)

        try:
            asked = zip(scenarios, failures, strict=True)
            return await asyncio.gather(*(one(n, each, failure) for n, (each, failure) in enumerate(asked)))
        finally:
            await client.shutdown_session()
            await client.stop()


def model(folder: str, script: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the environment in which a mock of a model gives these replies; nothing for none."""
    path = Path(folder, "script.jsonl")
    path.write_text("".join(json.dumps(each) + "\n" for each in script), encoding="utf-8")
    return {"AI_NOTEBOOK_LS_PROVIDER": "scripted", "AI_NOTEBOOK_LS_SCRIPT": str(path)} if script else {}


def lay_out(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files that lie beside a notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


async def _fix(client: Any, path: Path, scenario: Scenario, failure: Replayed) -> dict[str, Any]:
    notebook = path.as_uri()
    _open(client, notebook, scenario)
    argument = {
        "uri": f"{notebook}#cell-{scenario.fails}",
        "failure": {"ename": failure.ename, "evalue": failure.evalue, "traceback": list(failure.traceback)},
    }
    parameters = t.ExecuteCommandParams("aiNotebook.fix", [argument])
    try:
        async with asyncio.timeout(SECONDS):
            answer = await client.workspace_execute_command_async(parameters)
    except TimeoutError:
        answer = {"candidates": [], "note": "no answer in time"}
    finally:
        texts = [t.TextDocumentIdentifier(f"{notebook}#cell-{n}") for n in range(1, len(scenario.cells) + 1)]
        identifier = t.NotebookDocumentIdentifier(notebook)
        client.notebook_document_did_close(t.DidCloseNotebookDocumentParams(identifier, texts))
    return dict(answer)


def _open(client: Any, notebook: str, scenario: Scenario) -> None:
    """Open a notebook as it was, then take away the cells that its user has deleted."""
    ids: list[str] = []
    texts: list[t.TextDocumentItem] = []
    for number in range(len(scenario.cells) + 1):
        if number:
            ids.append(f"cell-{number}")
            kind = "markdown" if number in scenario.markdown else "python"
            texts.append(t.TextDocumentItem(f"{notebook}#{ids[-1]}", kind, 1, scenario.cells[number - 1]))
        for above, text in scenario.deleted:
            if above == number:
                ids.append(f"deleted-{number}")
                texts.append(t.TextDocumentItem(f"{notebook}#{ids[-1]}", "python", 1, text))
    cells = [
        t.NotebookCell(
            t.NotebookCellKind.Markup if text.language_id == "markdown" else t.NotebookCellKind.Code, text.uri
        )
        for text in texts
    ]
    document = t.NotebookDocument(uri=notebook, notebook_type="jupyter-notebook", version=1, cells=cells)
    client.notebook_document_did_open(t.DidOpenNotebookDocumentParams(document, texts))
    for version, name in enumerate([each for each in ids if each.startswith("deleted")], 2):
        array = t.NotebookCellArrayChange(start=ids.index(name), delete_count=1, cells=[])
        closed = [t.TextDocumentIdentifier(f"{notebook}#{name}")]
        structure = t.NotebookDocumentCellChangeStructure(array=array, did_close=closed)
        change = t.NotebookDocumentChangeEvent(cells=t.NotebookDocumentCellChanges(structure=structure))
        client.notebook_document_did_change(
            t.DidChangeNotebookDocumentParams(t.VersionedNotebookDocumentIdentifier(version, notebook), change)
        )
        ids.remove(name)
