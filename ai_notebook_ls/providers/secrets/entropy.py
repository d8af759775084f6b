"""Secrets without a form and under a name that says nothing: a literal, given or passed, that looks drawn by lot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ai_notebook_ls.providers.secrets.names import WORD, entropy, worded, words

LITERAL = re.compile(r"[\"'](?=[^\"'\s]{0,140}\d)([A-Za-z0-9+/=_.~!@#$%^&*-]{20,140})[\"']")
BEFORE = re.compile(r"([\w\"'\].-]{0,60})\s{0,3}[=(:]\s{0,3}[rbuRBU]{0,2}\Z")
NOT_DRAWN = re.compile(
    r"\A(?:[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}|(?:0x|sha\d*[-:])?[0-9a-fA-F]+|[\d.,:TZ+/_ eE-]+"
    r"|[01A-Z]+|(?:iVBOR|/9j/|R0lGOD|PHN2Zy|UklGR|JVBER|UEsDB|H4sI|Qk0|SUkq|AAAA|T2dnUw|SUQz|PD94|PCFET|eJ).*"
    r"|.*%[YmdHMSbBjfsd.].*%[YmdHMSbBjfsd].*|ssh-.*|[\w.-]+@[\w.-]+|.*\.[A-Za-z]{2,5}|MII[BDC].*|[^A-Za-z]*)\Z"
)
"""Hashes, UUIDs, numbers, dates, the beginnings of pictures and archives, formats, addresses, names of files, public keys."""

SLUG = re.compile(r"[a-z0-9.]{1,12}(?:[-_][a-z0-9.]{1,12}){2,}")
"""`exp-20240317-lr3e-4-bs128`: names of runs, releases and files."""

NOT_HERE = words(
    "id ids uuid guid hash sha sha1 sha256 md5 digest checksum etag commit revision rev version ref url uri path "
    "file filename folder dir image img png jpg svg logo icon picture photo data b64 base64 payload content blob "
    "smiles inchi seq sequence address txid tx block fen pgn name model format fmt pattern regex re compile title "
    "label text column integrity sheet spreadsheet doc document video playlist channel cid ipfs public pub "
    "fingerprint thumbprint font glyph alphabet chars characters charset expected match search sub findall split "
    "loads decode b64decode print join"
)


def find(text: str) -> Iterator[tuple[str, str]]:
    """Yield such literals."""
    for match in LITERAL.finditer(text):
        start = match.start()
        if text[max(0, start - 6) : start].rstrip("rbuRBU").rstrip()[-1:] not in ("=", "(", ":"):
            continue
        before = BEFORE.search(text, max(0, start - 80), start)
        said = [word.lower() for word in WORD.findall(before[1])] if before else []
        if before and not NOT_HERE.intersection(said[-2:]) and drawn(match[1]):
            yield "high entropy", match[1]


def drawn(value: str) -> bool:
    """Whether a text of 20 characters or more looks like one that a generator made."""
    if NOT_DRAWN.match(value) or SLUG.fullmatch(value) or value.count("/") > 3 or value.count(".") > 2:
        return False
    if not _dense(value) or worded(value) >= 0.25 or entropy(value) <= 3.6:
        return False
    return sum(_kind(a) != _kind(b) for a, b in pairwise(value)) >= 0.25 * len(value)


def _dense(value: str) -> bool:
    """Whether digits are spread over it, as in `k3J9x`, and do not only number it, as in `Q4_K_M`."""
    digits = sum(map(str.isdigit, value))
    marks = sum(not each.isalnum() for each in value)
    return 2 <= digits <= 0.7 * len(value) and marks <= 0.25 * len(value)


def _kind(character: str) -> int:
    return 0 if character.islower() else 1 if character.isupper() else 2 if character.isdigit() else 3
