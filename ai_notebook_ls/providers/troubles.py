"""From what goes wrong with a model's server to the sentence that its user reads.

A server's own words are shown where they help, but never a key nor a part of the prompt that they echo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ai_notebook_ls.core.failures import ProviderFailed, ProviderTrouble, ProviderUnavailable
from ai_notebook_ls.core.prompts import Message
from ai_notebook_ls.providers.events import NO_COMPLETION, Events, ServerError
from ai_notebook_ls.providers.presets import Preset

CUT_OFF = ("The answer was cut off: the connection ended before the server said that it was done.", "Ask again.")
OVERFLOW = re.compile(r"context|too many tokens|too long|exceed", re.IGNORECASE)
LIKE_A_KEY = re.compile(r"\b(?:sk|key|Bearer)[-_ ][^\s'\"]{3,}")
QUOTED = 160
"""Characters of a server's own words."""

SILENT_CUTS = (2048, 4096)
"""Tokens in all at which Ollama's default windows end an exchange."""


def cut_short(sent: int, events: Events) -> bool:
    """Return whether the server has dropped a part of the prompt: it counts a fraction of what was sent, or fills a window."""
    if not events.prompt_tokens or sent < 500:
        return False
    return events.prompt_tokens < sent // 4 or (
        events.prompt_tokens + events.answer_tokens in SILENT_CUTS and events.prompt_tokens < sent
    )


def told(error: Exception, preset: Preset, key: str, messages: Sequence[Message]) -> ProviderTrouble:
    """Return what to tell of an error of the SDK's, of the connection's, or of ours in reading it."""
    where = preset.origin
    kinds = {kind.__name__ for each in _chain(error) for kind in type(each).__mro__}
    if "ConnectTimeout" in kinds:
        return ProviderUnavailable(f"{where} does not answer.", _way(preset))
    if isinstance(error, TimeoutError) or "APITimeoutError" in kinds:
        return ProviderFailed(
            f"{where} gave no answer in time.",
            "A large model may still be loading: ask again, or raise AI_NOTEBOOK_LS_FIRST_TOKEN_SECONDS.",
        )
    if isinstance(error, ServerError):
        said = _said(error.body, key, messages)
        return ProviderFailed(f"The model's server failed{f': {said}' if said else '.'}", "Its log says more.")
    if "APIStatusError" in kinds:
        return _status(error, preset, key, messages)
    if kinds & {"APIConnectionError", "TransportError", "OSError"}:
        return _connection(error, preset, kinds)
    return ProviderFailed(*NO_COMPLETION)


def _status(error: Any, preset: Preset, key: str, messages: Sequence[Message]) -> ProviderTrouble:
    status, where = error.status_code, preset.origin
    said = _said(error.body, key, messages)
    words = f" It says: {said}" if said else ""
    if status in (401, 403):
        what = "does not accept the key" if key else "wants a key"
        hint = f"Run `ai-notebook-ls key set {preset.name}`, or set AI_NOTEBOOK_LS_API_KEY."
        return ProviderUnavailable(f"{where} {what}.", hint)
    if 300 <= status < 400:
        hint = "Set AI_NOTEBOOK_LS_BASE_URL to the address that really answers; nothing was sent there."
        return ProviderUnavailable(f"{where} sends us to another address, which is not followed.", hint)
    if status == 404:
        hint = "Check AI_NOTEBOOK_LS_MODEL, and that AI_NOTEBOOK_LS_BASE_URL ends in /v1; `ai-notebook-ls doctor` lists models."
        return ProviderUnavailable(f"{where} has no such model or address.{words}", hint)
    if status == 407:
        return ProviderUnavailable("The proxy wants a password.", f"Put it into the proxy's address. {_way(preset)}")
    if status == 429 and "quota" in str(error.body):
        return ProviderUnavailable(
            f"The account at {where} has used up its quota.", "Raise it there, or choose another server."
        )
    if status == 429:
        after = error.response.headers.get("retry-after", "")
        when = f"in {after} s" if after.isdigit() else "in a while"
        return ProviderFailed(f"{where} has too many requests now.", f"Ask again {when}.")
    if status in (400, 413, 422) and OVERFLOW.search(str(error.body)):
        hint = "Lower AI_NOTEBOOK_LS_PROMPT_TOKENS, or give the model a larger context on its server."
        return ProviderFailed(f"The prompt is too long for this model.{words}", hint)
    if status >= 500:
        return ProviderFailed(f"{where} failed ({status}).{words}", "Ask again; its log says more.")
    return ProviderFailed(f"{where} refused the request ({status}).{words}", "Check the model and the server.")


def _connection(error: Exception, preset: Preset, kinds: set[str]) -> ProviderTrouble:
    where = preset.origin
    if "SSLError" in kinds or any("CERTIFICATE" in str(each) for each in _chain(error)):
        hint = "If it is your own server's, name its authority's file: SSL_CERT_FILE=/path/to/ca.pem."
        return ProviderUnavailable(f"The certificate of {where} cannot be trusted.", hint)
    if "ProxyError" in kinds:
        return ProviderUnavailable("The proxy does not let us through.", _way(preset))
    if kinds & {"ConnectError", "gaierror", "ConnectionRefusedError"}:
        return ProviderUnavailable(f"{where} cannot be reached.", _way(preset))
    return ProviderFailed(*CUT_OFF)


def _way(preset: Preset) -> str:
    """Return what to look at where there is no way to a server: the proxy if one stands between."""
    parts = urlsplit(preset.base_url)
    if preset.local or parts.scheme not in getproxies() or proxy_bypass(parts.hostname or ""):
        return preset.start
    variable = f"{parts.scheme.upper()}_PROXY"
    return f"The way there is the proxy in {variable}: check it, or go without it: NO_PROXY={parts.hostname}."


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _said(body: object, key: str, messages: Sequence[Message]) -> str:
    """Return the server's own words, short and on one line; nothing if they echo what was sent."""
    inner = body.get("error", body) if isinstance(body, dict) else body
    text = inner.get("message") or inner.get("detail") if isinstance(inner, dict) else inner
    if not isinstance(text, str) or "<html" in text.lower():
        return ""
    sent = {line.strip() for each in messages for line in each["content"].split("\n") if len(line.strip()) >= 12}
    if any(line in text for line in sent):
        return ""
    ends = (key[:6], key[-4:]) if len(key) > 8 else (key,) if key else ()  # servers echo a key's ends
    text = " ".join("…" if any(end in word for end in ends) else word for word in text.split())
    text = LIKE_A_KEY.sub("…", text)
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"
