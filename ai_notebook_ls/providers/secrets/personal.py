"""Personal data with a form of its own; taken out only if the user asks for it (settings: provider.hide_personal)."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w@])")
CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w.-])")
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
PHONE = re.compile(r"(?<![\w+.-])(?:\+|00)[1-9]\d{0,2}(?:[ ./-]{0,2}\(?\d{1,4}\)?){2,6}(?![\w.-])")


def find(text: str) -> Iterator[tuple[str, str]]:
    """Yield mail addresses, card numbers, IBANs, and telephone numbers with their country's code."""
    if "@" in text:
        yield from (("mail address", match[0]) for match in MAIL.finditer(text))
    yield from (("card number", match[0]) for match in CARD.finditer(text) if _luhn(match[0]))
    yield from (("IBAN", match[0]) for match in IBAN.finditer(text) if _mod97(match[0]))
    for match in PHONE.finditer(text):
        if 8 <= sum(map(str.isdigit, match[0])) <= 15:
            yield "telephone number", match[0]


def _luhn(text: str) -> bool:
    digits = [int(each) for each in text if each.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _mod97(text: str) -> bool:
    letters = text.replace(" ", "")
    return int("".join(str(int(each, 36)) for each in letters[4:] + letters[:4])) % 97 == 1
