"""Several pages on one connection: to the session behind it they are one orderly client."""

import json
from typing import Any

import pytest

from ai_notebook_ls.doors.bus import Bus

URI = "file:///n.ipynb"


class Session:
    """What is behind the bus, as far as it listens."""

    def __init__(self, bus: Bus, answers_initialize: bool = True) -> None:
        self.bus = bus
        self.heard: list[dict[str, Any]] = []
        self.answers_initialize = answers_initialize
        bus.move(self.hear)

    def hear(self, message: dict[str, Any]) -> None:
        self.heard.append(message)
        if message.get("method") == "initialize" and self.answers_initialize:
            self.answer(message, {"capabilities": {}})

    def answer(self, request: dict[str, Any], result: Any) -> None:
        self.bus.from_session({"jsonrpc": "2.0", "id": request["id"], "result": result})

    def tell(self, method: str, params: Any, **more: Any) -> None:
        self.bus.from_session({"jsonrpc": "2.0", "method": method, "params": params, **more})

    def of(self, method: str) -> list[Any]:
        return [message for message in self.heard if message.get("method") == method]


class Pages:
    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.bus = Bus(self.seen.append)

    def say(self, method: str, params: Any = None, **more: Any) -> None:
        self.bus.from_pages(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode())

    def initialize(self, number: Any = 0) -> None:
        able = {"textDocument": {"hover": {}}, "workspace": {"applyEdit": True}, "experimental": {"aiNotebook": {}}}
        self.say("initialize", {"processId": None, "rootUri": "file:///", "capabilities": able}, id=number)
        self.say("initialized", {})

    def open(self, text: str = "x = 1\n", uri: str = URI) -> None:
        item = {"uri": uri, "languageId": "python", "version": 0, "text": text}
        self.say("textDocument/didOpen", {"textDocument": item})

    def change(self, text: str, version: int, uri: str = URI) -> None:
        identifier = {"uri": uri, "version": version}
        self.say("textDocument/didChange", {"textDocument": identifier, "contentChanges": [{"text": text}]})

    def close(self, uri: str = URI) -> None:
        self.say("textDocument/didClose", {"textDocument": {"uri": uri}})

    def hover(self, number: Any, line: int) -> None:
        self.say("textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": line}}, id=number)

    def answers(self, number: Any) -> list[Any]:
        return [message for message in self.seen if "method" not in message and message["id"] == number]


@pytest.fixture
def pages() -> Pages:
    return Pages()


def test_each_page_is_initialized_and_the_session_once(pages: Pages) -> None:
    pages.initialize(0)
    pages.initialize("page-2:0")
    session = Session(pages.bus)
    pages.initialize(0)
    assert len(pages.answers(0)) == 2
    (answer,) = pages.answers("page-2:0")
    assert answer["result"]["capabilities"]["hoverProvider"] is True
    assert not answer["result"]["capabilities"].keys() & {"codeActionProvider", "executeCommandProvider"}
    assert [message["method"] for message in session.heard] == ["initialize", "initialized"]
    assert session.heard[0]["params"]["capabilities"] == {"textDocument": {"hover": {}}}
    assert session.heard[0]["params"]["rootUri"] == "file:///"


def test_nothing_is_said_before_the_session_has_answered(pages: Pages) -> None:
    session = Session(pages.bus, answers_initialize=False)
    pages.initialize()
    pages.say("workspace/didChangeConfiguration", {"settings": {}})
    pages.open()
    pages.change("x = 2\n", 0)
    pages.hover(1, 0)
    assert [message["method"] for message in session.heard] == ["initialize"]
    session.answer(session.heard[0], {})
    assert [message["method"] for message in session.heard[1:]] == [
        "initialized",
        "workspace/didChangeConfiguration",
        "textDocument/didOpen",
        "textDocument/hover",
    ]
    assert session.of("textDocument/didOpen")[0]["params"]["textDocument"]["text"] == "x = 2\n"


def test_a_document_is_open_as_long_as_a_page_has_it(pages: Pages) -> None:
    session = Session(pages.bus)
    pages.initialize()
    pages.open()
    pages.change("x = 1\ny\n", 0)
    pages.change("x = 1\ny\nz\n", 1)
    pages.open("x = 1\ny\nz\n")  # another page, which begins to count anew
    pages.change("x = 1\n", 0)
    pages.close()
    pages.change("x = 3\n", 2)
    assert len(session.of("textDocument/didOpen")) == 1
    assert session.of("textDocument/didClose") == []
    changes = [message["params"] for message in session.of("textDocument/didChange")]
    assert [each["textDocument"]["version"] for each in changes] == [2, 3, 4, 5]
    assert changes[-1]["contentChanges"] == [{"text": "x = 3\n"}]
    pages.close()
    assert len(session.of("textDocument/didClose")) == 1
    pages.change("x = 4\n", 3)  # a page that was not counted
    assert session.of("textDocument/didOpen")[-1]["params"]["textDocument"]["text"] == "x = 4\n"


