"""The repairs of pygls 2.1 that this server cannot live without; each has a test in tests/lsp/test_protocol.py.

They touch private names, hence the pin `pygls>=2.1,<2.2`. Upstream: #219 (one protocol for all connections), #517
(cancel), #607 (tokens kept); the others were not reported when this was written.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import logging
import threading
import uuid
from collections.abc import Callable, Generator
from concurrent.futures import Future
from dataclasses import replace
from functools import cache, partial
from typing import Any, TypeVar, Union, cast

import attrs
from cattrs import Converter
from lsprotocol import types as t
from lsprotocol.converters import get_converter
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import JsonRPCResponseMessage

from ai_notebook_ls.core.failures import BadArguments, textless
from ai_notebook_ls.lsp.errors import (
    invalid_params,
    invalid_request,
    method_not_found,
    not_initialized,
    response_error,
)
from ai_notebook_ls.lsp.messages import UNREAD, Id, Message, Refused, is_id, read
from ai_notebook_ls.lsp.text import Workspace

logger = logging.getLogger(__name__)
logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)  # it logs whole messages; what matters of it is logged here

H = TypeVar("H", bound=Callable[..., Any])
_builtin = cast(Callable[[str], Callable[[H], H]], lsp_method)

NOTIFICATIONS = frozenset(
    method for method, (message, *_) in t.METHOD_TO_TYPES.items() if "id" not in attrs.fields_dict(message)
)


LARGE = 200_000
"""Bytes of a message that is read in a thread: thousands of cells take a tenth of a second."""


@cache
def converter() -> Converter:
    """Return the converter of all sessions: each that is made compiles its own functions for each type.

    It takes values as they are; cattrs by itself makes text of a list, and a line number of "5".
    """
    made: Converter = get_converter(Converter(detailed_validation=False))
    nothing = type(None)
    kinds: dict[Any, tuple[type, ...]] = {
        str: (str,),
        int: (int,),
        bool: (bool,),
        float: (float, int),
        Union[int, str]: (int, str),  # noqa: UP007 - cattrs looks hooks up by these very types
        Union[int, str, None]: (int, str, nothing),  # noqa: UP007
        Union[t.CodeActionKind, str]: (str,),  # noqa: UP007 - enumerations that are open: any text will do
        Union[t.CodeActionKind, str, None]: (str, nothing),  # noqa: UP007
        Union[t.LanguageKind, str]: (str,),  # noqa: UP007
    }
    for kind, accepted in kinds.items():
        made.register_structure_hook(kind, partial(_as_it_is, accepted))
    return made


def _as_it_is(kinds: tuple[type, ...], value: Any, _: Any) -> Any:
    """Return a value that is of one of these types. Raises TypeError."""
    if int in kinds and isinstance(value, float) and value.is_integer():
        value = int(value)  # a client in Lua, say
    if (isinstance(value, bool) and bool not in kinds) or not isinstance(value, kinds):
        raise TypeError("a value of another type")
    return value


class Protocol(LanguageServerProtocol):
    """One connection's JSON-RPC: every request gets exactly one answer, whatever was sent."""

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.on_exit: Callable[[], None] = lambda: None
        """Closes this session; the process belongs to its door."""
        self.our_workspace = Workspace(None)
        self._encode = json.JSONEncoder(default=self._serialize_message, separators=(",", ":"), allow_nan=False).encode
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._unanswered: set[Id] = set()
        """Ids of the client's requests that were taken and have no answer yet."""

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]  # one without a cache
        """Return a message's type. Upstream remembers it in a cache of the class, which keeps ended sessions alive."""
        return cast("type[Any] | None", t.METHOD_TO_TYPES.get(method, (None,))[0])

    def get_result_type(self, method: str) -> type[Any] | None:  # type: ignore[override]
        """Return an answer's type, as above."""
        return cast("type[Any] | None", t.METHOD_TO_TYPES.get(method, (None, None))[1])

    def connect(self, write: Callable[[bytes], None], on_exit: Callable[[], None]) -> None:
        """Attach a connection; call it on the event loop. `write` takes one message's bytes and must not block."""
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self.on_exit = on_exit
        self.set_writer(_Writer(write), include_headers=False)

    def receive(self, body: bytes | str) -> None:
        """Take one message. Whatever it is, this returns, and a request has exactly one answer, now or later."""
        if (message := self._read(body)) is not None:
            self._handle(message)

    async def receive_in_turn(self, body: bytes | str) -> None:
        """Take one message, as above; a large one is read in a thread, and is waited for, so that order stays."""
        if len(body) <= LARGE:
            self.receive(body)
        elif (message := await asyncio.to_thread(self._read_ahead, body)) is not None:
            self._handle(message)

    def _read(self, body: bytes | str) -> Message | None:
        try:
            return read(body)
        except Refused as refused:
            self._refuse(refused)
        except Exception as error:  # the last resort: a bug of ours ends no session
            _log("A message could not be read", error)
            self._send_error(None, response_error(error))
        return None

    def _read_ahead(self, body: bytes | str) -> Message | None:
        """Read a message with its params; if they do not fit, that is told when its turn has come."""
        message = self._read(body)
        if message is None or message.kind == "answer":
            return message
        with contextlib.suppress(Refused):
            message = replace(message, params=self._params(message))
        return message

    def _handle(self, message: Message) -> None:
        try:
            if message.kind == "answer":
                self._take_answer(message)
            elif message.kind == "notification":
                self._take_notification(message)
            else:
                self._take_request(message)
        except Refused as refused:
            self._refuse(refused)
        except Exception as error:
            _log("A message could not be handled", error)
            if message.id in self._unanswered:
                self._send_response(cast(Any, message.id), error=response_error(error))

    def _refuse(self, refused: Refused) -> None:
        if refused.to_answer:
            self._send_error(refused.id, refused.error)
        else:
            logger.warning("A message was dropped: %s", refused.error.message)

    def _take_request(self, message: Message) -> None:
        """Begin with a request. Raises Refused if it cannot be taken now; upstream drops it or fails inside."""
        assert message.id is not None
        if (error := self._objection(message)) is not None:
            raise Refused(error, message.id)
        known = self._is_known(message.method)
        params = self._params(message)
        if not known:
            raise Refused(method_not_found(message.method), message.id)
        self._unanswered.add(message.id)
        contextvars.copy_context().run(self._handle_request, message.id, message.method, params)

    def _objection(self, request: Message) -> t.ResponseError | None:
        """Why a request cannot be taken now."""
        if request.id in self._unanswered or request.id in self._request_futures:
            return invalid_request("this request id is in use")
        if self._shutdown:
            return invalid_request("the session was shut down")
        if (self._workspace is None) != (request.method == t.INITIALIZE):
            return not_initialized() if self._workspace is None else invalid_request("the session is initialized")
        if request.method in NOTIFICATIONS:
            return invalid_request(f"{request.method} is a notification")
        return None

    def _take_notification(self, message: Message) -> None:
        """Handle a notification; LSP drops those before `initialize` and after `shutdown`, but for `exit`."""
        if message.method != t.EXIT and (self._workspace is None or self._shutdown):
            return
        if message.method != t.CANCEL_REQUEST and not self._is_known(message.method):
            return
        contextvars.copy_context().run(self._handle_notification, message.method, self._params(message))

    def _take_answer(self, message: Message) -> None:
        """Hand an answer to who asked. Raises Refused for what has an id and nothing else that JSON-RPC knows."""
        if message.id not in self._result_types:  # late (upstream raises, #621), or never asked
            if "result" not in message.content and "error" not in message.content:
                raise Refused(invalid_request("it has no method"), message.id)
            return
        shape = self._result_types.pop(cast(Any, message.id))
        result: Any = None
        error: t.ResponseError | None = None
        try:
            if "error" in message.content:
                error = self._converter.structure(message.content["error"], t.ResponseError)
            else:  # one that JavaScript has made of `undefined` has no result
                result = self._converter.structure({"result": None, **message.content}, shape).result
        except Exception:
            error = invalid_params("the question", "the answer is of another shape")
        self._handle_response(cast(Any, message.id), result, error)

    def _is_known(self, method: str) -> bool:
        return method in self.fm.builtin_features or method in self.fm.features

    def _params(self, message: Message) -> Any:
        """Return a message's params, as lsprotocol has them. Raises Refused if they do not fit.

        Upstream reads them as json's object_hook, so a nested key "jsonrpc" makes the request vanish; and it logs
        what does not fit, with its text.
        """
        if message.params is not UNREAD:
            return message.params
        params = message.content.get("params")
        if (shape := self.get_message_type(message.method)) is None:
            return params
        content = {"jsonrpc": "2.0", "method": message.method, "params": params}
        if message.kind == "request":
            content["id"] = message.id
        try:
            return self._converter.structure(content, shape).params
        except Exception:
            error = invalid_params(message.method)
            raise Refused(error, message.id, to_answer=message.kind == "request") from None

    def _handle_request(self, msg_id: Any, method_name: str, params: Any) -> None:
        """As upstream, but no traceback reaches the client."""
        self._ctx_msg_id.set(msg_id)
        callback = partial(self._send_handler_result, msg_id=msg_id)
        try:
            self._execute_handler(msg_id, self._get_handler(method_name), callback, (params,))
        except Exception as error:
            self._send_response(msg_id, error=response_error(error))

    def _execute_handler(
        self,
        msg_id: Any,
        handler: Any,
        callback: Any,
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Keep no finished future; upstream keeps one, with its result, for each async command and notification."""
        super()._execute_handler(msg_id, handler, callback, args, kwargs)
        future = self._request_futures.get(msg_id)
        if future is not None:
            future.add_done_callback(lambda _: self._forget(msg_id, future))

    def _forget(self, msg_id: Any, future: Future[Any]) -> None:
        if self._request_futures.get(msg_id) is future:
            del self._request_futures[msg_id]

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        """Cancel a request of the client's; upstream would cancel ours, too, and logs ids, which may be anything."""
        if is_id(msg_id) and msg_id in self._unanswered and (future := self._request_futures.pop(msg_id, None)):
            future.cancel()

    def _check_handler_result(self, future: Future[Any]) -> None:
        """Log that a notification's handler failed; upstream logs the error's text."""
        if not future.cancelled() and (error := future.exception()) is not None:
            _log("A notification could not be handled", error)

    def _send_response(self, msg_id: Any, result: Any = None, error: t.ResponseError | None = None) -> None:
        """Answer a request that was taken; there is no second answer."""
        if msg_id not in self._unanswered:
            logger.error("A request was about to be answered twice.")
            return
        self._unanswered.discard(msg_id)
        if error is not None:
            self._send_error(msg_id, error)
        elif isinstance(result, list):  # cattrs would look through all of it again
            self._send_data({"id": msg_id, "jsonrpc": "2.0", "result": result})
        else:
            self._send_data(JsonRPCResponseMessage(id=msg_id, jsonrpc="2.0", result=result))

    def _send_error(self, msg_id: Id | None, error: t.ResponseError) -> None:
        """Send an error; lsprotocol's own message lacks the id where it is null, which JSON-RPC wants."""
        self._send_data({"jsonrpc": "2.0", "id": msg_id, "error": self._converter.unstructure(error)})

    def _send_handler_result(self, future: Future[Any], *, msg_id: Any) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._send_response(msg_id, error=response_error(asyncio.CancelledError()))
        elif (error := future.exception()) is not None:
            if (answer := response_error(error)).code == t.ErrorCodes.InternalError.value:
                _log("A request failed", error)
            self._send_response(msg_id, error=answer)
        else:
            self._send_response(msg_id, result=future.result())

    def _send_data(self, data: Any) -> None:
        """Write on the loop's thread only, and answer even if a result cannot be put into JSON."""
        if self._loop is not None and threading.get_ident() != self._thread:
            self._loop.call_soon_threadsafe(self._send_data, data)
            return
        if self.writer is None:
            return
        try:
            body = self._encode(data)
        except (TypeError, ValueError, RecursionError) as error:
            _log("A message could not be written as JSON", error)
            if getattr(data, "method", None) is None and getattr(data, "id", None) is not None:
                self._send_error(data.id, response_error(error))
            return
        self.writer.write(body.encode())

    @_builtin(t.INITIALIZE)
    def lsp_initialize(self, params: t.InitializeParams) -> Generator[Any, Any, t.InitializeResult]:
        """Answer `initialize`, with a workspace that splits lines as LSP does."""
        result = yield from super().lsp_initialize(params)
        self._workspace = self.our_workspace = Workspace.like(self.workspace)
        result.capabilities.experimental = cast(Any, self._server).adopt()
        return result

    @_builtin(t.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override]  # pygls runs coroutines too
        self, params: t.ExecuteCommandParams
    ) -> Any:
        """Run a command as a plain coroutine, so that `$/cancelRequest` reaches it.

        Upstream runs it beside the request: a cancelled command answers -32800 and goes on to its end.
        """
        command = self.fm.commands.get(params.command)
        if command is None:
            raise BadArguments(f"There is no command {params.command!r}.", "Is the client newer than the server?")
        return await command(params)

    @_builtin(t.EXIT)
    def lsp_exit(self, *args: Any) -> None:  # type: ignore[override]  # pygls runs functions too
        """End the session. Upstream ends the process, and with it everybody else's session."""
        self.on_exit()

    @property
    def was_shut_down(self) -> bool:
        """Whether `shutdown` came; LSP's exit code depends on it."""
        return self._shutdown

    async def ask(self, method: str, params: Any) -> Any:
        """Send a request to the client; cancelled, withdraw it, so that no dialog outlives whom its answer was for."""
        msg_id = str(uuid.uuid4())
        try:
            return await self.send_request_async(method, params, msg_id)
        except asyncio.CancelledError:
            self._request_futures.pop(msg_id, None)
            self._result_types.pop(msg_id, None)
            self.notify(t.CANCEL_REQUEST, t.CancelParams(msg_id))
            raise

    def abandon(self) -> None:
        """Forget a lost connection: cancel what it asked for and send nothing any more."""
        self.writer = None
        for future in list(self._request_futures.values()):
            future.cancel()


class _Writer:
    """What pygls writes to."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write

    def write(self, data: bytes) -> None:
        self._write(data)

    def close(self) -> None:
        """Leave closing to the door."""


def _log(what: str, error: BaseException) -> None:
    """Log where something failed, but not the error's text: it may quote a cell."""
    logger.error("%s\n%s", what, textless(type(error), error.__traceback__))
