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
    cell_limit: int = 2_000_000
    """Characters of source per cell that are analysed and run."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Which provider answers besides the builtin one."""

    name: str = "builtin"
    """`builtin` or `scripted`."""
    script: str = ""
    """The scripted provider's replies: a JSON Lines file."""


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
class Settings:
    """All settings."""

    run: RunSettings = field(default_factory=RunSettings)
    provider: ProviderSettings = field(default_factory=ProviderSettings)
    remote: RemoteSettings = field(default_factory=RemoteSettings)
    code_lens: bool = True
    """Show `Run in sidecar` over each cell, in editors that have code lenses."""
    prepare: bool = True
    """Get ready to start a kernel as soon as a notebook is opened; nothing of the notebook's is run."""
    idle_minutes: float = 60.0
    """A sidecar kernel that nobody used for so long is closed."""


ENVIRONMENT = {
    "PROVIDER": "provider.name",
    "SCRIPT": "provider.script",
    "RUN_TIMEOUT": "run.timeout",
    "OUTPUT_LIMIT": "run.output_limit",
    "PREPARE": "prepare",
    "IDLE_MINUTES": "idle_minutes",
    "CODE_LENS": "code_lens",
    "REMOTE_URL": "remote.url",
    "REMOTE_FOLDER": "remote.folder",
    "REMOTE_TOKEN_FILE": "remote.token_file",
}
"""Environment variable, without the prefix -> setting."""


def load(environment: Mapping[str, str], file: Path | None) -> tuple[Settings, list[str]]:
    """Return the settings, and a sentence for each that could not be used."""
    settings, problems = Settings(), []
    for source, name, value in (*_from_file(file), *_from_environment(environment)):
        if source == "":
            problems.append(str(value))
            continue
        try:
            settings = _with(settings, name.split("."), value)
        except (ValueError, KeyError):
            problems.append(f"{source}: {name} cannot be {value!r}; the default stands.")
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
    if kind in (int, float):
        if isinstance(value, bool) or (number := kind(value)) <= 0:
            raise ValueError(value)
        return number
    if not isinstance(value, str):
        raise ValueError(value)
    return value