def test_ids_that_collide(pages: Pages) -> None:
    """The first answer of an id is taken by every page that waits for it."""
    session = Session(pages.bus)
    pages.initialize()
    pages.open()
    for number, line in ((7, 0), (7, 5), ("7", 1), (8, 2), (8, 2)):
        pages.hover(number, line)
    requests = session.of("textDocument/hover")
    assert len({message["id"] for message in requests}) == 5
    for message in reversed(requests):
        session.answer(message, f"line {message['params']['position']['line']}")
    assert [each["result"] for each in pages.answers(7)] == [None, None], "whose would it be?"
    assert [each["result"] for each in pages.answers("7")] == ["line 1"]
    assert [each["result"] for each in pages.answers(8)] == ["line 2", "line 2"], "both asked the same"
    pages.hover(7, 5)
    session.answer(session.of("textDocument/hover")[-1], "line 5")
    assert pages.answers(7)[-1]["result"] == "line 5"
    session.answer(requests[0], "late")
    assert len(pages.answers(7)) == 3


def test_cancelling_finds_its_request_unless_it_could_be_another_pages(pages: Pages) -> None:
    session = Session(pages.bus)
    pages.initialize()
    pages.hover(1, 0)
    pages.hover(2, 0)
    pages.hover(2, 1)
    for number in (1, 2, 3):
        pages.say("$/cancelRequest", {"id": number})
    (cancelled,) = session.of("$/cancelRequest")
    assert cancelled["params"]["id"] == session.of("textDocument/hover")[0]["id"]


def test_nobody_ends_it_for_the_others_and_nothing_else_is_offered(pages: Pages) -> None:
    session = Session(pages.bus)
    pages.say("textDocument/hover", {}, id="early")
    pages.initialize()
    pages.say("shutdown", id=1)
    pages.say("exit")
    pages.say("textDocument/codeAction", {}, id=2)
    pages.say("workspace/executeCommand", {"command": "aiNotebook.run"}, id=3)
    pages.bus.from_pages(b"{")
    pages.bus.from_pages(b'["list"]')
    pages.say("textDocument/didOpen", {"nothing": 1})
    pages.say("textDocument/didChange", None)
    pages.say("$/cancelRequest", [])
    pages.bus.from_pages(b'{"jsonrpc": "2.0", "id": 5, "result": null}')
    assert [message["method"] for message in session.heard] == ["initialize", "initialized"]
    assert pages.answers(1) == [{"jsonrpc": "2.0", "id": 1, "result": None}]
    codes = [message["error"]["code"] for message in pages.seen if "error" in message]
    assert codes == [-32002, -32601, -32601, -32700, -32600]
    session.tell("workspace/applyEdit", {"edit": {}}, id="s1")
    assert session.heard[-1]["error"]["code"] == -32601, "it would be done in each page"
    session.tell("window/showDocument", {})
    assert "window/showDocument" not in [message.get("method") for message in pages.seen]


def published(pages: Pages) -> list[Any]:
    return [m["params"]["diagnostics"] for m in pages.seen if m.get("method") == "textDocument/publishDiagnostics"]


def test_a_page_that_comes_later_is_told_the_diagnostics(pages: Pages) -> None:
    session = Session(pages.bus)
    pages.initialize()
    pages.open()
    session.tell("textDocument/publishDiagnostics", {"uri": URI, "diagnostics": [{"message": "m"}]})
    pages.open()
    assert published(pages) == [[{"message": "m"}]] * 2


def test_it_moves_to_another_session(pages: Pages) -> None:
    first = Session(pages.bus)
    pages.initialize()
    pages.say("workspace/didChangeConfiguration", {"settings": {"a": 1}})
    pages.open()
    pages.open("other\n", "file:///o.ipynb")
    pages.close("file:///o.ipynb")
    pages.change("x = 2\n", 0)
    first.tell("textDocument/publishDiagnostics", {"uri": URI, "diagnostics": [{"message": "m"}]})
    pages.hover(1, 0)
    second = Session(pages.bus)
    assert [message["method"] for message in second.heard] == [
        "initialize",
        "initialized",
        "workspace/didChangeConfiguration",
        "textDocument/didOpen",
        "textDocument/hover",
    ]
    assert second.of("textDocument/didOpen")[0]["params"]["textDocument"]["text"] == "x = 2\n"
    second.answer(second.of("textDocument/hover")[0], "from the second")
    assert [each["result"] for each in pages.answers(1)] == ["from the second"]
    assert published(pages) == [[{"message": "m"}], []], "what the first one said may no longer hold"
    assert len(pages.answers(0)) == 1, "no page notices"
