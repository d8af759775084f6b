"""The mock of a model: replies from a JSON Lines file, so that all that a model takes part in can be tried without one."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai_notebook_ls.core.failures import ProviderFailed, ProviderUnavailable
from ai_notebook_ls.core.prompts import Message
from ai_notebook_ls.ports import ProviderInfo, Usage

PIECE = 12
"""Characters streamed at once, about three tokens."""

SHAPE = 'Each line has to be like {"reply": "text"}, with "match", "delayMs" and "error" if wanted.'


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the script."""

    reply: str
    match: re.Pattern[str] | None = None
    """On the last message; None fits every one."""
    delay: float = 0.0
    """Seconds before the first piece."""
    error: str = ""
    """What the provider fails with, after the reply if there is one."""


class ScriptedModel:
    """Answers with the first unused entry that fits, in the order of the file (see protocol.md, Settings)."""

    def __init__(self, path: str) -> None:
        self._trouble: ProviderUnavailable | None = None
        self._unused: list[Entry] = []
        try:
            self._unused = read_script(path)
        except ProviderUnavailable as trouble:
            self._trouble = trouble

    @property
    def info(self) -> ProviderInfo:
        """Say whether the script can be used."""
        why = str(self._trouble) if self._trouble else None
        return ProviderInfo("scripted", model="scripted", ready=why is None, why=why)

    async def window(self) -> int | None:
        """Admit any length."""
        return None

    async def body(self, messages: Sequence[Message]) -> bytes:
        """Return the messages as JSON: they go nowhere."""
        return json.dumps(list(messages), ensure_ascii=False).encode("utf-8", "replace")

    async def stream(
        self, messages: Sequence[Message], again: Callable[[bytes], None] | None = None
    ) -> AsyncGenerator[str | Usage, None]:
        """Stream a reply in small pieces, then what it took. Raises ProviderUnavailable, ProviderFailed."""
        if self._trouble is not None:
            raise ProviderUnavailable(self._trouble.message, self._trouble.hint)
        began = time.monotonic()
        entry = self._take(messages[-1]["content"])
        await asyncio.sleep(entry.delay)
        for start in range(0, len(entry.reply), PIECE):
            yield entry.reply[start : start + PIECE]
            await asyncio.sleep(0)
        if entry.error:
            raise ProviderFailed(entry.error)
        prompt = sum(len(each["content"]) for each in messages)
        yield Usage("scripted", prompt // 4, len(entry.reply) // 4, time.monotonic() - began)

    async def close(self) -> None:
        """Do nothing."""

    def _take(self, content: str) -> Entry:
        for i, entry in enumerate(self._unused):
            if entry.match is None or entry.match.search(content):
                return self._unused.pop(i)
        raise ProviderFailed("The script has no unused reply that fits this request.", "Add a line to the script.")


def read_script(path: str) -> list[Entry]:
    """Read a script. Raises ProviderUnavailable, with a hint that names the line."""
    if not path:
        raise ProviderUnavailable("No script is set.", "Set AI_NOTEBOOK_LS_SCRIPT to a JSON Lines file of replies.")
    name = Path(path).name
    try:
        lines = Path(path).expanduser().read_text(encoding="utf-8").split("\n")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ProviderUnavailable(f"The script {name} cannot be read: {why}.", "Check AI_NOTEBOOK_LS_SCRIPT.") from None
    except ValueError:
        raise ProviderUnavailable(f"The script {name} is not UTF-8 text.", SHAPE) from None
    entries = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                entries.append(_entry(json.loads(line)))
            except (ValueError, TypeError, RecursionError, re.error) as error:
                raise ProviderUnavailable(
                    f"Line {number} of the script {name} cannot be used: {error}.", SHAPE
                ) from None
    return entries


def _entry(data: Any) -> Entry:
    """Read one line. Raises ValueError, TypeError, re.error."""
    if not isinstance(data, dict):
        raise TypeError("it is not an object")
    if unknown := data.keys() - {"match", "reply", "delayMs", "error"}:
        raise ValueError(f"it has an unknown field {min(unknown)!r}")
    for field in ("match", "reply", "error"):
        if not isinstance(data.get(field, ""), str):
            raise TypeError(f"{field!r} is not text")
    delay = data.get("delayMs", 0)
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay < 1e9:
        raise ValueError("'delayMs' is not a number of milliseconds")
    if "reply" not in data and "error" not in data:
        raise ValueError("it has neither 'reply' nor 'error'")
    match = re.compile(data["match"]) if data.get("match") else None
    return Entry(data.get("reply", ""), match, delay / 1000, data.get("error", ""))
