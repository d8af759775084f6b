"""Reading a streamed chat completion, as a server sends it and not only as it should.

Server-sent events (WHATWG HTML §9.2): lines end with LF, CRLF or CR; `data:` lines count, comments and the rest do not.
"""

from __future__ import annotations

import json
from typing import Any

from ai_notebook_ls.core.failures import ProviderFailed

LINE_LIMIT, ANSWER_LIMIT = 1_000_000, 400_000
"""Bytes of one event, and characters of an answer: far above what is read by anybody."""

THINK, THOUGHT = "<think>", "</think>"
"""How models think aloud within the answer, where the server does not tell that apart."""

NO_COMPLETION = (
    "The server sent something that is no chat completion.",
    "Check AI_NOTEBOOK_LS_BASE_URL, and the server.",
)


class Events:
    """What has come so far of one answer."""

    def __init__(self) -> None:
        self.characters = 0
        self.blank = True
        self.finish: str | None = None
        """Why the model ended; None as long as the server has not said."""
        self.ended = False
        self.model = ""
        self.prompt_tokens = 0
        self.answer_tokens = 0
        self._rest = b""
        self._thought: str | None = ""
        """What a reasoning model thinks aloud before its answer, as far as it has come; None once the answer begins."""

    def feed(self, chunk: bytes | None) -> str:
        """Take bytes, None at their end, and return the text that they bring. Raises ProviderFailed."""
        if chunk is None:
            self.ended = True
            return self._line(self._rest)
        *lines, self._rest = (self._rest + chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        if len(self._rest) > LINE_LIMIT:
            raise ProviderFailed("The server sends an endless line.", NO_COMPLETION[1])
        text = "".join(map(self._line, lines))
        self.characters += len(text)
        text = self._spoken(text)
        self.blank = self.blank and not text.strip()
        if self.characters > ANSWER_LIMIT:
            raise ProviderFailed("The answer is too long.", "Ask for something smaller, or choose another model.")
        return text

    def _spoken(self, text: str) -> str:
        if self._thought is None:
            return text
        self._thought += text
        begun = self._thought.lstrip()
        if begun.startswith(THINK):
            text = begun.partition(THOUGHT)[2].lstrip()
        else:
            text = "" if THINK.startswith(begun) else self._thought
        if text:
            self._thought = None
        return text

    def _line(self, line: bytes) -> str:
        if self.ended or not line.startswith(b"data:"):
            return ""
        data = line[5:].strip()
        if data == b"[DONE]":
            self.ended = True
            return ""
        try:
            return self._event(json.loads(data))
        except (ValueError, RecursionError):
            raise ProviderFailed(*NO_COMPLETION) from None

    def _event(self, event: Any) -> str:
        if not isinstance(event, dict):
            raise ProviderFailed(*NO_COMPLETION)
        if event.get("error"):
            raise ServerError(event["error"])
        if isinstance(usage := event.get("usage"), dict):
            self.prompt_tokens = _count(usage.get("prompt_tokens"))
            self.answer_tokens = _count(usage.get("completion_tokens"))
        if isinstance(event.get("model"), str):
            self.model = event["model"]
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return ""
        if isinstance(choice.get("finish_reason"), str):
            self.finish = choice["finish_reason"]
        delta = choice.get("delta")
        text = delta.get("content") if isinstance(delta, dict) else None
        return text if isinstance(text, str) else ""


class ServerError(Exception):
    """An error that a server tells within a stream that began well."""

    def __init__(self, body: object) -> None:
        super().__init__()
        self.body = body


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
