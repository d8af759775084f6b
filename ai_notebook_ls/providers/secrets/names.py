"""Whether a name says that its value is a secret, and whether a value can be one. The one place for these words."""

from __future__ import annotations

import enum
import functools
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise


def words(text: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(text.split())


class Need(enum.IntEnum):
    """What a value must look like, so that its name makes it a secret."""

    ANYTHING = 1
    """`password`: whatever is no placeholder."""
    NO_WORD = 2
    """`secret`: a plain word is none, `secret = "apple"`."""
    RANDOM = 3
    """`token`: it must look drawn by lot, unlike `pad_token = "[PAD]"`."""


PASSWORD = words(
    "password passwd passphrase passcode passwrd pwd passw pswd userpass dbpass userpwd dbpwd sshpass pgpassword "
    "mysqlpwd passwort kennwort motdepasse mdp contraseña contrasena contrasenya senha hasło haslo wachtwoord "
    "пароль parol lösenord losenord adgangskode passord salasana jelszó jelszo şifre sifre heslo geslo lozinka "
    "пароля parole κωδικός 密码 密碼 口令 パスワード 暗証番号 비밀번호 apikey secretkey accesskey privatekey accountkey "
    "sharedaccesskey authkey clientsecret appsecret authtoken accesstoken refreshtoken sharedaccesssignature "
    "mnemonic geheimnis"
)
"""Words after which any value is a secret."""

PAIRS = {
    "key": words(
        "api access secret private encryption encrypt signing sign account master app application auth shared "
        "subscription hmac jwt crypto cipher aes fernet license licence deploy consumer webhook admin ssh gpg storage "
        "functions sas"
    ),
    "secret": words("client app api jwt shared webhook consumer oauth flask signing session cookie token"),
    "pass": words("db database user my root admin smtp imap ftp ssh mail email mysql pg postgres redis login"),
    "phrase": frozenset({"pass", "seed", "recovery"}),
    "token": words("auth access refresh api bearer bot personal oauth session id github gitlab hf slack admin"),
    "word": frozenset({"pass"}),
    "code": frozenset({"pass"}),
    "passe": frozenset({"de"}),
    "khẩu": frozenset({"mật"}),
    "sig": frozenset({"sas"}),
}
"""A last word -> the words before it with which it names a secret: `api_key`, `client_secret`."""

ALMOST = words("secret secrets pass pw creds passkey")
CHANCE = words(
    "token tokens key keys auth authorization credential credentials cookie session sessionid signature sig sas "
    "salt pepper otp totp csrf xsrf jwt bearer nonce webhook dsn seed clave appid sid apitoken connectionstring "
    "connstr pat"
)
NOT_THE_VALUE = words(
    "column columns col cols field fields name names file filename filenames path paths dir folder url uri urls "
    "endpoint header headers type types length len min max minimum maximum policy pattern regex re hash hashes "
    "hashed hasher digest label labels prompt hint help placeholder id ids count counts list format reset expiry "
    "expires expire expiration ttl strength error errors message messages msg title rule rules env var vars "
    "variable encoder encoding index idx idxs generator validator manager size limit budget usage class classes "
    "cls kind mode status state input box widget element selector xpath css button form page view screen verb "
    "scheme prefix suffix separator sep pos position embedding embeddings score scores prob probs probability "
    "probabilities per ratio rate distribution vocab vocabulary location store provider backend service arn "
    "version algorithm alg method required set enabled valid ok check checks changed date time at attempts "
    "attempt retries rotation days age test_file description doc docs note ref lookup map mapping mapper schema "
    "attr attribute property space table db_name quality entropy feature features"
)
"""After a secret's word they say that the value is something about it: `password_length`, `api_key_header`."""

BENIGN_BEFORE = {
    "token": words(
        "pad bos eos unk sep cls mask special start end begin stop first last next prev previous word sub image img "
        "text decoder encoder input output target source max num n new_line bos_eos additional prompt trigger"
    ),
    "key": words(
        "primary foreign sort public group join index dict dictionary cache partition merge figure color s3 object "
        "candidate natural surrogate idx row config json composite unique order hash time"
    ),
    "pass": words("band high low first second third two one by forward backward single multi"),
    "seed": words("random np numpy torch rng global"),
    "sig": words("stat p not is n"),
}
BENIGN_BEFORE["tokens"], BENIGN_BEFORE["keys"] = BENIGN_BEFORE["token"], BENIGN_BEFORE["key"]

NAME = re.compile(r"[\W_]{0,3}[^\W\d][\w.:/-]*(?: [\w-]+){0,3}\W?")
WORD = re.compile(r"[A-Z]+(?![^\W\dA-Z_])|[A-Z]?[^\W\dA-Z_]+|\d+")
ROOTS = words(
    "pass pwd pswd pw secret token key auth cred cookie session sig sas salt otp jwt bearer mnemonic phrase wort "
    "mdp contrase senha haslo hasło wachtwoord парол parol losenord lösenord adgangskode salasana jelsz sifre "
    "şifre heslo geslo lozinka khẩu κωδικός 密码 密碼 口令 パスワード 暗証番号 비밀번호 geheim clave dsn appid connstr "
    "connectionstring csrf xsrf nonce pepper seed webhook"
)
"""One of them is in any name that `need` knows."""
RIGHT = re.compile(r"[\w-]{0,60}")

NOUN = r"(?:pass\w*|pwd|pw|secret|token|(?:api[-_ ]?|access[-_ ]?|private[-_ ]?)?key|credentials?)"
INNOCENT = re.compile(
    r"(?is)\A(?:none|null|nil|true|false|yes|no|on|off|change.?me|example.{0,20}|dummy|foo|bar|baz|test|todo|tbd|fixme|n/?a"
    r"|(?:your|insert|enter|put|paste|replace|redacted|hidden|masked|removed)(?:[-_ ].*|here)"
    rf"|(?:my|the|some|a|an)[-_ ](?:\w+[-_ ]){{0,2}}{NOUN}"
    r"|.*(?:your|insert|replace|paste)[-_ ]?(?:api|own|key|token|password|secret|here|with|me|this).*|.*[-_ ]here"
    r"|[*xX.•●#_?=-]+|sk-(?:\.+|x+)|<.*>|\{[\w.\[\]!:()'\" ]*\}|\[\w*\]|\$\{\w+\}|\$\(.*\)|\$[A-Z_]+|%\(?\w*\)?[sdr]%?"
    r"|\{\{.*\}\}|os\.(?:environ|getenv).*|getpass.*|input\(.*|process\.env.*|env[:.].*|op://.*"
    r"|string|str|text|varchar.*|bytes|int|object|hidden|required|optional|any|default|unknown|empty|values?|field"
    r"|basic|digest|bearer|oauth2?|login|username|user|email|invalid|missing|wrong|incorrect|weak|strong|medium"
    r"|utf-?8|latin-?1|ascii)\Z"
)
"""What stands in place of a secret, or is said of one."""

PLAIN = re.compile(r"[^\W\d_]+(?:[ '_.-][^\W\d_]+)*[!?.:,]?")
PATH = re.compile(
    r"(?:[A-Za-z]:|[~.]{1,2})?(?:[\\/][\w .-]{1,40})+[\\/]?|[\w .=-]{1,60}(?:[\\/][\w .=-]{1,60})+\.[A-Za-z]{2,8}\d?"
)
FILE = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,5}")


