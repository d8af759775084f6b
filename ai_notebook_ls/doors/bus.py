"""One connection that several pages share without knowing of each other, as jupyter-lsp gives it to a language server.

What any page sends arrives here; what is sent from here, every page gets. So each page says `initialize`, opens the same
notebooks, counts its requests from 0, and would end the process for all others by `shutdown`. Towards the *session*
behind it the bus is one orderly client; it may be moved to another session, and no page notices.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ai_notebook_ls import __version__
from ai_notebook_ls.lsp.messages import Refused, read

logger = logging.getLogger(__name__)
Message = dict[str, Any]
Send = Callable[[Message], None]

OFFERED = {"textDocument/hover"}
"""The requests that are passed on. What edits, asks or shows something would do so in all pages at once."""
PASSED_BACK = {"textDocument/publishDiagnostics", "window/logMessage"}
CAPABILITIES = {
    "positionEncoding": "utf-16",  # the one that every client knows: there may be several
    "textDocumentSync": {"openClose": True, "change": 1, "save": {"includeText": False}},
    "hoverProvider": True,
}

METHOD_NOT_FOUND, NOT_INITIALIZED = -32601, -32002


@dataclass
class _Document:
    language: str
    text: str
    version: int = 0
    """Ours: each page counts its own."""
    open: int = 1
    """How many pages have it open, as far as they tell: JupyterLab never says that it closed one."""
    diagnostics: list[Any] = field(default_factory=list)


@dataclass
class _Request:
    id: Any
    """As the page numbered it."""
    method: str
    params: Any
    ambiguous: bool = False
    """Another page has asked something else by the same id: the first answer would be taken by both."""


class Bus:
    """What the pages have said so far, and the session that it is said to."""

    def __init__(self, to_pages: Send) -> None:
        self._to_pages = to_pages
        self._to_session: Send | None = None
        self._ready = False
        self._client: Message | None = None
        """The first page's `initialize`: they are all of one server, hence of one version."""
        self._settings: Any = None
        self._documents: dict[str, _Document] = {}
        self._waiting: dict[int, _Request] = {}
        self._numbers = itertools.count(1)
        self._first = 0

    # -- the session -------------------------------------------------------------------------------------------------

    def move(self, to_session: Send) -> None:
        """Go on with another session; it is told all that the last one knew, and asked what that did not answer."""
        self._to_session, self._ready = to_session, False
        if self._client is not None:
            self._greet()

    def from_session(self, message: Message) -> None:
        """Take what the session says."""
        method, number = message.get("method"), message.get("id")
        if method is None:
            if number == self._first and not self._ready:
                self._tell_all()
            elif (request := self._waiting.pop(number, None)) is not None:  # type: ignore[arg-type]
                self._answer(request, message)
        elif number is not None:
            self._send(id=number, error={"code": METHOD_NOT_FOUND, "message": "Nobody here could answer."})
        elif method in PASSED_BACK:
            if method == "textDocument/publishDiagnostics" and (
                document := self._documents.get(message["params"]["uri"])
            ):
                document.diagnostics = message["params"]["diagnostics"]
            self._to_pages(message)

    def _greet(self) -> None:
        assert self._client is not None
        self._first = next(self._numbers)
        # Only what texts are told in: nothing that a session would ask a client to do can be asked of several pages.
        said = self._client.get("capabilities")
        able = {"textDocument": (said.get("textDocument") if isinstance(said, dict) else None) or {}}
        self._send(method="initialize", id=self._first, params={**self._client, "capabilities": able})

    def _tell_all(self) -> None:
        self._ready = True
        self._send(method="initialized", params={})
        if self._settings is not None:
            self._send(method="workspace/didChangeConfiguration", params=self._settings)
        for uri, document in self._documents.items():
            self._open(uri, document)
            if document.diagnostics:  # the new session says so again, if it finds the same
                document.diagnostics = []
                self._show_diagnostics(uri, document)
        for number, request in self._waiting.items():
            self._send(method=request.method, id=number, params=request.params)

    def _send(self, **message: Any) -> None:
        if self._to_session is not None:
            self._to_session({"jsonrpc": "2.0", **message})

    # -- the pages ---------------------------------------------------------------------------------------------------

    def from_pages(self, body: bytes) -> None:
        """Take what some page says."""
        try:
            message = read(body)
        except Refused as refused:
            if refused.to_answer:
                self._refuse(refused.id, refused.error.code, refused.error.message)
            return
        params = message.content.get("params")
        try:
            if message.kind == "request":
                self._request(message.id, message.method, params)
            elif message.kind == "notification":
                self._notification(message.method, params)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            logger.error("A notification could not be read: %s (%s)", message.method[:80], type(error).__name__)

    def _request(self, number: Any, method: str, params: Any) -> None:
        if method == "initialize":
            server = {"name": "ai-notebook-ls", "version": __version__}
            self._to_pages(_result(number, {"capabilities": CAPABILITIES, "serverInfo": server}))
            if self._client is None:
                self._client = params if isinstance(params, dict) else {}
                self._greet()
        elif method == "shutdown":
            self._to_pages(_result(number, None))  # the others stay
        elif method not in OFFERED:
            self._refuse(number, METHOD_NOT_FOUND, f"{method[:80]} is not offered on a connection that pages share.")
        elif self._client is None:
            self._refuse(number, NOT_INITIALIZED, "The session is not initialized.")
        else:
            request = _Request(number, method, params)
            for other in self._waiting.values():
                if _same_id(other.id, number) and (other.method, other.params) != (method, params):
                    request.ambiguous = other.ambiguous = True
            ours = next(self._numbers)
            self._waiting[ours] = request
            if self._ready:
                self._send(method=method, id=ours, params=params)

    def _notification(self, method: str, params: Any) -> None:
        if method == "textDocument/didOpen":
            item = params["textDocument"]
            self._opened(item["uri"], item["languageId"], item["text"])
        elif method == "textDocument/didChange":
            self._changed(params["textDocument"]["uri"], params["contentChanges"])
        elif method == "textDocument/didClose":
            self._closed(params["textDocument"]["uri"])
        elif method == "textDocument/didSave":
            if self._ready and params["textDocument"]["uri"] in self._documents:
                self._send(method=method, params={"textDocument": {"uri": params["textDocument"]["uri"]}})
        elif method == "workspace/didChangeConfiguration":
            self._settings = params
            if self._ready:
                self._send(method=method, params=params)
        elif method == "$/cancelRequest":
            self._cancelled(params["id"])

    def _opened(self, uri: str, language: str, text: str) -> None:
        document = self._documents.get(uri)
        if document is None:
            document = self._documents[uri] = _Document(language, text)
            if self._ready:
                self._open(uri, document)
            return
        document.open += 1
        self._replace(uri, document, text)
        self._show_diagnostics(uri, document)  # the page that came last was not there when they were told

    def _changed(self, uri: str, changes: list[Any]) -> None:
        if "range" in changes[-1]:
            raise ValueError("our `textDocumentSync` takes whole texts only")
        text = changes[-1]["text"]
        document = self._documents.get(uri)
        if document is None:  # closed by another page, which had lost count
            self._opened(uri, "python", text)
        else:
            self._replace(uri, document, text)

    def _closed(self, uri: str) -> None:
        document = self._documents[uri]
        document.open -= 1
        if document.open <= 0:
            del self._documents[uri]
            if self._ready:
                self._send(method="textDocument/didClose", params={"textDocument": {"uri": uri}})

    def _cancelled(self, number: Any) -> None:
        ours = [ours for ours, request in self._waiting.items() if _same_id(request.id, number)]
        if len(ours) == 1 and self._ready:  # else nobody knows which of them
            self._send(method="$/cancelRequest", params={"id": ours[0]})

    # -- how ---------------------------------------------------------------------------------------------------------

    def _open(self, uri: str, document: _Document) -> None:
        document.version += 1
        item = {"uri": uri, "languageId": document.language, "version": document.version, "text": document.text}
        self._send(method="textDocument/didOpen", params={"textDocument": item})

    def _replace(self, uri: str, document: _Document, text: str) -> None:
        if text == document.text:
            return
        document.text = text
        if self._ready:
            document.version += 1
            identifier = {"uri": uri, "version": document.version}
            changes = [{"text": text}]
            self._send(method="textDocument/didChange", params={"textDocument": identifier, "contentChanges": changes})

    def _answer(self, request: _Request, answer: Message) -> None:
        if request.ambiguous:
            self._to_pages(_result(request.id, None))  # nothing shown is better than what another page asked about
        else:
            self._to_pages({**answer, "id": request.id})

    def _show_diagnostics(self, uri: str, document: _Document) -> None:
        params = {"uri": uri, "diagnostics": document.diagnostics}
        self._to_pages({"jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params})

    def _refuse(self, number: Any, code: int, message: str) -> None:
        self._to_pages({"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}})


def _same_id(one: Any, other: Any) -> bool:
    """Whether JSON-RPC ids are the same: 1 and "1" are not, nor are 1 and true."""
    return type(one) is type(other) and one == other


def _result(number: Any, result: Any) -> Message:
    return {"jsonrpc": "2.0", "id": number, "result": result}
