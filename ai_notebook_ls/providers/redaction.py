"""Secrets are taken out of whatever goes to a model, and put back where its answer repeats them exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ai_notebook_ls.core.prompts import Message

PATTERNS = (("API key", re.compile(r"\b(?:sk|hf)[-_][A-Za-z0-9_-]{16,}")),)
"""What it is, and how it looks."""

PLACEHOLDER = re.compile(r"<SECRET_\d+[^>\n]*>")


class SecretRedactor:
    """Replaces secrets by placeholders that stay the same as long as the process lives (see ports.Redactor)."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}

    def redact(self, messages: Sequence[Message]) -> tuple[list[Message], tuple[str, ...]]:
        """Return the messages without secrets, and the placeholders that stand for them."""
        used: dict[str, None] = {}

        def clean(text: str) -> str:
            for kind, pattern in PATTERNS:
                for secret in dict.fromkeys(match[0] for match in pattern.finditer(text)):
                    placeholder = self._placeholders.setdefault(
                        secret, f"<SECRET_{len(self._placeholders) + 1}: {kind}>"
                    )
                    used[placeholder] = None
                    text = text.replace(secret, placeholder)
            return text

        cleaned: list[Message] = [{"role": each["role"], "content": clean(each["content"])} for each in messages]
        return cleaned, tuple(used)

    def restore(self, source: str, own: str) -> str | None:
        """Return code with the cell's own secrets back; None if it has a placeholder of anything else."""
        for secret, placeholder in self._placeholders.items():
            if secret in own:
                source = source.replace(placeholder, secret)
        return None if PLACEHOLDER.search(source) else source
