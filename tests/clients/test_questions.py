"""Cells that reach out of the notebook are asked about, through each client and door."""

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

CELLS = ["from pathlib import Path\nn = Path('made.txt').write_text('x')", "total = n + 1", "total"]


@pytest.mark.parametrize("answer", ["Run them", "Only this cell", None])
async def test_a_run_asks_before_it_reruns_what_writes(editor: Any, tmp_path: Path, answer: str | None) -> None:
    asked: list[t.ShowMessageRequestParams] = []

    @editor.client.feature(t.WINDOW_SHOW_MESSAGE_REQUEST)
    def ask(params: t.ShowMessageRequestParams) -> t.MessageActionItem | None:
        asked.append(params)
        return next((each for each in params.actions or () if each.title == answer), None)

    script = tmp_path / "asks.py"
    uri = editor.open_script(script, "".join(f"# %%\n{text}\n" for text in CELLS))
    run = {"uri": uri, "position": {"line": 6, "character": 0}, "token": "t"}
    if answer is None:
        with pytest.raises(JsonRpcException, match="Nothing was run"):
            await editor.command("aiNotebook.run", **run)
    else:
        await editor.command("aiNotebook.run", **run)
    [question] = asked
    assert question.message == "Before cell 3, cells 1 and 2 run in the sidecar kernel.\nCell 1 writes made.txt."
    assert [each.title for each in question.actions or ()] == ["Run them", "Only this cell", "Cancel"]
    assert (tmp_path / "made.txt").exists() == (answer == "Run them")
