"""Secrets that stand at a known place of a structure: a URL, a header, a key block, a command line, a line of .netrc."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from ai_notebook_ls.providers.secrets.names import INNOCENT, Need, is_secret, looks_random, need

URL = re.compile(r"(?<=://)(?:[^\s\"'<>`\\]|\\(?![nrt\"'])){1,4000}")
PORT = re.compile(r"\d{1,5}(?:[/?#]|\Z)")
HOST = re.compile(r"[\w.{\[-]")
PARAMETER = re.compile(r"[?&;#]([\w.%\[\]-]{1,60})=([^\s&\"'<>#`;\\]{3,4000})")
PARAMETERS = {
    "sig": Need.NO_WORD, "signature": Need.NO_WORD, "key": Need.RANDOM, "code": Need.RANDOM, "appid": Need.RANDOM,
    "app_id": Need.RANDOM, "auth": Need.NO_WORD, "token": Need.NO_WORD, "authkey": Need.ANYTHING, "pass": Need.ANYTHING,
    "apitoken": Need.NO_WORD, "jwt": Need.NO_WORD, "ticket": Need.RANDOM, "state": Need.RANDOM, "hash": Need.RANDOM,
    "x-amz-signature": Need.ANYTHING, "x-amz-security-token": Need.ANYTHING, "x-goog-signature": Need.ANYTHING,
    "x-amz-credential": Need.RANDOM, "sid": Need.RANDOM, "secret": Need.ANYTHING, "t": Need.RANDOM, "auth_token": Need.NO_WORD,
}  # fmt: skip
"""What names of parameters mean in a URL, where they mean something else than in code."""

SCHEME = r"(?:bearer|token|basic|apikey|api-key|digest|negotiate|bot|key|sso-key|genie\w*|splunk|dpop)"
AUTHORIZATION = re.compile(
    rf"(?i)authorization\\?[\"']?\s{{0,3}}(?:[:=,\]]|\]\s?=)\s{{0,3}}[rbf]{{0,2}}\\?[\"']?\s?{SCHEME}\s{{1,3}}"
    r"([^\s\"'\\,]{4,4000})"
)
BARE_AUTHORIZATION = re.compile(
    r"(?i)authorization\\?[\"']\]?\s{0,3}[:=,]\s{0,3}[rb]{0,2}\\?([\"'])([^\s\"'\\]{6,4000})\\?\1"
)
BEARER = re.compile(r"(?i)\b(?:bearer|token)\s{1,3}([A-Za-z0-9._~+/-]{8,4000}={0,2})")
BASIC = re.compile(r"(?i)\bbasic\s{1,3}([A-Za-z0-9+/]{8,400}={0,2})")
COOKIE = re.compile(r"(?i)cookie\\?[\"']?\]?\s{0,3}[:=,]\s{0,3}[rb]?\\?[\"']?([^\"'\n\\]{8,8000})")
CRUMB = re.compile(r"([\w.-]{1,80})=([^;\s\"']{6,4000})")
NETRC = re.compile(r"(?i)\blogin\s{1,20}[^\s\"']{1,200}(?:\s|\\n){1,20}password\s{1,20}([^\s\"'\\]{3,200})")
PGPASS = re.compile(r"(?m)^[\w.*-]{1,200}:(?:543\d|\*):[\w*-]{1,60}:[\w*@.-]{1,60}:(\S{3,200})$")
ORACLE = re.compile(r"(?<=[\"'\s])\w{1,30}/([^/@\s\"']{3,60})@(?://)?[\w.-]{1,200}(?::\d{1,5})?/[\w.-]{1,60}")

SQL = re.compile(r"(?i)\b(?:identified\s{1,4}by|password|secret)\s{0,4}\(?\s{0,4}\\?(['\"])([^'\"\\\n]{3,200})\\?\1")
STATEMENT = ("identified by", "with password", "login password", "secret (", "set password", "encrypted password")
ELEMENT = re.compile(r"<([\w:-]{3,60})>([^<>\n]{3,400})</")
ITEM = re.compile(
    r"\\?[\"']?\b(?:name|key|Name|Key)\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']([\w.-]{3,60})\\?[\"'],?\s{1,20}"
    r"\\?[\"']?[vV]alue\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']([^\"'\\\n]{3,400})[\\\"']"
)

FLAG = re.compile(r"(?<![\w-])--?([A-Za-z][\w-]{1,40})(?:[= ]\s{0,3})\\?[\"']?([^\s\"'\\]{3,300})")
USER = re.compile(
    r"(?<![\w-])(?:-u|--user|--proxy-user|-U|--userpwd)(?:\s{0,3}|=|[\"'],\s{0,3})[\"']?[\w.@+-]{1,100}:([^\s\"']{3,200})"
)
COMMANDS = re.compile(
    r"\b(?:mysql(?:dump|admin|import)?|mariadb(?:-dump)?)\b[^\n|;&]{0,300}?\s-p[\"']?([^\s\"'-][^\s\"']{2,100})"
    r"|\bsshpass\s{1,3}-p\s{0,3}[\"']?([^\s\"']{3,100})"
    r"|\b(?:docker|podman|az|oc|helm|heroku)\b[^\n|;&]{0,80}\blogin\b[^\n|;&]{0,200}?\s-p\s{1,3}[\"']?([^\s\"'-][^\s\"']{2,200})"
    r"|\bredis-cli\b[^\n|;&]{0,200}?\s-a\s{1,3}[\"']?([^\s\"'-][^\s\"']{2,200})"
    r"|\bhtpasswd\s{1,3}-\w{0,5}b\w{0,5}\s{1,3}\S{1,200}\s{1,3}\S{1,100}\s{1,3}[\"']?([^\s\"']{3,100})"
    r"|\b(?:zip|unzip|unrar)\b[^\n|;&]{0,200}?\s-P\s{0,3}[\"']?([^\s\"'-][^\s\"']{2,100})"
    r"|\b7z\b[^\n|;&]{0,200}?\s-p[\"']?([^\s\"'-][^\s\"']{2,100})"
    r"|-pass(?:in|out)?\s{1,3}[\"']?pass:([^\s\"']{3,100})"
    r"|\becho\s{1,3}[\"']?([^\s\"'|]{3,100})[\"']?\s{0,3}\|\s{0,3}sudo\s[^\n|]{0,40}?-S"
    r"|<<<\s{0,3}[\"']?([^\s\"']{3,100})[\"']?"
    r"|\bsshpass\s{1,3}-p([^\s\"']{3,100})"
    r"|\bnet\s{1,3}use\s[^\n]{0,200}?/user:\S{1,100}\s{1,3}([^\s/]{3,100})"
)

PROGRAMS = (
    "mysql",
    "mariadb",
    "sshpass",
    "login",
    "redis-cli",
    "htpasswd",
    "zip",
    "unrar",
    "7z",
    "pass:",
    "sudo",
    "<<<",
    "/user:",
)
"""One of them is in any text with such a command."""

BEGIN = re.compile(r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
END = re.compile(r"-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
LONGEST_KEY = 20_000
GAP = r"(?:\\{1,4}[nrt]|[\s\"'+,()\\>|])*(?:[rbf]{0,2}[\"'])?"
LABELS = rf"(?:{GAP}(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID): [^\n\\]{{0,200}})*"
BODY = re.compile(
    rf"{LABELS}(?:{GAP}[A-Za-z0-9+/=]{{20,}})*(?:{GAP}[A-Za-z0-9+/=]{{1,80}}(?=\W*\Z|\W*\n\W*\n|\W*…|\.\.\.))?"
)
KEY_LINE = re.compile(r"\A([^\n]{0,200}[\"'…>|. ]|[^\w+/=]*)([A-Za-z0-9+/=]{4,})[^\w+/=]*\Z")
SPLIT = re.compile(r"\n|\\{1,4}n")


def find(text: str) -> Iterator[tuple[str, str]]:
    """Yield what the structure says is a secret, and its kind."""
    if "PRIVATE KEY" in text:
        for key in _key_blocks(text):
            yield "private key", key
    if "://" in text:
        yield from _urls(text)
    if "=" in text:
        yield from _parameters(text)
    yield from _headers(text)
    yield from _commands(text)
    yield from _markup(text)


def _key_blocks(text: str) -> Iterator[str]:
    """Private keys, whole or cut: what follows a BEGIN up to its END, or as long as it looks like a key."""
    marks = sorted([*BEGIN.finditer(text), *END.finditer(text)], key=re.Match.start)
    for last, mark, following in zip([None, *marks], marks, [*marks[1:], None], strict=False):
        if "END" in mark[0]:
            above = max(last.end() if last else 0, mark.start() - LONGEST_KEY)
            if last is None or "END" in last[0] or mark.end() - last.start() >= LONGEST_KEY:
                yield from _cut_above(text[above : mark.start()])
        elif following and "END" in following[0] and following.end() - mark.start() < LONGEST_KEY:
            yield text[mark.start() : following.end()]
        else:
            body = BODY.match(text, mark.end(), min(len(text), mark.end() + LONGEST_KEY))
            if body and body[0]:
                yield text[mark.start() : body.end()].rstrip(" \n\r\t\"'+,()\\>|")


def _cut_above(text: str) -> Iterator[str]:
    """The lines of a key at the end of a text, whose BEGIN was cut off."""
    for number, line in enumerate(reversed(SPLIT.split(text))):
        found = KEY_LINE.match(line)
        if found is None:
            if number or line.strip(" \t\"'+()rbf"):
                return
            continue
        if len(found[2]) >= (20 if found[1].strip() else 8):
            yield found[2]
        if any(map(str.isalnum, found[1])):
            return


def _urls(text: str) -> Iterator[tuple[str, str]]:
    for found in URL.finditer(text):
        url = found[0]
        if "@" not in url:
            continue
        web = text[max(0, found.start() - 8) : found.start() - 3].lower().endswith(("http", "https", "ws", "wss"))
        end = len(url)
        if web and "?" in url:
            # An @ in a query is no end of a password, as long as there is one before.
            end = url.index("?") if "@" in url[: url.index("?")] else end
        userinfo, at, host = url[:end].rpartition("@")
        user, colon, password = userinfo.partition(":")
        if not at or not HOST.match(host) or "/" in user or "?" in user:
            continue
        if not colon:
            if looks_random(user) or (len(user) >= 16 and any(map(str.isdigit, user))):
                yield "token", user
        elif not (web and PORT.match(password) and "/" in password) and not INNOCENT.match(password[:200]):
            if len(password) >= 3:
                yield "password", password
            if len(user) >= 20 and looks_random(user):
                yield "token", user


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    for name, value in PARAMETER.findall(text):
        wanted = PARAMETERS.get(name.lower(), need(name))
        value = value.rstrip(").,]}")
        if wanted is not None and is_secret(value, wanted):
            yield "token" if "pass" not in name.lower() else "password", value


def _headers(text: str) -> Iterator[tuple[str, str]]:
    lower = text.lower()
    if "authorization" in lower:
        for match in AUTHORIZATION.finditer(text):
            if not INNOCENT.match(match[1][:200]):
                yield "token", match[1]
        for match in BARE_AUTHORIZATION.finditer(text):
            if is_secret(match[2], Need.NO_WORD):
                yield "token", match[2]
    if "bearer" in lower or "token " in lower:
        for match in BEARER.finditer(text):
            if looks_random(match[1]):
                yield "token", match[1]
    if "basic " in lower:
        for match in BASIC.finditer(text):
            if _user_and_password(match[1]):
                yield "password", match[1]
    if "cookie" in lower:
        for match in COOKIE.finditer(text):
            for name, value in CRUMB.findall(match[1]):
                if is_secret(value, Need.NO_WORD if need(name) is not None else Need.RANDOM):
                    yield "cookie", value
    if "login" in lower:
        for match in NETRC.finditer(text):
            if not INNOCENT.match(match[1]):
                yield "password", match[1]
    if ":543" in text or ":*:" in text:
        for match in PGPASS.finditer(text):
            yield "password", match[1]
    if "@" in text and "/" in text:
        for match in ORACLE.finditer(text):
            if is_secret(match[1], Need.ANYTHING) and "." not in match[1]:
                yield "password", match[1]


def _markup(text: str) -> Iterator[tuple[str, str]]:
    """SQL that sets a password, XML elements, and pairs of `name` and `value`."""
    lower = text.lower()
    if any(statement in lower for statement in STATEMENT):
        yield from (("password", match[2]) for match in SQL.finditer(text) if is_secret(match[2], Need.ANYTHING))
    pairs = [*(ELEMENT.findall(text) if "</" in text else ()), *(ITEM.findall(text) if "alue" in text else ())]
    for name, value in pairs:
        if is_secret(value, need(name)):
            yield "password", value


def _user_and_password(value: str) -> bool:
    try:
        return b":" in base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False


def _commands(text: str) -> Iterator[tuple[str, str]]:
    if "-" not in text and "<<<" not in text:
        return
    for match in FLAG.finditer(text):
        wanted = need(match[1])
        if wanted is Need.RANDOM and match[1].lower().endswith(("token", "auth", "credentials")):
            wanted = Need.NO_WORD
        if is_secret(match[2], wanted) and not match[2].startswith(("-", "$", "{", "(", "args.")):
            yield "password", match[2]
    for match in USER.finditer(text):
        if not INNOCENT.match(match[1]) and not match[1].startswith(("$", "{")):
            yield "password", match[1]
    if not any(program in text for program in PROGRAMS):
        return
    for match in COMMANDS.finditer(text):
        value = next(group for group in match.groups() if group)
        if not INNOCENT.match(value) and not value.startswith(("$", "{")):
            yield "password", value