def folded(text: str) -> str:
    """Return a text in lower case, with each character at its place."""
    lower = text.lower()
    return (
        lower if len(lower) == len(text) else "".join(low if len(low := each.lower()) == 1 else each for each in text)
    )


def mentions(text: str) -> bool:
    """Whether there may be a name of a secret in a text."""
    lower = text.lower()
    return any(root in lower for root in ROOTS)


def named(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each name in a text that may be one of a secret, and where it begins and ends."""
    lower = folded(text)
    places = set()
    for root in ROOTS:
        place = lower.find(root)
        while place >= 0:
            places.add(place)
            place = lower.find(root, place + len(root))
    last = 0
    for place in sorted(places):
        if place < last:
            continue
        start = place
        while start > last and place - start < 60 and (text[start - 1].isalnum() or text[start - 1] in "_-"):
            start -= 1
        right = RIGHT.match(text, place)
        last = right.end() if right else place
        yield text[start:last].lstrip("-"), start, last


@functools.lru_cache(maxsize=8192)
def need(name: str) -> Need | None:
    """Return what a value given to this name must look like to be a secret; None if the name says nothing."""
    parts = [word.lower() for word in WORD.findall(name)] if len(name) <= 80 and NAME.fullmatch(name) else []
    found: Need | None = None
    for place, word in enumerate(parts):
        if word in NOT_THE_VALUE:
            # `password_length`; but `id_token`: what comes before says which one.
            found = None
        elif (now := _need(word, parts[:place])) is not None:
            found = now if found is None else min(found, now)
    return found


def _need(word: str, before: list[str]) -> Need | None:
    previous = before[-1] if before else ""
    if word in PASSWORD or word.removesuffix("s") in PASSWORD or word.endswith(("password", "passwort", "passwd")):
        return Need.ANYTHING
    singular = word.removesuffix("s") if word in ("keys", "secrets", "tokens") else word
    if previous in PAIRS.get(singular, ()):
        return Need.NO_WORD if singular == "token" else Need.ANYTHING
    if previous in BENIGN_BEFORE.get(word, ()):
        return None
    if word in ALMOST:
        return Need.NO_WORD if word != "pw" else Need.ANYTHING
    return Need.RANDOM if word in CHANCE else None


def is_secret(value: str, wanted: Need | None) -> bool:
    """Whether a value can be a secret, given what its name asks for."""
    value = SCHEME.sub("", value.strip())
    if wanted is None or len(value) < 3 or INNOCENT.match(value[:200]) or "<SECRET_" in value or "://" in value:
        return False  # what is secret in a URL is found by its structure
    if not any(map(str.isalnum, value)) and len(set(value)) < 3:
        return False  # ········
    if len(value) <= 200 and _names_one(value):
        return False
    if wanted is Need.ANYTHING:
        return not (value.isdigit() and len(value) < 4)
    if PLAIN.fullmatch(value[:300]) and not looks_random(value):
        return False
    if PATH.fullmatch(value[:300]) or (FILE.fullmatch(value[:300]) and not looks_random(value)):
        return False
    return wanted is Need.NO_WORD or looks_random(value)


def _names_one(value: str) -> bool:
    """Whether a value speaks of secrets: `{"pwd": "password"}` renames a column, "Password is too short" is a message."""
    if (value.count(" ") < 6 and any(map(str.isdigit, value))) or value.lower() == "secret":
        return False
    if IDENTIFIER.fullmatch(value):
        return need(value) is not None and not looks_random(value)
    return value.count(" ") >= 2 and any(need(word) is not None for word in value.split())


SCHEME = re.compile(r"(?i)\A(?:bearer|basic|token|apikey|digest)\s+(?=\S)")
IDENTIFIER = re.compile(r"[^\W\d][\w-]*(?: \w+)?:?")
TOKEN_CHARACTERS = re.compile(r"[\w+/=.~:%!@#$^&*-]+")
NUMBERED = re.compile(r"(?:[-_.]?v?\d{1,4})+\Z")


def looks_random(value: str) -> bool:
    """Whether a value of 12 characters or more mixes kinds of characters as a generated one does, without words."""
    if len(value) < 12 or not TOKEN_CHARACTERS.fullmatch(value):
        return False
    if not any(map(str.isalpha, value)):
        return value.isdigit() and len(set(value)) > 5
    if not any(map(str.isdigit, NUMBERED.sub("", value))):
        mixed = sum(a.islower() and b.isupper() for a, b in pairwise(value)) >= 3
        return len(value) >= 16 and mixed and worded(value) < 0.4
    return worded(value) < 0.5


LOWER_RUN = re.compile(r"[A-Za-z]?[a-z]{3,}|[A-Z]{5,}")
VOWEL = re.compile(r"[aeiouyAEIOUY]")


def worded(value: str) -> float:
    """Return the share of a text that stands in runs of letters which could be words."""
    return sum(len(run) for run in LOWER_RUN.findall(value) if VOWEL.search(run)) / len(value)


def entropy(value: str) -> float:
    """Return Shannon's entropy, in bits a character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
