"""JSON-RPC messages as they come in: read, told apart, and refused with an error where nobody could handle them."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from lsprotocol import types as t

from ai_notebook_ls.lsp.errors import invalid_params, invalid_request, parse_error

DEPTH = 100
"""Levels of nesting; what recurses over a message (cattrs, the JSON encoder) ends at about a thousand."""

URI_LIMIT = 8192
"""Characters of a URI, since URIs are kept as keys; no file system has longer paths."""

_URIS = {"uri", "document", "rootUri"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_ONE = re.compile(r"\\u[dD][89a-fA-F]")

Id = str | int

UNREAD: Any = object()


@dataclass(frozen=True, slots=True)
class Message:
    """A message that can be handled."""

    kind: Literal["request", "notification", "answer"]
    id: Id | None
    """None for a notification, and for an answer that answers nothing of ours."""
    method: str
    """Empty for an answer."""
    content: dict[str, Any]
    params: Any = UNREAD
    """As lsprotocol has them, where they were read ahead."""


class Refused(Exception):
    """What came cannot be handled."""

    def __init__(self, error: t.ResponseError, msg_id: Id | None = None, *, to_answer: bool = True) -> None:
        super().__init__(error.message)
        self.error = error
        self.id = msg_id
        self.to_answer = to_answer
        """False for a notification and for an answer: JSON-RPC answers neither."""


def is_id(value: object) -> bool:
    """Whether a value is one of LSP's request ids: text or an integer."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def read(body: bytes | str) -> Message:
    """Read one message; lone surrogates become U+FFFD, so that every text can be encoded. Raises Refused."""
    try:
        text = body if isinstance(body, str) else body.decode()
        content = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Refused(parse_error()) from None
    if not isinstance(content, dict):
        raise Refused(invalid_request("it is not an object"))
    usable = is_id(content.get("id"))
    msg_id = content["id"] if usable else None
    if content.get("jsonrpc") != "2.0":
        raise Refused(invalid_request("it is not a JSON-RPC 2.0 message"), msg_id)
    message = _told_apart(content, msg_id)
    if (objection := _objection(message)) is not None:
        raise Refused(objection, msg_id, to_answer=message.kind == "request")
    if _may_hold_surrogate(body, text):
        # The same length in each of LSP's position encodings but UTF-8, where a lone surrogate has none.
        whole = json.loads(_SURROGATE.sub("\ufffd", json.dumps(content, ensure_ascii=False)))
        whole |= {"id": msg_id} if "id" in content else {}  # answered as it was given
        message = Message(message.kind, msg_id, _SURROGATE.sub("\ufffd", message.method), whole)
    return message


def _may_hold_surrogate(body: bytes | str, text: str) -> bool:
    """Whether a lone surrogate may be in a message; patterns take a tenth of a second for 10 MB, `in` a hundredth."""
    if isinstance(body, str) and not text.isascii() and _SURROGATE.search(text):
        return True
    return "\\u" in text and _ESCAPED_ONE.search(text) is not None


def _told_apart(content: dict[str, Any], msg_id: Id | None) -> Message:
    """Tell requests, notifications and answers apart. Raises Refused."""
    if "method" not in content:
        if "result" in content or "error" in content or msg_id is not None:
            return Message("answer", msg_id, "", content)
        raise Refused(invalid_request("it has no method"))
    method = content["method"]
    if not isinstance(method, str):
        raise Refused(invalid_request("its method is not text"), msg_id)
    if "id" not in content:
        return Message("notification", None, method, content)
    if msg_id is None:
        raise Refused(invalid_request("its id is neither text nor an integer"))
    return Message("request", msg_id, method, content)


def _finite(text: str) -> float:
    """Read a number that JSON can also write. Raises ValueError."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not a number that JSON has")
    return number


def _objection(message: Message) -> t.ResponseError | None:
    """Look through all of a message: what recurses over it must end, and a URI be a key and perhaps a path."""
    level: list[Any] = [message.content]
    for _ in range(DEPTH):
        below: list[Any] = []
        for node in level:
            children = node
            if isinstance(node, dict):
                children = node.values()
                for name in _URIS & node.keys():
                    if not _is_usable(node[name]):
                        return invalid_params(message.method, "a URI is too long or holds a NUL")
            below += [child for child in children if isinstance(child, dict | list)]
        if not below:
            return None
        level = below
    return invalid_request(f"it is nested more than {DEPTH} deep")


def _is_usable(uri: object) -> bool:
    return not isinstance(uri, str) or (len(uri) <= URI_LIMIT and "\0" not in uri and "%00" not in uri)
