"""One test per repair of pygls 2.1 (lsp/protocol.py): an upgrade that changes them must fail here, loudly."""

import asyncio
import json
import logging
import threading
from typing import Any

import pytest
from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from ai_notebook_ls.core.failures import KernelDied
from ai_notebook_ls.lsp import wire

SECRET = "text-of-a-cell"


async def test_cancel_reaches_the_coroutine_of_a_command(peer: Any) -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    @peer.session.on_command("slow", wire.CellArguments)
    async def slow(arguments: wire.CellArguments) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    await peer.initialize()
    peer.send(id=7, method="workspace/executeCommand", params={"command": "slow", "arguments": [{"uri": "u"}]})
    await asyncio.wait_for(started.wait(), 5)
    peer.send(method="$/cancelRequest", params={"id": 7})
    answer = await peer.answer(7)
    assert answer["error"]["code"] == -32800
    await asyncio.wait_for(stopped.wait(), 5)
    assert len(peer.answers(7)) == 1


async def test_a_token_cancels_like_a_request_id(peer: Any) -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    @peer.session.on_command("slow", wire.CellArguments)
    async def slow(arguments: wire.CellArguments) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    await peer.initialize()
    arguments = [{"uri": "u", "token": "page/1"}]
    peer.send(id=1, method="workspace/executeCommand", params={"command": "slow", "arguments": arguments})
    await asyncio.wait_for(started.wait(), 5)
    peer.send(method="window/workDoneProgress/cancel", params={"token": "page/1"})
    assert (await peer.answer(1))["error"]["code"] == -32800
    await asyncio.wait_for(stopped.wait(), 5)


async def test_no_finished_future_is_kept(peer: Any) -> None:
    @peer.session.on_command("quick", wire.CellArguments)
    async def quick(arguments: wire.CellArguments) -> str:
        await asyncio.sleep(0)
        return "x" * 1000

    @peer.session.feature("textDocument/didSave")
    async def saved(params: t.DidSaveTextDocumentParams) -> str:
        await asyncio.sleep(0)
        return "x" * 1000

    await peer.initialize()
    for number in range(100):
        peer.send(method="textDocument/didSave", params={"textDocument": {"uri": "u"}})
        await peer.request("workspace/executeCommand", {"command": "quick", "arguments": [{"uri": "u"}]}, number)
    assert peer.session.protocol._request_futures == {}


async def test_a_request_whose_params_do_not_fit_is_answered(peer: Any) -> None:
    await peer.initialize()
    answer = await peer.request("textDocument/hover", {"position": "nowhere"})
    assert answer["error"]["code"] == -32602
    assert "data" not in answer["error"]


async def test_a_nested_key_named_jsonrpc_does_no_harm(peer: Any) -> None:
    @peer.session.on_command("echo", wire.CellArguments)
    async def echo(arguments: wire.CellArguments) -> str:
        return arguments.uri

    await peer.initialize()
    arguments = [{"uri": "u", "extra": {"jsonrpc": "2.0", "id": 1}}]
    answer = await peer.request("workspace/executeCommand", {"command": "echo", "arguments": arguments})
    assert answer["result"] == "u"


async def test_writes_happen_on_the_loops_thread(peer: Any) -> None:
    await peer.initialize()
    writers = []
    take = peer.session.protocol.writer._write
    peer.session.protocol.writer._write = lambda body: (writers.append(threading.get_ident()), take(body))
    thread = threading.Thread(target=peer.session.protocol.notify, args=("x/y", {"a": 1}))
    thread.start()
    await asyncio.to_thread(thread.join)
    await peer.request("shutdown")
    assert set(writers) == {threading.get_ident()}
    assert any(m.get("method") == "x/y" for m in peer.sent)


async def test_exit_ends_the_session_not_the_process(peer: Any) -> None:
    await peer.initialize()
    await peer.request("shutdown")
    peer.send(method="exit")
    assert peer.closed.is_set()
    assert peer.session.protocol.was_shut_down


