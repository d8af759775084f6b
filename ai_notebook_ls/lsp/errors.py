"""Failures as JSON-RPC errors (protocol.md, "Errors"): never a traceback."""

from __future__ import annotations

import asyncio

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from ai_notebook_ls.core.failures import AssistError, BadArguments, ContentModified, InternalError

ASSIST_ERROR = -32001
"""Everything that a user can be told and LSP has no code for; `data` holds {kind, hint}."""

NAME_SHOWN = 80
"""Characters of a method's name that an error repeats."""


def response_error(error: BaseException) -> t.ResponseError:
    """Return what the client is told about a failed request."""
    if isinstance(error, asyncio.CancelledError):
        return t.ResponseError(t.LSPErrorCodes.RequestCancelled.value, "Cancelled.")
    if isinstance(error, AssistError):
        code = ASSIST_ERROR
        if isinstance(error, ContentModified):
            code = t.LSPErrorCodes.ContentModified.value
        elif isinstance(error, BadArguments):
            code = t.ErrorCodes.InvalidParams.value
        return t.ResponseError(code, error.message, {"kind": error.kind, "hint": error.hint})
    if isinstance(error, JsonRpcException) and error.code is not None:
        return t.ResponseError(error.code, str(error.message))
    bug = InternalError()
    return t.ResponseError(t.ErrorCodes.InternalError.value, bug.message, {"kind": bug.kind, "hint": bug.hint})


def parse_error() -> t.ResponseError:
    """Return the answer to what is not JSON."""
    return t.ResponseError(t.ErrorCodes.ParseError.value, "The message is not valid JSON.")


def invalid_request(why: str) -> t.ResponseError:
    """Return the answer to JSON that is no request that can be taken."""
    return t.ResponseError(t.ErrorCodes.InvalidRequest.value, f"Invalid request: {why}.")


def invalid_params(method: str, why: str = "") -> t.ResponseError:
    """Return the answer to a request whose params do not fit its method."""
    reason = f": {why}" if why else ""
    return t.ResponseError(t.ErrorCodes.InvalidParams.value, f"The params do not fit {_shown(method)}{reason}.")


def method_not_found(method: str) -> t.ResponseError:
    """Return the answer to a method nobody knows."""
    return t.ResponseError(t.ErrorCodes.MethodNotFound.value, f"Method not found: {_shown(method)}.")


def not_initialized() -> t.ResponseError:
    """Return the answer to what comes before `initialize`."""
    return t.ResponseError(t.ErrorCodes.ServerNotInitialized.value, "The session is not initialized.")


def _shown(method: str) -> str:
    """Return as much of a method's name as is worth repeating: a client can make it as long as a message."""
    return method if len(method) <= NAME_SHOWN else f"{method[:NAME_SHOWN]}…"
