"""The repairs of pygls 2.1 that this server cannot live without; each has a test in tests/lsp/test_protocol.py.

They touch private names, hence the pin `pygls>=2.1,<2.2`. Upstream: #219 (one protocol for all connections), #517
(cancel), #607 (tokens kept); the others were not reported when this was written.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import threading
import traceback
from collections.abc import Callable, Generator
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar, cast

from lsprotocol import types as t
from pygls.protocol import LanguageServerProtocol, lsp_method

from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.lsp.errors import invalid_params, invalid_request, method_not_found, parse_error, response_error
from ai_notebook_ls.lsp.text import Workspace

logger = logging.getLogger(__name__)
# pygls logs whole messages, that is cell contents, at every level down from ERROR.
logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)

H = TypeVar("H", bound=Callable[..., Any])
_builtin = cast(Callable[[str], Callable[[H], H]], lsp_method)


class Protocol(LanguageServerProtocol):
    """One connection's JSON-RPC: every request gets exactly one answer, whatever was sent."""

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.on_exit: Callable[[], None] = lambda: None
        """Closes this session; the process belongs to its door."""
        self.our_workspace = Workspace(None)
        self._encode = json.JSONEncoder(default=self._serialize_message, separators=(",", ":")).encode
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0

    def connect(self, write: Callable[[bytes], None], on_exit: Callable[[], None]) -> None:
        """Attach a connection; call it on the event loop. `write` takes one message's bytes and must not block."""
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self.on_exit = on_exit
        self.set_writer(_Writer(write), include_headers=False)

    def receive(self, body: bytes | str) -> None:
        """Take one message; what is wrong with it is answered, never raised."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            self._send_response(cast(Any, None), error=parse_error())
            return
        if not isinstance(data, dict) or data.get("jsonrpc") != "2.0":
            msg_id = data.get("id") if isinstance(data, dict) else None
            self._send_response(cast(Any, msg_id), error=invalid_request("not a JSON-RPC 2.0 message"))
            return
        is_request = "method" in data and "id" in data
        try:
            # Upstream passes this as json's object_hook, so a nested key "jsonrpc" makes the request vanish.
            message = self.structure_message(data)
        except Exception as error:
            _log("A message could not be read", error)
            if is_request:  # upstream answers nothing here (json_rpc.py, structure_message)
                self._send_response(data["id"], error=invalid_params(data.get("method")))
            return
        if not is_request:
            self._take(message)
        elif (refusal := self._refuse(message)) is not None:
            self._send_response(message.id, error=refusal)
        else:
            context = contextvars.copy_context()
            context.run(self._handle_request, message.id, message.method, message.params)

    def _take(self, message: Any) -> None:
        """Handle a notification or an answer; a late answer to something cancelled raises upstream (#621)."""
        try:
            self.handle_message(message)
        except Exception as error:
            _log("A notification or an answer could not be handled", error)

    def _refuse(self, request: Any) -> t.ResponseError | None:
        """Why this request cannot be taken now; upstream drops it or fails inside."""
        if self._shutdown:
            return invalid_request("the session was shut down")
        if self._workspace is None and request.method != t.INITIALIZE:
            return t.ResponseError(t.ErrorCodes.ServerNotInitialized.value, "The session is not initialized.")
        if request.id in self._request_futures:
            return invalid_request("this request id is in use")
        return None

    def _handle_request(self, msg_id: Any, method_name: str, params: Any) -> None:
        """As upstream, but no traceback reaches the client."""
        try:
            handler = self._get_handler(method_name)
        except Exception:
            self._send_response(msg_id, error=method_not_found(method_name))
            return
        self._ctx_msg_id.set(msg_id)
        callback = partial(self._send_handler_result, msg_id=msg_id)
        try:
            self._execute_handler(msg_id, handler, callback, (params,))
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
                self._send_response(data.id, error=response_error(error))
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
    place = "".join(traceback.format_tb(error.__traceback__)[-3:])
    logger.error("%s: %s\n%s", what, type(error).__name__, place)