async def test_no_traceback_reaches_the_client(peer: Any, caplog: pytest.LogCaptureFixture) -> None:
    @peer.session.on_command("bug", wire.CellArguments)
    async def bug(arguments: wire.CellArguments) -> None:
        raise ValueError(arguments.uri)

    @peer.session.feature("textDocument/hover")
    def hover(params: t.HoverParams) -> None:
        raise ValueError(params.text_document.uri)

    await peer.initialize()
    with caplog.at_level(logging.DEBUG):
        first = await peer.request("workspace/executeCommand", {"command": "bug", "arguments": [{"uri": SECRET}]})
        place = {"textDocument": {"uri": SECRET}, "position": {"line": 0, "character": 0}}
        second = await peer.request("textDocument/hover", place)
    for answer in (first, second):
        assert answer["error"]["code"] == -32603
        assert answer["error"]["data"]["kind"] == "InternalError"
    assert "Traceback" not in json.dumps(peer.sent)
    assert SECRET not in json.dumps(peer.sent) + caplog.text
    assert "ValueError" in caplog.text, "the log says what failed"


async def test_our_failures_travel_with_kind_and_hint(peer: Any) -> None:
    @peer.session.on_command("die", wire.CellArguments)
    async def die(arguments: wire.CellArguments) -> None:
        raise KernelDied("exit code 3")

    await peer.initialize()
    answer = await peer.request("workspace/executeCommand", {"command": "die", "arguments": [{"uri": "u"}]})
    assert answer["error"]["code"] == -32001
    assert answer["error"]["data"] == {"kind": "KernelDied", "hint": KernelDied.hint or KernelDied("").hint}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{not json", -32700),
        (b"\xff\xfe\x00", -32700),
        ("[" * 100_000, -32700),
        ("[]", -32600),
        ("42", -32600),
        ('{"id": 3, "method": "shutdown"}', -32600),
    ],
)
async def test_nonsense_is_answered_and_the_session_goes_on(peer: Any, body: Any, code: int) -> None:
    await peer.initialize()
    before = len(peer.sent)
    peer.session.protocol.receive(body)
    assert peer.sent[before]["error"]["code"] == code
    assert (await peer.request("shutdown"))["result"] is None


async def test_requests_out_of_turn_are_refused(peer: Any) -> None:
    assert (await peer.request("textDocument/hover", {}, 1))["error"]["code"] in (-32002, -32602)
    assert (await peer.request("shutdown", None, 2))["error"]["code"] == -32002
    await peer.initialize()
    await peer.request("shutdown", None, 3)
    assert (await peer.request("workspace/executeCommand", {"command": "x"}, 4))["error"]["code"] == -32600


async def test_a_duplicate_id_does_not_take_the_first_ones_answer(peer: Any) -> None:
    gate = asyncio.Event()

    @peer.session.on_command("wait", wire.CellArguments)
    async def wait(arguments: wire.CellArguments) -> str:
        await gate.wait()
        return "done"

    await peer.initialize()
    request = {"command": "wait", "arguments": [{"uri": "u"}]}
    peer.send(id=5, method="workspace/executeCommand", params=request)
    await asyncio.sleep(0)
    peer.send(id=5, method="workspace/executeCommand", params=request)
    assert (await peer.answer(5))["error"]["code"] == -32600
    gate.set()
    async with asyncio.timeout(5):
        while len(peer.answers(5)) < 2:
            await asyncio.sleep(0)
    assert peer.answers(5)[1]["result"] == "done"


async def test_unknown_methods_and_commands(peer: Any) -> None:
    await peer.initialize()
    assert (await peer.request("no/such"))["error"]["code"] == -32601
    assert (await peer.request("workspace/executeCommand", {"command": "nope"}))["error"]["code"] == -32602
    peer.send(method="$/cancelRequest", params={"id": "never sent"})
    peer.send(method="no/suchNotification", params={})
    peer.send(
        method="textDocument/didChange", params={"textDocument": {"uri": "closed", "version": 2}, "contentChanges": []}
    )
    peer.send(id="nobody asked", result=None)
    assert (await peer.request("shutdown"))["result"] is None
    assert not [m for m in peer.sent if m.get("method") == "window/showMessage"], "no pop-ups"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (None, "object"),
        ([], "object"),
        (["text"], "object"),
        ([{}], "uri"),
        ([{"uri": 5}], "uri"),
        ([{"uri": "u", "mode": "sideways"}], "mode"),
        ([{"uri": "u", "position": "here"}], "position"),
    ],
)
async def test_wrong_command_arguments_name_the_field(peer: Any, arguments: Any, named: str) -> None:
    @peer.session.on_command("run", wire.RunArguments)
    async def run(arguments: wire.RunArguments) -> None:
        raise AssertionError("not called")

    await peer.initialize()
    answer = await peer.request("workspace/executeCommand", {"command": "run", "arguments": arguments})
    assert answer["error"]["code"] == -32602
    assert named in answer["error"]["message"]


