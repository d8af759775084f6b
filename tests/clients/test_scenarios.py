"""Explain, fix and run through each client and door, by what each client understands."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

SCRIPT = """\
# %% [markdown]
# # A story
# %%
prices = {"apple": 3, "pear": 5}
greeting = "🦊"
# %%
total = prices["apple"] + pricse["pear"]
# %%
print(greeting, total)
"""
FIXED = SCRIPT.replace("pricse", "prices")
FAILING_LINE = 6


def applied_to(text: str, edit: t.WorkspaceEdit, uri: str, encoding: str) -> str:
    """Apply a workspace edit to a text, as the client with this position encoding does."""
    if edit.document_changes:
        assert all(change.text_document.uri == uri for change in edit.document_changes)
        edits = [each for change in edit.document_changes for each in change.edits]
    else:
        edits = list((edit.changes or {})[uri])
    width = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[encoding]
    lines = text.split("\n")

    def offset(position: t.Position) -> int:
        head = lines[position.line].encode(width[0])[: position.character * width[1]].decode(width[0])
        return sum(len(line) + 1 for line in lines[: position.line]) + len(head)

    for each in sorted(edits, key=lambda each: offset(each.range.start), reverse=True):
        text = text[: offset(each.range.start)] + each.new_text + text[offset(each.range.end) :]
    return text


async def test_a_failing_cell_is_run_explained_and_fixed(editor: Any, tmp_path: Path) -> None:
    uri = editor.open_script(tmp_path / "story.py", SCRIPT)

    kinds = [getattr(action, "kind", None) for action in await editor.actions(uri, FAILING_LINE)]
    assert len(kinds) == (3 if editor.rich else 4)
    automatic = await editor.actions(uri, FAILING_LINE, t.CodeActionTriggerKind.Automatic)
    known = [] if editor.rich else ["Rename to `prices`"]
    assert [action.title for action in automatic] == known, "nothing has failed yet, though a name is misspelt"
    assert await editor.actions(uri, 0) == [], "nothing for markdown"

    outcome = await editor.command(
        "aiNotebook.run", uri=uri, position={"line": FAILING_LINE, "character": 0}, token="t1"
    )
    assert outcome["status"] == "error"
    assert outcome["failure"]["ename"] == "NameError"
    assert outcome["failure"]["line"] == 0
    assert outcome["uri"] == f"{uri}#cell-2"
    assert outcome["replayed"] == [f"{uri}#cell-1"]
    [diagnostic] = await editor.diagnostics(uri, 1)
    assert diagnostic.range.start.line == FAILING_LINE
    assert "pricse" in diagnostic.message

    automatic = await editor.actions(uri, FAILING_LINE, t.CodeActionTriggerKind.Automatic)
    assert len(automatic) == 1, "now the fix is offered by itself"
    if editor.rich:
        proposals = await editor.take(automatic[0], token="t2")
        best = proposals["candidates"][0]
        assert best["receipt"]["verdict"] == "verified"
        assert best["edits"] == [{"uri": uri, "version": 1, "newText": FIXED}]
        assert "+total = prices" in best["diff"]
        assert editor.applied == [], "a rich client applies edits itself"
    else:
        await editor.take(automatic[0])
        encoding = _encoding(editor)
        assert applied_to(SCRIPT, editor.applied[-1], uri, encoding) == FIXED

    editor.change_script(uri, FIXED)
    await editor.diagnostics(uri, 0)
    last = {"line": 8, "character": 0}
    outcome = await editor.command("aiNotebook.run", uri=uri, position=last, token="t3")
    assert outcome["status"] == "ok"
    assert outcome["outputs"][0]["text"] == "🦊 8\n"
    assert outcome["fresh"] == [f"{uri}#cell-1"], "what had run is not run again"
    assert "🦊 8" in await editor.hover(uri, 8)
    assert "cell 2" in await editor.hover(uri, 8, 7), "where greeting comes from"
    if editor.rich:
        assert editor.outputs[-1].text == "🦊 8\n"
        assert editor.states
    else:
        assert any("🦊 8" in message.message for message in editor.client.messages)

    answer = await editor.command("aiNotebook.explain", uri=uri, position=last, token="t4")
    assert answer["provider"] == "builtin"
    assert "total" in answer["markdown"]
    if editor.rich:
        assert "".join(editor.deltas) == answer["markdown"]
    elif editor.profile != "emacs":
        shown = editor.client.shown_documents[-1]
        assert Path(to_fs_path(shown.uri) or "").read_text() == answer["markdown"]
    else:
        assert editor.client.messages[-1].message.split()[0] in answer["markdown"]
    assert answer["markdown"] in await editor.hover(uri, 8)


def _encoding(editor: Any) -> str:
    return {"neovim@v0.11.0": "utf-8", "emacs": "utf-32"}.get(editor.profile, "utf-16")


async def test_long_work_can_be_stopped(editor: Any, tmp_path: Path) -> None:
    mark = tmp_path / "started"
    text = f"import pathlib\npathlib.Path({str(mark)!r}).touch()\nwhile True:\n    pass\n# %%\nprint('still here')\n"
    uri = editor.open_script(tmp_path / "loop.py", text)
    parameters = t.ExecuteCommandParams("aiNotebook.run", [{"uri": uri}])
    request = asyncio.ensure_future(
        editor.client.protocol.send_request_async(t.WORKSPACE_EXECUTE_COMMAND, parameters, msg_id="stop-me")
    )
    async with asyncio.timeout(30):
        while not mark.exists():
            await asyncio.sleep(0.01)
    editor.client.cancel_request(t.CancelParams("stop-me"))
    with pytest.raises(JsonRpcException) as cancelled:
        await asyncio.wait_for(request, 20)
    assert cancelled.value.code == -32800
    outcome = await editor.command(
        "aiNotebook.run", uri=uri, position={"line": 5, "character": 0}, mode="cell", token="t"
    )
    assert outcome["outputs"][0]["text"] == "still here\n", "the loop itself was stopped"


async def test_bad_input_gets_one_clear_answer(editor: Any, tmp_path: Path) -> None:
    uri = editor.open_script(tmp_path / "small.py", "# %%\nx = 1\n")
    for argument, code, words in (
        ({"uri": "file:///never/opened.py"}, -32001, "not open"),
        ({"uri": f"{uri}#cell-99"}, -32001, "no cell"),
        ({"uri": uri, "version": 99}, -32801, "changed"),
        ({}, -32602, "uri"),
        ({"uri": uri, "mode": "sideways"}, -32602, "mode"),
    ):
        with pytest.raises(JsonRpcException) as refused:
            await editor.command("aiNotebook.run", **argument)
        assert refused.value.code == code
        assert words in refused.value.message
    state = await editor.command("aiNotebook.state", uri=uri)
    assert state["kernel"] == "none", "nothing was started for nonsense"
    assert state["provider"] == {"name": "builtin", "ready": True}


async def test_huge_cells_are_refused(editor: Any, tmp_path: Path) -> None:
    uri = editor.open_script(tmp_path / "huge.py", "x = '" + "y" * 10_000_000 + "'\n")
    for command in ("run", "explain", "fix"):
        with pytest.raises(JsonRpcException) as refused:
            await editor.command(f"aiNotebook.{command}", uri=uri)
        assert refused.value.data["kind"] == "CellTooLarge"


async def test_notebooks(editor: Any, tmp_path: Path) -> None:
    if editor.profile not in ("rich", "visual-studio-code"):
        return  # no notebookDocument: these editors know notebooks as scripts only
    cells = editor.open_notebook(tmp_path / "n.ipynb", ["a = 1", "import maths\nmaths.sqrt(a)", "print(a, maths)"])
    assert len(await editor.actions(cells[1], 0)) == 3
    outcome = await editor.command("aiNotebook.run", uri=cells[2], token="t1")
    assert outcome["failure"]["uri"] == cells[1]
    assert "cell 3 was not run" in outcome["notice"]
    await editor.diagnostics(cells[1], 1)
    state = await editor.command("aiNotebook.state", uri=cells[0])
    first, second = state["ledger"]
    assert (first["uri"], first["fresh"], first["status"], first["names"]) == (cells[0], True, "ok", ["a"])
    assert (second["uri"], second["fresh"], second["status"]) == (cells[1], False, "error")
    assert (first["executionCount"], second["executionCount"]) == (1, 2)
    assert first["durationMs"] > 0
    state = await editor.command("aiNotebook.restart", uri=cells[0])
    assert (state["kernel"], state["ledger"]) == ("none", [])
