"""Code that is in no cell, and what was answered before, through each door."""

from pathlib import Path
from typing import Any

from lsprotocol import types as t


async def test_scratch_code_runs_in_the_sidecar_kernel_or_in_a_branch(editor: Any, tmp_path: Path) -> None:
    @editor.client.feature(t.WINDOW_SHOW_MESSAGE_REQUEST)
    def agree(params: t.ShowMessageRequestParams) -> t.MessageActionItem:
        return next(each for each in params.actions or () if each.title == "Run it once")

    cells = editor.open_notebook(tmp_path / "n.ipynb", ["price = 3", "twice = price * 2", "1/0"])
    notebook = (tmp_path / "n.ipynb").as_uri()

    tried = await editor.command("aiNotebook.scratch", uri=cells[1], code="price = 5\nprint(twice)", branch=True)
    assert tried["status"] == "ok"
    assert tried["outputs"][0]["text"] == "6\n"
    assert tried["replayed"] == cells[:2], "what it needs has run before it"
    assert (await editor.command("aiNotebook.variables", uri=notebook))["variables"] == [], "nothing stays of a branch"

    ran = await editor.command("aiNotebook.scratch", uri=notebook, code="price_of_all = 7\nprice_of_all")
    assert ran["outputs"][0]["data"]["text/plain"] == "7"
    found = await editor.command("aiNotebook.complete", uri=notebook, code="'😀', price_of", cursor=14)
    assert found == {"matches": ["price_of_all"], "start": 6, "end": 14}, "UTF-16 units"

    # A scratch run that changes what a cell made is seen: the cell runs again before it is used.
    await editor.command("aiNotebook.run", uri=cells[0])
    await editor.command("aiNotebook.scratch", uri=notebook, code="price = 100")
    run = await editor.command("aiNotebook.run", uri=cells[1])
    assert run["replayed"] == cells[:1]


async def test_a_page_finds_again_what_was_answered(editor: Any, tmp_path: Path) -> None:
    cells = editor.open_notebook(tmp_path / "n.ipynb", ["price = 3", "prcie * 2"])
    notebook = (tmp_path / "n.ipynb").as_uri()
    await editor.command("aiNotebook.run", uri=cells[0], token="a", mode="cell")
    failed = await editor.command("aiNotebook.run", uri=cells[1], token="b")
    await editor.command("aiNotebook.run", uri=cells[0])  # nobody could show it again: it has no token

    first, second = (await editor.command("aiNotebook.history", uri=notebook))["entries"]
    assert (first["id"], first["command"], first["uri"]) == ("a", "aiNotebook.run", cells[0])
    assert (first["asked"], first["sources"]) == ({"mode": "cell"}, {cells[0]: "price = 3"})
    assert (second["id"], second["result"]) == ("b", failed)

    await editor.command("aiNotebook.pin", uri=notebook, id="b", pinned=True)
    await editor.command("aiNotebook.forget", uri=notebook, ids=["a"])
    (left,) = (await editor.command("aiNotebook.history", uri=notebook))["entries"]
    assert (left["id"], left["pinned"]) == ("b", True)
