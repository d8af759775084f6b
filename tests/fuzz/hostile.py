"""Hostile messages: every method of LSP's meta model and every command of ours, with values that nobody expects."""

from __future__ import annotations

import copy
import enum
import json
import random
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Union

import attrs
from lsprotocol import _hooks
from lsprotocol import types as t

NULL = "the answer whose id is null"
Expected = str | int | None
"""The id that is answered, NULL, or None for what is not answered."""

DOCUMENTS = ("file:///fuzz/one.py", "file:///fuzz/two.ipynb", "file:///fuzz/two.ipynb#a", "file:///fuzz/two.ipynb#b")
SOURCES = (
    "import os\nx = 1\n",
    "# %%\ny = x + 1\n# %%\nprint(y)\n",
    "",
    "((((",
    "\f\x1c\u2028\r\n",
    "x = '\U0001f600'\n",
)
COMMANDS = tuple(
    f"aiNotebook.{name}"
    for name in (
        *("run", "explain", "fix", "improve", "ask", "preview", "interrupt", "restart", "variables", "state"),
        *("history", "pin", "forget", "scratch", "complete", "sent", "nothing"),
    )
)
STARTS_KERNELS = ("run", "fix", "improve", "restart", "scratch")
"""A kernel takes a thousand times as long as a message: these mostly name documents that are not open."""
ENDS = {t.SHUTDOWN, t.EXIT, t.INITIALIZE}
METHODS = tuple(sorted(set(t.METHOD_TO_TYPES) - ENDS))
REQUESTS = frozenset(m for m, (shape, *_) in t.METHOD_TO_TYPES.items() if "id" in attrs.fields_dict(shape))


def deep(levels: int) -> str:
    """Return nested arrays."""
    return "[" * levels + "]" * levels


RAW = {
    f"@raw {number}@": text
    for number, text in enumerate(
        (*map(deep, (20, 90, 150, 700, 30_000)), "NaN", "-Infinity", "1e999", "1E+400", '{"a":1,"a":[]}', "1" * 5000)
    )
}
"""What json.dumps does not write, by what stands for it in a message that is being made."""
UNREADABLE = {name for name, text in RAW.items() if not text.startswith(("{", "[")) or len(text) > 10_000}

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, 2**31, -(2**63), 10**400, "", " ", "0", "x" * 1000, "null", "\0", "\ud800"),
    *(
        "\udfff\ud800",
        "\U0001f600",
        "\r\n",
        "../../etc/passwd",
        "__class__",
        "%",
        "%zz",
        "é" * 300,
        [],
        {},
        [[]],
        [None],
    ),
    *({"": None}, {"uri": {}}, {"jsonrpc": "2.0", "id": 1, "method": "exit"}, {"type_name": "1"}),
    *RAW,
)
URIS = (
    *(*DOCUMENTS, "file:///fuzz/none.py", "file:", "file://", "file:///", "file:///%00", "file:///a\0b.ipynb", "%"),
    *(
        "untitled:Untitled-1",
        "jupyter-drive:/x/y.ipynb",
        "http://localhost/x.ipynb",
        "file://host/share.ipynb",
        "\ud800",
    ),
    *("file:///dev/zero", "file:///fuzz/" + "a" * 9000, "file:///fuzz/two.ipynb#", "file:///fuzz/one.py#cell-1", "#"),
    *(
        "vscode-notebook-cell:/fuzz/two.ipynb#a",
        "file:///fuzz/" + "%F0%9F%98%80" * 9,
        "file:///C:/x.ipynb",
        "[",
        "//[::1",
    ),
)
FIELDS = (
    *("uri", "position", "version", "token", "mode", "failure", "recipe", "instruction", "scope", "question", "id"),
    *("conversation", "command", "code", "branch", "pinned", "ids", "offset", "text", "extra"),
)
WORDS = ("needed", "all", "cell", "notebook", "imports", "f-strings", "aiNotebook.fix", "x = 1", "a")


@dataclass(frozen=True, slots=True)
class Hostile:
    """One message, and what must come back."""

    body: str
    expected: Expected


