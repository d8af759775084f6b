"""One tree of defaulted, frozen settings; bad ones give a message and the default, never a crash."""

from __future__ import annotations

from dataclasses import dataclass, field


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
    """Bytes of source per cell that are analysed and run."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Which provider answers besides the builtin one."""

    name: str = "builtin"
    base_url: str | None = None
    model: str | None = None
    script: str | None = None
    """The scripted provider's replies: a JSON Lines file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    run: RunSettings = field(default_factory=RunSettings)
    provider: ProviderSettings = field(default_factory=ProviderSettings)
    code_lens: bool = True
    idle_minutes: float = 60.0
    """A sidecar kernel that nobody used for so long is closed."""