HERE = {"line": 0, "character": 0}
DEEP = [200, 900, 20_000]


@pytest.mark.parametrize("msg_id", [[], {}, None, True, False, 1.5, [1], {"id": 1}])
async def test_a_request_with_an_unusable_id_is_answered_with_none(peer: Any, msg_id: Any) -> None:
    await peer.initialize()
    before = len(peer.sent)
    peer.send(id=msg_id, method="shutdown")
    (answer,) = peer.sent[before:]
    assert answer["id"] is None
    assert answer["error"]["code"] == -32600
    assert (await peer.request("shutdown"))["result"] is None, "it was not done"


@pytest.mark.parametrize("msg_id", [0, -1, 2**70, "", "x" * 1_000_000, "\ud800", "\0"])
async def test_a_request_with_an_odd_id_is_answered_by_it(peer: Any, msg_id: Any) -> None:
    await peer.initialize()
    peer.send(id=msg_id, method="workspace/executeCommand", params={"command": "\ud800"})
    assert (await peer.answer(msg_id))["error"]["code"] == -32602
    assert len(peer.answers(msg_id)) == 1


@pytest.mark.parametrize("levels", DEEP)
@pytest.mark.parametrize("method", ["textDocument/hover", "no/such", "workspace/executeCommand", "codeAction/resolve"])
async def test_a_deep_tree_is_refused(peer: Any, levels: int, method: str) -> None:
    await peer.initialize()
    before = len(peer.sent)
    tree = "[" * levels + "]" * levels
    peer.session.protocol.receive(f'{{"jsonrpc": "2.0", "id": 1, "method": "{method}", "params": {{"data": {tree}}}}}')
    (answer,) = peer.sent[before:]
    assert answer["error"]["code"] in (-32600, -32700)
    assert (await peer.request("shutdown"))["result"] is None


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "9" * 5000])
async def test_numbers_that_json_cannot_write_are_not_read(peer: Any, number: str) -> None:
    await peer.initialize()
    before = len(peer.sent)
    peer.session.protocol.receive(f'{{"jsonrpc": "2.0", "id": 1, "method": "shutdown", "params": {number}}}')
    assert [answer["error"]["code"] for answer in peer.sent[before:]] == [-32700]


async def test_a_lone_surrogate_is_text_that_can_be_encoded(peer: Any) -> None:
    @peer.session.on_command("echo", wire.CellArguments)
    async def echo(arguments: wire.CellArguments) -> str:
        return peer.session.documents.notebook(arguments.uri).text

    await peer.initialize()
    item = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": "x = '\ud800' + '\U0001f600'"}
    peer.send(method="textDocument/didOpen", params={"textDocument": item})
    answer = await peer.request("workspace/executeCommand", {"command": "echo", "arguments": [{"uri": item["uri"]}]})
    assert answer["result"] == "x = '\ufffd' + '\U0001f600'"


@pytest.mark.parametrize("uri", ["file:///a\0b.ipynb", "file:///a%00b.ipynb", "file:///" + "a" * 9000])
async def test_a_uri_that_names_nothing_is_refused(peer: Any, uri: str) -> None:
    await peer.initialize()
    place = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    assert (await peer.request("textDocument/hover", place))["error"]["code"] == -32602
    arguments = {"command": "run", "arguments": [{"uri": uri}]}
    assert (await peer.request("workspace/executeCommand", arguments))["error"]["code"] == -32602


@pytest.mark.parametrize("token", [{}, [], True, 1.5])
async def test_a_token_is_text_or_an_integer(peer: Any, token: Any) -> None:
    @peer.session.on_command("run", wire.RunArguments)
    async def run(arguments: wire.RunArguments) -> None:
        raise AssertionError("not called")

    await peer.initialize()
    arguments = {"command": "run", "arguments": [{"uri": "u", "token": token}]}
    answer = await peer.request("workspace/executeCommand", arguments)
    assert answer["error"]["code"] == -32602
    assert "token" in answer["error"]["message"]
    peer.send(method="window/workDoneProgress/cancel", params={"token": token})
    assert (await peer.request("shutdown"))["result"] is None


