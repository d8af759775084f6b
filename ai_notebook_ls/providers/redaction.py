"""Secrets are taken out of whatever goes to a model, and put back where its answer repeats them exactly.

What is one is decided in providers/secrets.
"""

from __future__ import annotations

import ast
import re
import secrets
from collections.abc import Sequence

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.prompts import Message
from ai_notebook_ls.providers.secrets import find
from ai_notebook_ls.providers.secrets.places import spans


class SecretRedactor:
    """Replaces secrets by placeholders that stay the same as long as the process lives (see ports.Redactor)."""

    def __init__(self, hide_personal: bool = False) -> None:
        self._hide_personal = hide_personal
        self._placeholders: dict[str, str] = {}
        # Nobody who writes a cell can foresee a placeholder, to have a secret put into it.
        self._tag = secrets.token_hex(2)
        self._any = re.compile(rf"<SECRET_\d+_{self._tag}: [^>\n]*>")

    def redact(self, messages: Sequence[Message]) -> tuple[list[Message], tuple[str, ...]]:
        """Return the messages without secrets, and the placeholders that stand for them."""
        used: dict[str, None] = {}
        cleaned: list[Message] = [
            {"role": each["role"], "content": self._clean(each["content"], used)} for each in messages
        ]
        return cleaned, tuple(used)

    def redacted(self, text: str) -> str:
        """Return a text without secrets."""
        return self._clean(text, {})

    def restore(self, source: str, own: str) -> str | None:
        """Return code with the cell's own secrets back; None if one would stand where the cell did not have it."""
        if not self._any.search(source):
            return source
        own_lines = {line.strip() for line in own.split("\n")}
        own_texts = {text for _, text in _literals(own)}
        strange = {
            number
            for number, line in enumerate(source.split("\n"), 1)
            if self._any.search(line) and self._back(line).strip() not in own_lines
        }
        left = sum(len(self._any.findall(line)) for n, line in enumerate(source.split("\n"), 1) if n in strange)
        for number, text in _literals(source):
            if number in strange and self._back(text) in own_texts:
                left -= len(self._any.findall(text))
        restored = self._back(source)
        return None if left or self._any.search(restored) else restored

    def _back(self, text: str) -> str:
        for secret, placeholder in self._placeholders.items():
            text = text.replace(placeholder, secret)
        return text

    def _clean(self, text: str, used: dict[str, None]) -> str:
        found: dict[str, str] = {}
        for kind, secret in find(text, self._hide_personal):
            found.setdefault(secret, kind)
        for secret in self._placeholders:
            found.setdefault(secret, "")
        pieces, end = [], 0
        for start, stop, kind in spans(text, found):
            secret = text[start:stop]
            new = f"<SECRET_{len(self._placeholders) + 1}_{self._tag}: {kind or 'password'}>"
            placeholder = self._placeholders.setdefault(secret, new)
            used[placeholder] = None
            pieces += [text[end:start], placeholder]
            end = stop
        return "".join([*pieces, text[end:]])


def _literals(source: str) -> list[tuple[int, str]]:
    """The string literals, f-strings' parts too: the line where each begins, and its text."""
    tree = magics.parse(source)
    nodes = ast.walk(tree) if tree else ()
    return [
        (node.lineno, node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
