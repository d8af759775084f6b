"""Secrets are taken out of whatever goes to a model, and put back where its answer repeats them exactly.

What is one is decided in providers/secrets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ai_notebook_ls.providers.secrets import find
from ai_notebook_ls.providers.secrets.places import spans
from ai_notebook_ls.providers.secrets.standing import in_place

LOOKALIKE = re.compile(r"<SECRET_\d+: [^>\n]*>")
"""A placeholder, or what somebody has written to look like one."""

LEAST = 6
"""Characters of a secret that is remembered for later requests: a shorter one may well be a word."""
MOST = 1000
"""Secrets remembered."""


class SecretRedactor:
    """The placeholders of one request: numbered within it, so that the same secrets give the same bytes (see ports.Redactor).

    Whatever looks like a placeholder before is replaced by one, too: each that leaves is ours, and who writes a cell cannot
    have a secret put where it was not.
    """

    def __init__(self, hide_personal: bool = False, known: dict[str, str] | None = None) -> None:
        """`known` maps the secrets of earlier requests to their kinds: an error gives one away that a variable holds."""
        self._hide_personal = hide_personal
        self._known = {} if known is None else known
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
            if len(secret) >= LEAST and len(self._known) < MOST:
                self._known.setdefault(secret, kind)
        for secret, kind in self._known.items():
            if secret in text:
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
        unknown = set(LOOKALIKE.findall(source)) - set(self._placeholders.values())
        # Compared as a model sees them: a secret's spelling need not be its value.
        return None if unknown or not in_place(source, self.redacted(own), LOOKALIKE) else self._back(source)

    def _back(self, text: str) -> str:
        known = {placeholder: secret for secret, placeholder in self._placeholders.items()}
        return LOOKALIKE.sub(lambda match: known.get(match[0], match[0]), text)
