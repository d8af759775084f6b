from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ai_notebook_ls.app import choose_provider
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import ProviderFailed, ProviderUnavailable
from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.core.requests import ExplainRequest, FixRequest
from ai_notebook_ls.ports import Provider
from ai_notebook_ls.providers.chat import ChatProvider
from ai_notebook_ls.settings import ProviderSettings

BOOK = Notebook("file:///n.ipynb", (Cell("c1", "print(totl)"),))
EXPLAIN = ExplainRequest(BOOK, BOOK.cells[0])
FIX = FixRequest(BOOK, BOOK.cells[0], Failure("NameError", "name 'totl' is not defined", (), "c1", 0))


def of_script(path: str) -> ChatProvider:
    provider = choose_provider(ProviderSettings("scripted", path))
    assert isinstance(provider, ChatProvider)
    return provider


def scripted(folder: Path, *entries: Mapping[str, object]) -> ChatProvider:
    file = folder / "script.jsonl"
    file.write_text("\n".join(map(json.dumps, entries)) + "\n", encoding="utf-8")
    return of_script(str(file))


async def explained(provider: Provider) -> list[str]:
    return [text async for text in provider.explain(EXPLAIN) if isinstance(text, str)]


async def test_a_reply_comes_in_small_pieces(tmp_path: Path) -> None:
    reply = "This cell prints a total. ✓\n" * 5
    pieces = await explained(scripted(tmp_path, {"reply": reply}))
    assert "".join(pieces) == reply
    assert len(pieces) > 5


async def test_the_first_unused_entry_that_fits_answers(tmp_path: Path) -> None:
    provider = scripted(
        tmp_path, {"match": "NameError", "reply": "of a name"}, {"reply": "one"}, {"match": "print", "reply": "two"}
    )
    assert "".join(await explained(provider)) == "one"
    assert "".join(await explained(provider)) == "two"
    with pytest.raises(ProviderFailed, match="no unused reply"):
        await explained(provider)


async def test_a_block_becomes_a_candidate(tmp_path: Path) -> None:
    provider = scripted(tmp_path, {"reply": "A slip.\n```python\nprint(total)\n```"})
    (candidate,) = [each async for each in provider.candidates(FIX)]
    assert (candidate.origin, candidate.confidence) == ("model:scripted", "likely")
    assert [(edit.cell, edit.source) for edit in candidate.edits] == [("c1", "print(total)")]


@pytest.mark.parametrize("reply", ["", "I do not know.", "```python\nprint(totl)\n```", "```python\nprint(total)"])
async def test_an_answer_without_a_new_cell_says_so(tmp_path: Path, reply: str) -> None:
    provider = scripted(tmp_path, {"reply": reply})
    with pytest.raises(ProviderFailed, match="without a complete cell"):
        [each async for each in provider.candidates(FIX)]


async def test_an_empty_explanation_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ProviderFailed, match="empty"):
        await explained(scripted(tmp_path, {"reply": " \n"}))


async def test_an_error_comes_after_what_was_said(tmp_path: Path) -> None:
    provider = scripted(tmp_path, {"reply": "half a sent", "error": "The connection was lost."})
    said = ""
    with pytest.raises(ProviderFailed, match="connection was lost"):
        async for text in provider.explain(EXPLAIN):
            said += text
    assert said == "half a sent"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"reply": "a"}\n{"reply": ', "Line 2"),
        ("[1]", "not an object"),
        ('{"replay": "a"}', "unknown field 'replay'"),
        ('{"match": "a"}', "neither 'reply' nor 'error'"),
        ('{"reply": 1}', "'reply' is not text"),
        ('{"reply": "a", "match": "("}', "Line 1"),
        ('{"reply": "a", "delayMs": -1}', "'delayMs'"),
        ('{"reply": "a", "delayMs": "1"}', "'delayMs'"),
    ],
)
async def test_a_bad_script_says_which_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "script.jsonl"
    file.write_text(text)
    provider = of_script(str(file))
    assert not provider.info.ready
    assert says in str(provider.info.why)
    with pytest.raises(ProviderUnavailable, match=r"script\.jsonl") as caught:
        await explained(provider)
    assert "reply" in caught.value.hint
    assert str(tmp_path) not in str(caught.value)


async def test_a_missing_script_says_what_to_set(tmp_path: Path) -> None:
    for path in ("", str(tmp_path / "nowhere.jsonl"), str(tmp_path)):
        with pytest.raises(ProviderUnavailable) as caught:
            await explained(of_script(path))
        assert "AI_NOTEBOOK_LS_SCRIPT" in caught.value.hint
    (tmp_path / "latin.jsonl").write_bytes(b'{"reply": "\xe9"}')
    with pytest.raises(ProviderUnavailable, match="UTF-8"):
        await explained(of_script(str(tmp_path / "latin.jsonl")))


async def test_settings_choose_it(tmp_path: Path) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text('{"reply": "hello"}')
    provider = choose_provider(ProviderSettings(name="scripted", script=str(file)))
    assert provider is not None
    assert (provider.info.name, provider.info.ready) == ("scripted", True)
    assert "".join(await explained(provider)) == "hello"
