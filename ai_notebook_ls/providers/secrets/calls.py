"""Calls that take secrets by position, and sequences in which one follows its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ai_notebook_ls.providers.secrets import forms
from ai_notebook_ls.providers.secrets.given import KEYWORDS, Given, called, given
from ai_notebook_ls.providers.secrets.literals import value_of
from ai_notebook_ls.providers.secrets.names import Need, need, words

HINTS = (
    "login",
    "onnect",
    "auth",
    "Auth",
    "Fernet",
    "hmac",
    "jwt",
    "Signer",
    "Serializer",
    "FTP",
    "Client",
    "AES",
    "bind",
)
"""What is in any text with such a call, besides the names of secrets."""

SECOND = words(
    "HTTPBasicAuth HTTPDigestAuth HTTPProxyAuth HttpNtlmAuth BasicAuth DigestAuth basic_auth login authenticate "
    "PlainCredentials PlainAuthProvider PlainTextAuthProvider UsernamePasswordCredential Credentials Login "
    "username_pw_set add_credentials NTLM auth SimpleCredential bind simple_bind_s simple_bind UserCredential"
)
"""user, password."""
FIRST = words("Fernet MultiFernet URLSafeSerializer URLSafeTimedSerializer Signer TimestampSigner SecretBox")
SETTERS = words(
    "setdefault getenv get set setattr putenv setenv pop put write insert set_option set_key header putheader "
    "add_header set_secret create_secret setx update_secret set_config add_secret config environ with_env "
    "with_secret option conf setConf setItem store save setProperty register add append"
)
"""name, value."""
ALL = words("OAuth1 OAuth1Session OAuthHandler OAuth1UserHandler set_access_token Consumer Token Session")
VERBS = words(
    "get load fetch read find lookup prompt ask input generate gen has is delete list require check verify "
    "validate test hash encrypt decrypt set change make save store update reset compare create new strip show "
    "print parse default count split tokenize clean mask"
)
GIVING = words("set check verify change hash make save store update test encrypt reset compare")
TALKING = words(
    "print replace rename sub getpass input info debug warning error log exception text_input format getattr "
    "hasattr startswith endswith split strip password_input prompt ask Button Label insert_one"
)


def of_call(call: ast.Call) -> Iterator[tuple[Need, Given]]:
    """Yield what a call is given that may be a secret, and what it must look like."""
    name, args = called(call), call.args
    if not name:
        return
    place: int | None = None
    if name in SECOND:
        place = 1 if len(args) > 1 else None
    elif name in FIRST or (name == "new" and _base(call) in ("hmac", "AES", "ARC4", "DES", "DES3", "HMAC", "ChaCha20")):
        place = 0
    elif _base(call) == "jwt" and name in ("encode", "decode"):
        place = 1
    elif name in ("connect", "Connection", "Connect", "FTP", "FTP_TLS", "InfluxDBClient", "create_connection"):
        place = _of_connection(args)
    if place is not None and place < len(args):
        yield from ((Need.ANYTHING, each) for each in given(args[place]))
    if name in ALL or name == "login":
        yield from ((Need.RANDOM, each) for arg in args for each in given(arg))
    yield from _by_its_name(name, args)
    if name not in TALKING:
        yield from _after_its_name(call, name)
    yield from of_sequence(args)
    yield from _beside_a_form(args)


def _beside_a_form(args: Sequence[ast.expr]) -> Iterator[tuple[Need, Given]]:
    """Client("AC…", "…"): what is passed along with a key is mostly its secret."""
    texts = [value_of(each) or "" for each in args]
    if len(texts) > 1 and any(len(text) < 500 and next(forms.find(text), None) for text in texts):
        yield from ((Need.RANDOM, each) for arg in args for each in given(arg))


def _base(call: ast.Call) -> str:
    base = call.func.value if isinstance(call.func, ast.Attribute) else None
    return base.id if isinstance(base, ast.Name) else base.attr if isinstance(base, ast.Attribute) else ""


def _of_connection(args: Sequence[ast.expr]) -> int | None:
    """Where the password is: connect(host, user, it), connect(host, 22, user, it), connect(user, it, "host/service")."""
    texts = [value_of(each) for each in args]
    if len(args) < 3:
        return None
    if isinstance(args[1], ast.Constant) and isinstance(args[1].value, int):
        return 3
    last = texts[2] or ""
    return 1 if "/" in last and texts[1] else 2


def _by_its_name(name: str, args: Sequence[ast.expr]) -> Iterator[tuple[Need, Given]]:
    """set_password("…"), ApiKeyAuth("…")."""
    wanted = need(name)
    if wanted is None or not args or name in TALKING:
        return
    first = name.strip("_").split("_")[0].lower()
    if first in GIVING and wanted < Need.RANDOM:
        yield from ((Need.ANYTHING, each) for each in given(args[-1]))
    elif first not in VERBS:
        yield from ((max(wanted, Need.NO_WORD), each) for each in given(args[0]))


def _after_its_name(call: ast.Call, name: str) -> Iterator[tuple[Need, Given]]:
    """os.environ.setdefault("DB_PASSWORD", "…"), add_argument("--token", default="…")."""
    for before, arg in pairwise(call.args):
        wanted = need(value_of(before) or "")
        if wanted is not None and (value_of(before) or "")[:1] != "-":
            yield from ((wanted if name in SETTERS else max(wanted, Need.NO_WORD), each) for each in given(arg))
    wanted = next((found for arg in call.args if (found := need((value_of(arg) or "").lstrip("-"))) is not None), None)
    if wanted is not None:
        for keyword in call.keywords:
            if keyword.arg in KEYWORDS:
                yield from ((max(wanted, Need.NO_WORD), each) for each in given(keyword.value))


def of_sequence(items: Sequence[ast.expr]) -> Iterator[tuple[Need, Given]]:
    """["curl", "-u", "me:…"], ("password", "…"), ["--token", "…"]."""
    for before, item in pairwise(items):
        text = value_of(before)
        if not text or len(text) > 80:
            continue
        wanted = need(text.lstrip("-"))
        if wanted is not None and (text.startswith("-") or len(items) == 2):
            yield from ((max(wanted, Need.NO_WORD), each) for each in given(item))


def user_and_password(value: ast.expr) -> Iterator[tuple[Need, Given]]:
    """auth=("me", "…")."""
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == 2:
        yield from ((Need.ANYTHING, each) for each in given(value.elts[1]))