@pytest.mark.parametrize(
    "position",
    [{"line": True, "character": 0}, {"line": "0", "character": 0}, {"line": -1, "character": 0}, [], "", 0.5],
)
async def test_params_of_another_type_are_not_made_to_fit(peer: Any, position: Any) -> None:
    @peer.session.feature("textDocument/hover")
    def hover(params: t.HoverParams) -> None:
        raise AssertionError("not called")

    await peer.initialize()
    answer = await peer.request("textDocument/hover", {"textDocument": {"uri": "u"}, "position": position})
    assert answer["error"]["code"] == -32602


async def test_what_is_no_answer_to_us_changes_nothing(peer: Any) -> None:
    gate = asyncio.Event()

    @peer.session.on_command("wait", wire.CellArguments)
    async def wait(arguments: wire.CellArguments) -> str:
        await gate.wait()
        return "done"

    await peer.initialize()
    peer.send(id=5, method="workspace/executeCommand", params={"command": "wait", "arguments": [{"uri": "u"}]})
    await asyncio.sleep(0)
    for odd in (5, [], {}, None, 1.5, "never sent"):
        peer.send(id=odd, result={"jsonrpc": "2.0"})
        peer.send(id=odd, error={"code": 1, "message": ""})
        if odd != 5:
            peer.send(method="$/cancelRequest", params={"id": odd})
    gate.set()
    assert (await peer.answer(5))["result"] == "done"
    assert len(peer.answers(5)) == 1


async def test_an_answer_of_another_shape_ends_the_question(peer: Any) -> None:
    await peer.initialize()
    params = t.ShowMessageRequestParams(t.MessageType.Info, "?", [])

    async def answered(**answer: Any) -> Any:
        question = asyncio.ensure_future(peer.session.window_show_message_request_async(params))
        await asyncio.sleep(0)
        peer.send(id=peer.sent[-1]["id"], **answer)
        return await asyncio.wait_for(question, 5)

    with pytest.raises(JsonRpcException):
        await answered(result=[{"title": 5}])
    assert await answered() is None, "JSON.stringify leaves out what is undefined"


async def test_requests_and_notifications_are_not_taken_for_each_other(peer: Any) -> None:
    await peer.initialize()
    for method in ("exit", "textDocument/didOpen", "$/cancelRequest"):
        assert (await peer.request(method))["error"]["code"] == -32600
    peer.send(method="shutdown")
    kinds = {
        "textDocument": {"uri": "u"},
        "range": {"start": HERE, "end": HERE},
        "context": {"diagnostics": [], "only": [0]},
    }
    assert (await peer.request("textDocument/codeAction", kinds))["error"]["code"] == -32602
    params = {"processId": None, "rootUri": None, "capabilities": {}}
    assert (await peer.request("initialize", params))["error"]["code"] == -32600, "once is enough"
    assert not peer.closed.is_set()
    assert (await peer.request("no/such" * 100_000))["error"]["code"] == -32601
    assert len(json.dumps(peer.sent[-1]["error"])) < 1000
    assert (await peer.request("shutdown"))["result"] is None


async def test_a_bug_before_or_in_a_handler_costs_one_answer(peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await peer.initialize()
    with monkeypatch.context() as patch:
        patch.setattr(peer.session.protocol, "_handle_request", lambda *_: 1 / 0)
        assert (await peer.request("shutdown"))["error"]["code"] == -32603
    with monkeypatch.context() as patch:
        patch.setattr("ai_notebook_ls.lsp.protocol.read", lambda body: 1 / 0)
        peer.send(id=9, method="shutdown")
        assert peer.sent[-1]["error"]["code"] == -32603
    assert (await peer.request("shutdown"))["result"] is None


async def test_an_ended_session_is_forgotten(peer: Any) -> None:
    import gc
    import weakref

    await peer.initialize()
    protocol = weakref.ref(peer.session.protocol)
    peer.session.abandon()
    del peer.session
    gc.collect()
    assert protocol() is None, "its documents would be kept, too"


async def test_a_question_that_nobody_waits_for_is_withdrawn(peer: Any) -> None:
    await peer.initialize()
    params = t.ShowMessageRequestParams(t.MessageType.Warning, "Run them?")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(peer.session.protocol.ask(t.WINDOW_SHOW_MESSAGE_REQUEST, params), 0.01)
    [question] = [each for each in peer.sent if each.get("method") == t.WINDOW_SHOW_MESSAGE_REQUEST]
    assert peer.sent[-1] == {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": question["id"]}}
    peer.send(id=question["id"], result={"title": "Run them"})  # too late, and no harm
    assert not peer.session.protocol._request_futures
