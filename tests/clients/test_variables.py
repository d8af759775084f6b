"""The variables of the sidecar kernel, asked by each kind of client through each door."""

import asyncio
from pathlib import Path
from typing import Any

from lsprotocol import types as t
from pygls.uris import to_fs_path

SCRIPT = """\
# %%
prices = {"apple": 3, "pear|plum": 5}
class Quiet:
    def __repr__(self): open("spoken", "w")
quiet = Quiet()
# %%
import pathlib
while not pathlib.Path("go").exists(): pass
"""


async def test_variables(editor: Any, tmp_path: Path) -> None:
    uri = editor.open_script(tmp_path / "story.py", SCRIPT)
    first, second = {"line": 1, "character": 0}, {"line": 6, "character": 0}

    assert await editor.command("aiNotebook.variables", uri=uri) == {"kernel": "none", "variables": []}
    state = await editor.command("aiNotebook.state", uri=uri)
    assert state["kernel"] == "none", "a look starts no kernel"
    assert editor.rich or "Run a cell" in editor.client.messages[-1].message

    await editor.command("aiNotebook.run", uri=uri, position=first)
    answer = await editor.command("aiNotebook.variables", uri=uri)
    assert answer["kernel"] == "idle"
    prices, kind, quiet = answer["variables"]
    assert prices.pop("bytes") > 0
    assert prices == {
        "name": "prices",
        "type": "dict",
        "module": "builtins",
        "kind": "mapping",
        "preview": "{'apple': 3, 'pear|plum': 5}",
        "shape": [2],
    }
    assert (kind["preview"], quiet["preview"]) == ("Quiet", "<__main__.Quiet>")
    assert not (tmp_path / "spoken").exists()
    if not editor.rich:
        assert "`<__main__.Quiet>`" in shown(editor) or "quiet: Quiet" in shown(editor)

    parameters = t.ExecuteCommandParams("aiNotebook.run", [{"uri": uri, "position": second, "mode": "cell"}])
    run = asyncio.ensure_future(editor.client.workspace_execute_command_async(parameters))
    async with asyncio.timeout(30):
        while (await editor.command("aiNotebook.state", uri=uri))["kernel"] != "busy":
            pass
    assert await editor.command("aiNotebook.variables", uri=uri) == {"kernel": "busy", "variables": []}
    (tmp_path / "go").touch()
    assert (await run)["status"] == "ok"


def shown(editor: Any) -> str:
    """What a plain client's user sees last."""
    if editor.client.shown_documents:
        return Path(to_fs_path(editor.client.shown_documents[-1].uri) or "").read_text()
    return str(editor.client.messages[-1].message)
