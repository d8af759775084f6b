"""What must not leave this machine: one function finds it, by code, by structure, by form and by entropy."""

from __future__ import annotations

from collections.abc import Iterator

from ai_notebook_ls.providers.secrets import code, entropy, forms, lines, personal, structure, tables


def find(text: str, hide_personal: bool = False) -> Iterator[tuple[str, str]]:
    """Yield each secret as it is spelled in a text, and what kind of one it is; some more than once.

    The time it takes grows with the text's length, whatever is in it. Mail addresses, card numbers and their like only if
    asked for.
    """
    tree = code.parsed(text)
    yield from forms.find(text)
    yield from structure.find(text)
    yield from code.find(text, tree)
    yield from lines.find(text, tree)
    if tree is None:
        yield from tables.find(text)
    yield from entropy.find(text)
    if hide_personal:
        yield from personal.find(text)
