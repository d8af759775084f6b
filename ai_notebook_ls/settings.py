"""One tree of defaulted, frozen settings; bad ones give a message and the default, never a crash.

Later wins: defaults, `ai_notebook_ls.toml` in Jupyter's config folder, environment `AI_NOTEBOOK_LS_*`. Never from the
workspace folder or the notebook: they are data.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

PREFIX = "AI_NOTEBOOK_LS_"
FILE = "ai_notebook_ls.toml"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Limits of a run in a sidecar kernel."""

    timeout: float = 120.0
    """Seconds that one cell may run."""
    output_limit: int = 4_000_000
    """Bytes of output kept per cell; the rest is counted and dropped."""
    start_timeout: float = 60.0
    """Seconds that a kernel may take to start."""
    slow: float = 10.0
    """Seconds; a cell above that took longer is asked about before it is run again."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Which provider answers besides the builtin one."""

    name: str = "builtin"
    """`builtin`, `openai` (any OpenAI-compatible server) or `scripted`. A key is no setting: see providers/keys.py."""
    script: str = ""
    """The scripted provider's replies: a JSON Lines file."""
    base_url: str = ""
    """The server: a URL that ends in `/v1` mostly, or a preset: `openai`, `ollama`, `lmstudio`, `vllm`, `llamacpp`."""
    model: str = ""
    """The model's name there; empty: the only one that the server has."""
    send: str = "ask"
    """`never`, `ask` once for each destination that is not this machine, or `automatic`."""
    values: str = "schema"
    """What is told of values in the kernel: `never`, `schema` (types, shapes, columns) or `sample`."""
    hide_personal: bool = False
    """Replace mail addresses, card numbers, IBANs and telephone numbers by placeholders, as secrets are."""
    prompt_tokens: int = 3000
    """What a prompt may have."""
    answer_tokens: int = 2048
    """What an answer may have."""
    candidates: int = 1
    """How many answers a model gives to one wish for a fix; each is run, the best is shown first."""
    language: str = ""
    """The language that models answer in; empty: that of the question."""
    instructions: str = ""
    """The user's own, added to each prompt."""
    first_token_seconds: float = 60.0
    """How long a server may think before its first word; it may have to load the model."""
    total_seconds: float = 120.0
    """How long an answer may take in all."""
    cache: bool = True
    """Keep explanations on disk."""
    audit: bool = True
    """Record each request's hash, size, destination and time."""


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """A Jupyter server that runs the sidecar kernels. Its token is no setting: see kernels/jupyter_server.py."""

    url: str = ""
    """Its address; empty: kernels run on this machine."""
    folder: str = ""
    """Where kernels work, below the server's root."""
    token_file: str = ""
    """A file with the token, which nobody else may read."""


@dataclass(frozen=True, slots=True)
class IsolationSettings:
    """How far sidecar kernels are kept from the rest of the machine (docs/isolation.md)."""

    level: str = "auto"
    """The best that works here, or `process`, `limited`, `sandboxed`."""
    folder: str = "copied"
    """How a sandboxed kernel has the notebook's folder: `copied`, `read-only` or `writable`."""
    network: bool = False
    """Whether a sandboxed kernel may use the network."""
    readable: tuple[str, ...] = ()
    """Further folders that a sandboxed kernel may read."""
    environment: tuple[str, ...] = ()
    """Names or patterns of the environment variables that kernels get; empty: all but the assistant's own."""
    memory_mb: int = 8192
    """Memory of one process of a kernel; never more than three quarters of the machine's."""
    processes: int = 512
    """Processes and threads of a kernel."""
    cpu_seconds: int = 14_400
    """Processor time of one process of a kernel, in its whole life."""
    file_size_mb: int = 2048
    """What one file that a kernel writes may grow to."""
    scratch_mb: int = 512
    """What a sandboxed kernel may put into each of its home, /tmp and /dev/shm, which are in memory."""
    copy_limit_mb: int = 200
    """Up to this size the notebook's folder is copied; a larger one is read-only."""


@dataclass(frozen=True, slots=True)
class KernelsSettings:
    """How many sidecar kernels there may be; beyond that the one that was not used for longest is closed."""

    limit: int = 8
    """Kernels alive at the same time, without those for trying a fix."""
    memory_mb: int = 0
    """Memory of all together when another one starts; 0: half of the machine's."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    run: RunSettings = field(default_factory=RunSettings)
    provider: ProviderSettings = field(default_factory=ProviderSettings)
    remote: RemoteSettings = field(default_factory=RemoteSettings)
    isolation: IsolationSettings = field(default_factory=IsolationSettings)
    kernels: KernelsSettings = field(default_factory=KernelsSettings)
    code_lens: bool = True
    """Show `Run in sidecar` over each cell, in editors that have code lenses."""
    diagnostics: bool = True
    """Tell names that are not there yet, gone or misspelt, and stale cells."""
    prepare: bool = True
    """Get ready to start a kernel as soon as a notebook is opened; nothing of the notebook's is run."""
    connections: int = 64
    """Connections to `serve` at the same time; another one is refused."""
    idle_minutes: float = 60.0
    """A sidecar kernel that nobody used for so long is closed."""


