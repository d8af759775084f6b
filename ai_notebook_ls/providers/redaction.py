"""Secrets are taken out of whatever goes to a model, and put back where its answer repeats them exactly.

Found are those with a form of their own, by our patterns and by detect-secrets' structured plugins where that is installed,
and values given to names like `password`. Its entropy plugins take every hash, and `df["price"] = 1`, for a secret
(notes/models.md §4.5), so something without form or name is not found: docs/privacy.md says so.
"""

from __future__ import annotations

import ast
import functools
import importlib
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.prompts import Message

NAMED = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|api_?key|access_?key|auth_?token|access_?token|client_?secret|private_?key)"
)

# fmt: off
PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in (
    ("private key", r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
    ("password", r"(?<=://)[^\s/:@'\"<>{}]*:([^\s/@'\"<>{}]{3,})(?=@)"),
    ("API key", r"\b(?:sk|pk|rk)[-_](?:ant-|proj-|live_|test_|or-)?[A-Za-z0-9_-]{16,}"),
    ("API key", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("token", r"\b(?:hf_|gh[pousr]_|github_pat_|glpat-|npm_|pypi-|dop_v1_|xox[abprs]-|dapi|gsk_|r8_)[A-Za-z0-9_-]{16,}"),
    ("AWS key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
    ("token", r"(?i)\b(?:bearer|basic)\s+([A-Za-z0-9._~+/-]{12,}=*)"),
    ("password", r"(?i)\b\w*" + NAMED + r"\w*[\"']?\s*(?::\s*str\s*)?[=:]\s*[rbu]?[\"']([^\"'\s{}<>]{6,})[\"']"),
    ("password", r"(?im)^\s*[%!]?(?:set_env|env|export)?\s*\w*" + NAMED + r"\w*\s*=\s*([^\s\"'()\[\]{}<>]{8,})\s*$"),
    ("token", r"(?i)\b\w*token[\"']?\s*[=:]\s*[rbu]?[\"']((?=[^\"']*\d)[A-Za-z0-9._~+/=-]{16,})[\"']"),
    ("password", r"(?i)(?:--password|--token|-u\s+\w+)[=:\s]([^\s\"'{}<>]{6,})"),
    ("password", r"(?i)\b(?:AccountKey|SharedAccessKey|Password|Pwd)=([^;\s\"'{}<>]{6,})"),
))
"""What it is, and how it looks: the first group is the secret, else all of it."""

STRUCTURED = (
    "aws.AWSKeyDetector", "azure_storage_key.AzureStorageKeyDetector", "basic_auth.BasicAuthDetector",
    "cloudant.CloudantDetector", "discord.DiscordBotTokenDetector", "github_token.GitHubTokenDetector",
    "gitlab_token.GitLabTokenDetector", "ibm_cloud_iam.IbmCloudIamDetector", "jwt.JwtTokenDetector",
    "mailchimp.MailchimpDetector", "npm.NpmDetector", "openai.OpenAIDetector", "private_key.PrivateKeyDetector",
    "pypi_token.PypiTokenDetector", "sendgrid.SendGridDetector", "slack.SlackDetector",
    "square_oauth.SquareOAuthDetector", "stripe.StripeDetector", "telegram_token.TelegramBotTokenDetector",
    "twilio.TwilioKeyDetector",
)  # fmt: skip
"""detect-secrets' plugins that know a form; those that measure entropy, or match any keyword, are left out."""
# fmt: on

INNOCENT = re.compile(
    r"(?i)\A(?:none|null|true|false|changeme|example|your[-_ ].*|\*+|x+|\.+|<.*>|os\.environ.*|getpass.*)\Z"
)


class SecretRedactor:
    """Replaces secrets by placeholders that stay the same as long as the process lives (see ports.Redactor)."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}
        # Nobody who writes a cell can foresee a placeholder, to have a secret put into it.
        self._tag = secrets.token_hex(2)
        self._any = re.compile(rf"<SECRET_\d+_{self._tag}: [^>\n]*>")

    def redact(self, messages: Sequence[Message]) -> tuple[list[Message], tuple[str, ...]]:
        """Return the messages without secrets, and the placeholders that stand for them."""
        used: dict[str, None] = {}
        cleaned: list[Message] = [
            {"role": each["role"], "content": self._clean(each["content"], used)} for each in messages
        ]
        return cleaned, tuple(used)

    def redacted(self, text: str) -> str:
        """Return a text without secrets."""
        return self._clean(text, {})

    def restore(self, source: str, own: str) -> str | None:
        """Return code with the cell's own secrets back; None if one would stand where the cell did not have it."""
        if not self._any.search(source):
            return source
        own_lines = {line.strip() for line in own.split("\n")}
        own_texts = {text for _, text in _literals(own)}
        strange = {
            number
            for number, line in enumerate(source.split("\n"), 1)
            if self._any.search(line) and self._back(line).strip() not in own_lines
        }
        left = sum(len(self._any.findall(line)) for n, line in enumerate(source.split("\n"), 1) if n in strange)
        for number, text in _literals(source):
            if number in strange and self._back(text) in own_texts:
                left -= len(self._any.findall(text))
        restored = self._back(source)
        return None if left or self._any.search(restored) else restored

    def _back(self, text: str) -> str:
        for secret, placeholder in self._placeholders.items():
            text = text.replace(placeholder, secret)
        return text

    def _clean(self, text: str, used: dict[str, None]) -> str:
        found: dict[str, str] = {}
        for kind, secret in _secrets(text):
            found.setdefault(secret, kind)
        for secret in self._placeholders:
            if secret in text:
                found.setdefault(secret, "")
        # The longest first: one may be a part of another.
        for secret in sorted(found, key=len, reverse=True):
            if secret in text:
                new = f"<SECRET_{len(self._placeholders) + 1}_{self._tag}: {found[secret]}>"
                placeholder = self._placeholders.setdefault(secret, new)
                used[placeholder] = None
                text = text.replace(secret, placeholder)
        return text


def _secrets(text: str) -> Iterator[tuple[str, str]]:
    """Yield what looks like a secret, and what kind of one."""
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            secret = match[pattern.groups]
            if not INNOCENT.match(secret):
                yield kind, secret
    for kind, find in _structured():
        for secret in find(text):
            if isinstance(secret, str) and len(secret) >= 6 and not INNOCENT.match(secret):
                yield kind, secret


@functools.lru_cache
def _structured() -> Sequence[tuple[str, Callable[[str], Iterable[str]]]]:
    """detect-secrets' plugins; none where it is not installed. A tenth of a second to import: in a thread."""
    plugins = []
    for name in STRUCTURED:
        module, _, kind = name.partition(".")
        try:
            plugin = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), kind)()
        except (ImportError, AttributeError):
            continue
        plugins.append((str(plugin.secret_type).lower(), plugin.analyze_string))
    return tuple(plugins)


def _literals(source: str) -> list[tuple[int, str]]:
    """The string literals, f-strings' parts too: the line where each begins, and its text."""
    tree = magics.parse(source)
    nodes = ast.walk(tree) if tree else ()
    return [
        (node.lineno, node.value) for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
