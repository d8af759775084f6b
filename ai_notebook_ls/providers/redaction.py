"""Secrets are taken out of whatever goes to a model, and put back where its answer repeats them exactly.

What is one is decided in providers/secrets.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from ai_notebook_ls.core import magics
from ai_notebook_ls.providers.secrets import find
from ai_notebook_ls.providers.secrets.places import spans

LOOKALIKE = re.compile(r"<SECRET_\d+: [^>\n]*>")
"""A placeholder, or what somebody has written to look like one."""


class SecretRedactor:
    """The placeholders of one request: numbered within it, so that the same request is the same bytes (see ports.Redactor).

    Whatever looks like a placeholder before is replaced by one, too: each that leaves is ours, and who writes a cell cannot
    have a secret put where it was not.
    """

    def __init__(self, hide_personal: bool = False) -> None:
        self._hide_personal = hide_personal
        self._placeholders: dict[str, str] = {}
        self._finds: dict[str, Sequence[tuple[str, str]]] = {}
        """What was found in a text: each is read twice."""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """All so far, in order."""
        return tuple(self._placeholders.values())

    def redacted(self, text: str) -> str:
        """Return a text without secrets, new ones or those of the texts before."""
        found: dict[str, str] = dict.fromkeys(LOOKALIKE.findall(text), "text")
        if text not in self._finds:
            self._finds[text] = tuple(find(text, self._hide_personal))
        for kind, secret in self._finds[text]:
            found.setdefault(secret, kind)
        for secret in self._placeholders:
            found.setdefault(secret, "")
        pieces = []
        end = 0
        for start, stop, kind in spans(text, found):
            secret = text[start:stop]
            new = f"<SECRET_{len(self._placeholders) + 1}: {kind or 'password'}>"
            pieces += [text[end:start], self._placeholders.setdefault(secret, new)]
            end = stop
        return "".join([*pieces, text[end:]])

    def restore(self, source: str, own: str) -> str | None:
        """Return code with the cell's own secrets back; None if one would stand where the cell did not have it."""
        if not LOOKALIKE.search(source):
            return source
        own_lines = {line.strip() for line in own.split("\n")}
        own_texts = {text for _, text in _literals(own)}
        left = 0
        strange = set()
        for number, line in enumerate(source.split("\n"), 1):
            if LOOKALIKE.search(line) and self._back(line).strip() not in own_lines:
                strange.add(number)
                left += len(LOOKALIKE.findall(line))
        for number, text in _literals(source):
            if number in strange and self._back(text) in own_texts:
                left -= len(LOOKALIKE.findall(text))
        unknown = set(LOOKALIKE.findall(source)) - set(self._placeholders.values())
        return None if left or unknown else self._back(source)

    def _back(self, text: str) -> str:
        known = {placeholder: secret for secret, placeholder in self._placeholders.items()}
        return LOOKALIKE.sub(lambda match: known.get(match[0], match[0]), text)


def _literals(source: str) -> list[tuple[int, str]]:
    """The string literals, f-strings' parts too: the line where each begins, and its text."""
    tree = magics.parse(source)
    nodes = ast.walk(tree) if tree else ()
    return [
        (node.lineno, node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