ENVIRONMENT = {
    "PROVIDER": "provider.name",
    "SCRIPT": "provider.script",
    "BASE_URL": "provider.base_url",
    "MODEL": "provider.model",
    "SEND": "provider.send",
    "VALUES": "provider.values",
    "HIDE_PERSONAL": "provider.hide_personal",
    "PROMPT_TOKENS": "provider.prompt_tokens",
    "ANSWER_TOKENS": "provider.answer_tokens",
    "CANDIDATES": "provider.candidates",
    "LANGUAGE": "provider.language",
    "INSTRUCTIONS": "provider.instructions",
    "FIRST_TOKEN_SECONDS": "provider.first_token_seconds",
    "TOTAL_SECONDS": "provider.total_seconds",
    "CACHE": "provider.cache",
    "AUDIT": "provider.audit",
    "RUN_TIMEOUT": "run.timeout",
    "OUTPUT_LIMIT": "run.output_limit",
    "RUN_SLOW": "run.slow",
    "PREPARE": "prepare",
    "CONNECTIONS": "connections",
    "IDLE_MINUTES": "idle_minutes",
    "KERNELS_LIMIT": "kernels.limit",
    "KERNELS_MEMORY_MB": "kernels.memory_mb",
    "CODE_LENS": "code_lens",
    "DIAGNOSTICS": "diagnostics",
    "REMOTE_URL": "remote.url",
    "REMOTE_FOLDER": "remote.folder",
    "REMOTE_TOKEN_FILE": "remote.token_file",
    "ISOLATION": "isolation.level",
    "ISOLATION_FOLDER": "isolation.folder",
    "ISOLATION_NETWORK": "isolation.network",
    "ISOLATION_READABLE": "isolation.readable",
    "ISOLATION_ENVIRONMENT": "isolation.environment",
    "ISOLATION_MEMORY_MB": "isolation.memory_mb",
}
"""Environment variable, without the prefix -> setting."""

CHOICES = {
    "provider.send": ("never", "ask", "automatic"),
    "provider.values": ("never", "schema", "sample"),
    "isolation.level": ("auto", "process", "limited", "sandboxed"),
    "isolation.folder": ("copied", "read-only", "writable"),
}
"""Setting -> all that it can be."""


def load(environment: Mapping[str, str], file: Path | None) -> tuple[Settings, list[str]]:
    """Return the settings, and a sentence for each that could not be used."""
    settings, problems = Settings(), []
    for source, name, value in (*_from_file(file), *_from_environment(environment)):
        if source == "":
            problems.append(str(value))
            continue
        try:
            if value not in CHOICES.get(name, (value,)):
                raise ValueError(value)
            settings = _with(settings, name.split("."), value)
        except (ValueError, KeyError):
            choices = f" It can be {', '.join(CHOICES[name])}." if name in CHOICES else ""
            problems.append(f"{source}: {name} cannot be {value!r}; the default stands.{choices}")
    return settings, problems


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    for name, setting in ENVIRONMENT.items():
        if (value := environment.get(PREFIX + name, "").strip()) != "":
            yield PREFIX + name, setting, value


def _from_file(file: Path | None) -> Iterator[tuple[str, str, Any]]:
    if file is None or not file.is_file():
        return
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield "", "", f"{file.name} cannot be read ({type(error).__name__}); its settings are not used."
        return
    for name, value in tree.items():
        if isinstance(value, dict):
            for inner, inner_value in value.items():
                yield file.name, f"{name}.{inner}", inner_value
        else:
            yield file.name, name, value


def _with(tree: Any, path: list[str], value: Any) -> Any:
    """Return a copy of a settings tree with one value set. Raises KeyError, ValueError."""
    name, *rest = path
    if name not in {each.name for each in fields(tree)}:
        raise KeyError(name)
    old = getattr(tree, name)
    if rest or is_dataclass(old):
        if not rest or not is_dataclass(old):
            raise KeyError(name)
        return replace(tree, **{name: _with(old, rest, value)})
    return replace(tree, **{name: _as(type(old), value)})


def _as(kind: type, value: Any) -> Any:
    """Read a value as the type of its default. Raises ValueError."""
    if kind is bool:
        if isinstance(value, bool):
            return value
        return {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }[str(value).lower()]
    if kind is tuple:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise ValueError(value)
        return tuple(part.strip() for part in parts if part.strip())
    if kind in (int, float):
        if isinstance(value, bool) or (number := kind(value)) <= 0:
            raise ValueError(value)
        return number
    if not isinstance(value, str):
        raise ValueError(value)
    return value
