"""The openai provider against a server that does everything wrong, over a real socket."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import ProviderFailed, ProviderTrouble, ProviderUnavailable
from ai_notebook_ls.core.prompts import Message
from ai_notebook_ls.core.requests import ExplainRequest, Wording
from ai_notebook_ls.ports import Usage
from ai_notebook_ls.providers.chat import ChatProvider
from ai_notebook_ls.providers.keys import Keys
from ai_notebook_ls.providers.openai_compatible import Limits, OpenAIModel
from ai_notebook_ls.providers.presets import PRESETS, preset_of
from ai_notebook_ls.providers.records import AuditLog
from ai_notebook_ls.providers.redaction import SecretRedactor
from tests.providers.faults import ANSWERS, STREAMS, FaultServer, fault_server

KEY = "sk-canary-0123456789abcdef"
NO_KEYS = Keys(Path("none"), {})
LINE = "price_of_the_secret_thing = 41"
CHAT: list[Message] = [
    {"role": "system", "content": "You help. café"},
    {"role": "user", "content": LINE + "\n" + "x = 1\n" * 400},
]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with fault_server() as serving:
        yield serving


@pytest_asyncio.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    yield
    while MADE:
        await MADE.pop().close()


MADE: list[OpenAIModel] = []


def made(*arguments: Any) -> OpenAIModel:
    MADE.append(OpenAIModel(*arguments))
    return MADE[-1]


def model_of(server: FaultServer, mode: str, **limits: float) -> OpenAIModel:
    preset = preset_of(server.base_url, {})
    times = Limits(**{"first": 5.0, "total": 10.0, **limits})  # type: ignore[arg-type]
    return made(preset, mode, Keys(Path("none"), {"AI_NOTEBOOK_LS_API_KEY": KEY}), times)


async def answer(model: OpenAIModel) -> tuple[str, Usage]:
    pieces = [piece async for piece in model.stream(CHAT)]
    usage = pieces.pop()
    assert isinstance(usage, Usage)
    return "".join(map(str, pieces)), usage


async def trouble(model: OpenAIModel) -> tuple[ProviderTrouble, str]:
    """What is told, and the text that came before."""
    text = ""
    with pytest.raises(ProviderTrouble) as caught:
        async for piece in model.stream(CHAT):
            assert isinstance(piece, str), "an answer that fails has no end"
            text += piece
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value, text


async def test_what_a_model_thinks_aloud_is_no_answer(server: FaultServer) -> None:
    assert (await answer(model_of(server, "thinking")))[0] == "Hello"


@pytest.mark.parametrize("mode", ["good", "carriage", "old"])
async def test_an_answer_and_what_it_took(server: FaultServer, mode: str) -> None:
    text, usage = await answer(model_of(server, mode))
    assert text == "Hello"
    assert (usage.model, usage.prompt_tokens, usage.answer_tokens) == ("m-1", 600, 3)


async def test_characters_that_come_in_pieces(server: FaultServer) -> None:
    assert (await answer(model_of(server, "pieces")))[0] == "café\u2028😀"


FAULTS = {
    "cut": (ProviderFailed, "cut off", "Hello"),
    "reset": (ProviderFailed, "cut off", None),
    "unfinished": (ProviderFailed, "cut off", "Hello"),
    "length": (ProviderFailed, "Raise AI_NOTEBOOK_LS_ANSWER_TOKENS", "Hel"),
    "filter": (ProviderFailed, "content filter", "Hel"),
    "tools": (ProviderFailed, "The answer was empty", ""),
    "nothing": (ProviderFailed, "The answer was empty", ""),
    "empty": (ProviderFailed, "The answer was empty", ""),
    "blank": (ProviderFailed, "The answer was empty", ""),
    "thoughts": (ProviderFailed, "The answer was empty", ""),
    "flood": (ProviderFailed, "sends without end", ""),
    "zipped": (ProviderFailed, "compresses its answers", ""),
    "bad json": (ProviderFailed, "no chat completion", None),
    "list": (ProviderFailed, "no chat completion", ""),
    "null": (ProviderFailed, "no chat completion", ""),
    "deep": (ProviderFailed, "no chat completion", ""),
    "wrong types": (ProviderFailed, "The answer was empty", ""),
    "error within": (ProviderFailed, "CUDA out of memory", None),
    "error echo": (ProviderFailed, "The model's server failed.", ""),
    "huge": (ProviderFailed, "endless line", ""),
    "long": (ProviderFailed, "too long", None),
    "short prompt": (ProviderFailed, "OLLAMA_CONTEXT_LENGTH", "Hel"),
    "html": (ProviderFailed, "no chat completion", ""),
    "empty body": (ProviderFailed, "no chat completion", ""),
    "401": (ProviderUnavailable, "does not accept the key", ""),
    "403": (ProviderUnavailable, "does not accept the key", ""),
    "404": (ProviderUnavailable, "try pulling it first", ""),
    "404 html": (ProviderUnavailable, "no such model or address", ""),
    "407": (ProviderUnavailable, "The proxy wants a password", ""),
    "429": (ProviderFailed, "Ask again in 90 s", ""),
    "429 quota": (ProviderUnavailable, "quota", ""),
    "400 context": (ProviderFailed, "AI_NOTEBOOK_LS_PROMPT_TOKENS", ""),
    "422 echo": (ProviderFailed, "refused the request (422)", ""),
    "500": (ProviderFailed, "failed (500)", ""),
    "503": (ProviderFailed, "Loading model", ""),
    "endless": (ProviderFailed, "endless line", ""),
}


def test_each_way_to_misbehave_is_tried() -> None:
    others = {"good", "pieces", "carriage", "thinking", "window"}
    assert FAULTS.keys() >= (STREAMS.keys() | ANSWERS.keys()) - others


@pytest.mark.parametrize("mode", FAULTS)
async def test_what_goes_wrong_is_told(server: FaultServer, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kind, says, before = FAULTS[mode]
    error, text = await trouble(model_of(server, mode))
    assert type(error) is kind
    assert says in str(error)
    assert error.hint, "a person has to know what to do"
    if before is not None:
        assert text == before
    for told in (str(error), caplog.text):
        assert KEY not in told
        assert LINE not in told


async def test_a_window_that_is_full_is_told(server: FaultServer) -> None:
    long: list[Message] = [{"role": "user", "content": "x = 1\n" * 4_000}]
    with pytest.raises(ProviderFailed, match="dropped the rest"):
        async for _ in model_of(server, "window").stream(long):
            pass


@pytest.mark.parametrize("mode", ["hang", "slow", "drip"])
async def test_no_server_is_waited_for_in_vain(server: FaultServer, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ai_notebook_ls.providers.openai_compatible.IDLE", 0.5)
    error, _ = await trouble(model_of(server, mode, first=0.5, total=1.0))
    assert "no answer in time" in str(error)
    await asyncio.wait_for(server.left.wait(), 5)


async def test_one_more_attempt_and_no_more(server: FaultServer) -> None:
    server.failures = 1
    assert (await answer(model_of(server, "recovers")))[0] == "Hello"
    server.failures = 2
    error, _ = await trouble(model_of(server, "recovers"))
    assert "Loading model" in str(error)
    assert len(server.bodies) == 4


@pytest.mark.parametrize(("mode", "how"), [("slow", "cancel"), ("slow", "close"), ("hang", "cancel")])
async def test_stopping_closes_the_connection(server: FaultServer, mode: str, how: str) -> None:
    stream = model_of(server, mode).stream(CHAT)
    if how == "close":
        assert await anext(stream) == "Hel"
        await stream.aclose()
    else:
        task = asyncio.ensure_future(collect(stream))
        await asyncio.wait_for(server.begun.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.wait_for(server.left.wait(), 5)


async def test_who_stops_listening_to_an_explanation_closes_it(server: FaultServer) -> None:
    provider = ChatProvider(model_of(server, "slow"), SecretRedactor, AuditLog(None), Wording())
    cell = Cell("c", "x = 1")
    explained = provider.explain(ExplainRequest(Notebook("untitled:n", (cell,)), cell, None))
    assert await anext(explained) == "Hel"
    await explained.aclose()  # type: ignore[attr-defined]
    await asyncio.wait_for(server.left.wait(), 5)


async def test_a_long_answer_at_once_leaves_others_their_turn(server: FaultServer) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(other())
    before, at_each = 0, []
    async for piece in model_of(server, "many").stream(CHAT):
        if isinstance(piece, str):
            at_each.append(turns - before)
            before = turns
    task.cancel()
    assert len(at_each) > 10, "10,000 tokens come in pieces"
    assert all(at_each)


async def collect(stream: AsyncIterator[str | Usage]) -> list[str | Usage]:
    return [piece async for piece in stream]


async def test_a_local_server_works_on_one_request_at_a_time(server: FaultServer) -> None:
    model = model_of(server, "good")
    await asyncio.gather(*(answer(model) for _ in range(5)))
    assert server.most == 1


async def test_a_key_that_was_mended_is_taken(server: FaultServer) -> None:
    environment = {"AI_NOTEBOOK_LS_API_KEY": "sk-wrong-0123456789"}
    model = made(preset_of(server.base_url, {}), "401", Keys(Path("none"), environment), Limits())
    assert "does not accept the key" in str((await trouble(model))[0])
    environment["AI_NOTEBOOK_LS_API_KEY"] = KEY
    await trouble(model)
    assert server.headers[-1]["authorization"] == f"Bearer {KEY}"


async def test_what_would_be_sent_is_what_is_sent(server: FaultServer) -> None:
    model = model_of(server, "good")
    foreseen = await model.body(CHAT)
    assert server.bodies == []
    await answer(model)
    assert server.bodies == [foreseen]
    sent = json.loads(foreseen)
    assert sent["messages"] == CHAT
    assert (sent["stream"], sent["max_tokens"]) == (True, 2048)
    assert KEY.encode() not in foreseen


async def test_the_prompt_goes_to_nobody_else(server: FaultServer) -> None:
    async with fault_server() as other:
        server.elsewhere = other.base_url
        error, _ = await trouble(model_of(server, "redirect"))
        assert "another address" in str(error)
        assert other.bodies == []


async def test_no_proxy_gets_what_is_for_this_machine(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with fault_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.base_url.removesuffix("/v1"))
        assert (await answer(model_of(server, "good")))[0] == "Hello"
        assert proxy.headers == []


async def test_a_set_variable_of_the_sdk_changes_nothing(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-secret: of-somebody")
    assert (await answer(model_of(server, "good")))[0] == "Hello"
    assert "of-somebody" not in str(server.headers)
    assert not {"x-stainless-os", "x-stainless-arch"} & server.headers[-1].keys()


async def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    model = made(preset_of(url, {}), "m", NO_KEYS, Limits())
    error, _ = await trouble(model)
    assert type(error) is ProviderUnavailable
    assert "cannot be reached" in str(error)


async def test_https_where_there_is_none(server: FaultServer) -> None:
    model = made(preset_of(server.base_url.replace("http:", "https:"), {}), "good", NO_KEYS, Limits())
    error, _ = await trouble(model)
    assert "cannot be reached" in str(error) or "does not answer" in str(error)
    assert server.bodies == []


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ({"data": [{"id": "good"}]}, None),
        ({"data": None}, "It has none"),
        ({"data": [{"id": "good"}, {"id": "text-embedding-nomic"}]}, None),
        ({"data": [{"id": "a"}, {"id": "b"}]}, "It has a, b. Set AI_NOTEBOOK_LS_MODEL"),
        (["what"], "no OpenAI-compatible server"),
        ({"data": [{"id": f"m{place}"} for place in range(12)]}, "m6, m7 and 4 more. Set"),
        ({"data": [1, {"id": 2}]}, "It has none"),
    ],
)
async def test_the_model_is_found_where_there_is_but_one(server: FaultServer, listed: object, told: str | None) -> None:
    server.models = listed
    if told is None:
        assert (await answer(model_of(server, "")))[0] == "Hello"
    else:
        error, _ = await trouble(model_of(server, ""))
        assert told in str(error)


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        ({"max_model_len": 8192}, 8192),
        ({"meta": {"n_ctx_train": 8192, "n_ctx": 2048}}, 2048),
        ({"meta": {"n_ctx_train": 8192}}, 8192),
        ({"max_context_length": 32768, "loaded_context_length": 4096}, 4096),
        ({"meta": None, "max_model_len": "many"}, None),
    ],
)
async def test_a_window_that_the_server_tells_counts(server: FaultServer, entry: object, window: int | None) -> None:
    server.models = {"data": [{"id": "good", **entry}]}  # type: ignore[dict-item]
    model = model_of(server, "good")
    assert await model.window() == window


def test_a_key_is_wanted_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "keyring" else name)
    info = OpenAIModel(PRESETS["openai"], "m", NO_KEYS, Limits()).info
    assert not info.ready
    assert info.why is not None
    assert info.why.startswith("There is no key for https://api.openai.com. Run `ai-notebook-ls key set openai`")
    assert info.destination == "https://api.openai.com"


@pytest.mark.parametrize(
    "url", ["", "localhost:11434", "ftp://host", "http://", "http://h:99999", "gpt", "http://u:p@h/v1"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        preset_of(url, {})
    assert caught.value.hint


async def test_ollama_tells_the_window_of_what_it_has_loaded(server: FaultServer) -> None:
    model = made(replace(PRESETS["ollama"], base_url=server.base_url), "good", NO_KEYS, Limits())
    assert await model.window() == 4096
    server.loaded = {"models": [{"name": "good:latest", "context_length": 32_768}]}
    assert await model.window() == 32_768


async def test_prompt_and_answer_fit_into_the_window(server: FaultServer) -> None:
    server.models = {"data": [{"id": "good", "max_model_len": 2048}]}
    model = model_of(server, "good")
    assert await model.window() == 2048
    await answer(model)
    sent = json.loads(server.bodies[-1])
    characters = sum(len(each["content"]) for each in CHAT)
    assert sent["max_tokens"] == 2048 - characters // 3


async def test_a_server_that_did_not_answer_is_not_asked_at_once_again(server: FaultServer) -> None:
    server.models = ["no list"]
    model = model_of(server, "")
    assert await model.window() is None
    with pytest.raises(ProviderFailed, match="no OpenAI-compatible server"):
        await model.body(CHAT)
    await trouble(model)
    assert server.asked == ["/v1/models"]


async def test_a_server_elsewhere_is_reached_by_the_proxy(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.base_url.removesuffix("/v1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    model = made(preset_of("http://models.example.org", {}), "good", NO_KEYS, Limits())
    assert (await answer(model))[0] == "Hello"
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    error, _ = await trouble(made(preset_of("http://models.example.org", {}), "good", NO_KEYS, Limits()))
    assert "HTTP_PROXY" in error.hint
    assert "NO_PROXY=models.example.org" in error.hint


@pytest.mark.parametrize("mode", ["401", "422 echo", "cut"])
async def test_the_sdks_own_log_holds_no_key_and_no_prompt(server: FaultServer, tmp_path: Path, mode: str) -> None:
    path = tmp_path / "n.py"
    path.write_text(f"# %%\n{LINE}\n")
    own = {"PROVIDER": "openai", "BASE_URL": server.base_url, "MODEL": mode, "API_KEY": KEY}
    asked = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ai_notebook_ls", "ask", path, "Why?", "--cell", "1"),
        env={**os.environ, "OPENAI_LOG": "debug", **{f"AI_NOTEBOOK_LS_{name}": value for name, value in own.items()}},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asked.communicate()
    assert LINE.encode() in server.bodies[-1]
    assert b"DEBUG" in output, "it was asked to log all"
    assert KEY.encode() not in output
    assert LINE.encode() not in output


@pytest.mark.parametrize(
    ("url", "base_url", "local"),
    [
        ("ollama", "http://127.0.0.1:11434/v1", True),
        ("http://localhost:11434", "http://127.0.0.1:11434/v1", True),
        ("http://[::1]:8080/v1/", "http://[::1]:8080/v1", True),
        ("https://models.example.org/api/v3", "https://models.example.org/api/v3", False),
        ("http://10.0.0.7:8000", "http://10.0.0.7:8000/v1", False),
        ("http://127.0.0.1.evil.example/v1", "http://127.0.0.1.evil.example/v1", False),
    ],
)
def test_where_a_prompt_would_go(url: str, base_url: str, local: bool) -> None:
    preset = preset_of(url, {})
    assert (preset.base_url, preset.local) == (base_url, local)


def test_nothing_of_it_is_imported_before_it_is_asked(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom ai_notebook_ls import app\nfrom ai_notebook_ls.settings import *\n"
        "app.build(Settings(provider=ProviderSettings('openai', base_url='ollama')))\n"
        "print([each for each in ('openai', 'httpx2', 'pydantic', 'keyring') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