class Source:
    """A stream of hostile messages, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = 0
        _hooks._resolve_forward_references()

    def __iter__(self) -> Iterator[Hostile]:
        while True:
            yield self.message()

    def message(self) -> Hostile:
        """Make the next message."""
        chance = self._random.random()
        if chance < 0.04:
            return self._no_message()
        if chance < 0.10:
            return self._odd_id()
        if chance < 0.13:
            return _unanswered({"id": self._value(), "result": self._value()})
        if chance < 0.16:
            return _unanswered({"method": "$/cancelRequest", "params": {"id": self._any_id()}})
        if chance < 0.45:
            return self._request("workspace/executeCommand", self._command())
        method = self._random.choice(METHODS) if self._random.random() < 0.97 else f"no/such{self._random.random()}"
        if self._random.random() < 0.02:
            return self._request(str(self._random.choice(("m" * 100_000, "\ud800", "", "initialize"))), self._value())
        shape = t.METHOD_TO_TYPES.get(method, (None,))[0]
        params = self._broken(self._like(attrs.fields_dict(shape)["params"].type, "params", 0) if shape else None)
        if method in REQUESTS or self._random.random() < 0.2:
            return self._request(method, params)
        return _unanswered({"method": method, "params": params})

    # -- kinds of messages -------------------------------------------------------------------------------------------

    def _request(self, method: str, params: Any) -> Hostile:
        self._number += 1
        number = self._number
        ids: tuple[Any, ...] = (number, f"id-{number}", -number, 2**70 + number, f"\ud800{number}", f"\0{number}")
        msg_id = self._random.choice(ids) if self._random.random() < 0.3 else number
        if self._random.random() < 0.0005:
            msg_id = f"{number}-" + "y" * 1_000_000
        content: dict[str, Any] = {"id": msg_id, "method": method, "params": params}
        if self._random.random() < 0.05:
            del content["params"]
        return Hostile(encoded(content), msg_id if _is_json(content) else NULL)

    def _odd_id(self) -> Hostile:
        odd = self._random.choice(([], {}, None, True, False, 1.5, [1], {"id": 1}, -0.5, "@raw 0@"))
        method = self._random.choice(METHODS)
        return Hostile(encoded({"id": odd, "method": method, "params": {}}), NULL)

    def _no_message(self) -> Hostile:
        levels = self._random.choice((200, 2000, 100_000 if self._random.random() < 0.05 else 900))
        bodies = ("", "{", "[]", "42", '"x"', "null", "[" * levels, '{"a":' * levels, "\ufeff{}", '{"jsonrpc":"2.0"}')
        more = ('{"jsonrpc":"1.0","method":"x"}', '{"jsonrpc":[]}', "[" * levels + "]" * levels, "{'a': 1}", "9" * 5000)
        batch = "[" + ",".join('{"jsonrpc":"2.0","id":1,"method":"shutdown"}' for _ in range(3)) + "]"
        return Hostile(self._random.choice((*bodies, *more, batch)), NULL)

    def _command(self) -> Any:
        command = self._random.choice(COMMANDS)
        arguments: Any = {name: self._field(name) for name in FIELDS if self._random.random() < 0.3}
        arguments["uri"] = self._uri()
        if command.endswith(STARTS_KERNELS) and self._random.random() < 0.999:
            arguments["uri"] = "file:///fuzz/none.py"
        if self._random.random() < 0.5:
            arguments = self._broken(arguments)
        arguments = [arguments] if self._random.random() < 0.9 else self._value()
        return {"command": command if self._random.random() < 0.95 else self._value(), "arguments": arguments}

    # -- values ------------------------------------------------------------------------------------------------------

    def _any_id(self) -> Any:
        return self._random.choice((self._number, self._number + 1, f"id-{self._number}", self._value()))

    def _value(self) -> Any:
        value = self._random.choice(VALUES)
        return copy.deepcopy(value) if isinstance(value, dict | list) else value

    def _uri(self) -> str:
        return self._random.choice(DOCUMENTS if self._random.random() < 0.5 else URIS)

    def _field(self, name: str) -> Any:
        if name == "position":
            return {"line": self._random.randrange(4), "character": self._random.randrange(4)}
        if name == "failure":
            return {"ename": "NameError", "evalue": "name 'x' is not defined", "traceback": ["x"]}
        return self._random.choice((self._random.choice(WORDS), self._random.randrange(9), self._value()))

    def _broken(self, value: Any) -> Any:
        """Put hostile values where others were."""
        for _ in range(self._random.choice((0, 1, 1, 2, 5))):
            places = list(_places(value))
            if not places:
                return self._value()
            node, key = self._random.choice(places)
            if self._random.random() < 0.2:
                del node[key]
            else:
                node[key] = self._value()
        return value

    def _like(self, kind: Any, name: str, depth: int) -> Any:
        """Make a value of a type of lsprotocol's."""
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if origin in (Union, types.UnionType):
            return self._like(self._random.choice(inner), name, depth)
        if origin is Literal:
            return inner[0]
        if kind is str or name.endswith(("uri", "Uri")):
            return self._uri() if name.endswith(("uri", "Uri", "document")) else self._random.choice(SOURCES)
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return self._random.choice(list(kind)).value
        if kind in (int, float, bool):
            return {int: self._random.randrange(5), float: 0.5, bool: True}[kind]
        if depth < 6 and isinstance(kind, type) and attrs.has(kind):
            return {
                _camel(field.name): self._like(field.type, _camel(field.name), depth + 1)
                for field in attrs.fields(kind)
                if field.default is attrs.NOTHING or self._random.random() < 0.2
            }
        if origin is not None and depth < 6 and inner:
            return [self._like(inner[0], name, depth + 1) for _ in range(self._random.randrange(3))]
        return None if kind is type(None) else self._value()


def encoded(content: dict[str, Any]) -> str:
    """Return a message as JSON, or nearly."""
    text = json.dumps({"jsonrpc": "2.0", **content}, separators=(",", ":"))
    return re.sub('"(@raw [0-9]+@)"', lambda found: RAW[found[1]], text) if "@raw " in text else text


def _is_json(content: Any) -> bool:
    """Whether a message can be read, so that its id is known."""
    if isinstance(content, dict):
        return all(map(_is_json, content.values()))
    if isinstance(content, list):
        return all(map(_is_json, content))
    return not isinstance(content, str) or content not in UNREADABLE


def _unanswered(content: dict[str, Any]) -> Hostile:
    return Hostile(encoded(content), None if _is_json(content) else NULL)


def _places(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    if depth < 8 and isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key], depth + 1)


def _camel(name: str) -> str:
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(word.capitalize() for word in rest)
