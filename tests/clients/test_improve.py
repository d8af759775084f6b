"""Improve through each client and door: offered where it would change something, verified before it is applied."""

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

SCRIPT = """\
# %%
import os
eggs = 3
# %%
print("🥚", "{} eggs".format(eggs), os.sep)
# %%
plain = eggs + 1
plain
"""
FIXED = SCRIPT.replace('"{} eggs".format(eggs)', 'f"{eggs} eggs"')
LINE = 4


def named(actions: list[Any], words: str) -> Any:
    return next((each for each in actions if words in each.title), None)


async def test_a_recipe_is_offered_where_it_fits_and_applied_once_verified(editor: Any, tmp_path: Path) -> None:
    uri = editor.open_script(tmp_path / "eggs.py", SCRIPT)
    action = named(await editor.actions(uri, LINE), "f-strings")
    assert named(await editor.actions(uri, 7), "f-strings") is None
    assert await editor.actions(uri, LINE, t.CodeActionTriggerKind.Automatic) == []
    taken = await editor.take(action, **({"token": "t1"} if editor.rich else {}))
    if editor.rich:
        assert action.kind == "refactor.rewrite.ai"
        [candidate] = taken["candidates"]
        assert candidate["receipt"]["verdict"] == "verified"
        assert candidate["receipt"]["reason"] == "Ran cells 2 and 3 before and after the change: all outputs are equal."
        assert candidate["edits"] == [{"uri": uri, "version": 1, "newText": FIXED}]
        assert editor.applied == [], "a rich client applies edits itself"
    else:
        [edit] = editor.applied
        change = edit.document_changes[0].edits if edit.document_changes else edit.changes[uri]
        assert "".join(each.new_text for each in change).startswith("f")


async def test_what_is_not_verified_is_not_applied(editor: Any, tmp_path: Path) -> None:
    uri = editor.open_script(tmp_path / "fails.py", "# %%\nprint('{}'.format(1))\n1 / 0\n")
    place = {"line": 1, "character": 0}
    if editor.rich:
        found = await editor.command("aiNotebook.improve", uri=uri, position=place, recipe="f-strings", token="t")
        assert found["candidates"][0]["receipt"]["verdict"] == "unchecked"
    else:
        with pytest.raises(JsonRpcException, match="already fails as it is"):
            await editor.command("aiNotebook.improve", uri=uri, position=place, recipe="f-strings")
    assert editor.applied == []


async def test_an_instruction_without_a_model_names_the_recipes(editor: Any, tmp_path: Path) -> None:
    uri = editor.open_script(tmp_path / "eggs.py", SCRIPT)
    with pytest.raises(JsonRpcException) as caught:
        await editor.command(
            "aiNotebook.improve", uri=uri, position={"line": LINE, "character": 0}, instruction="faster"
        )
    assert caught.value.data["kind"] == "ProviderUnavailable"
    assert "f-strings" in caught.value.data["hint"]
