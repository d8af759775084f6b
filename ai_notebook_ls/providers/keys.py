"""Keys of model servers: from the environment, the system's keyring, or a file that nobody else may read.

They never travel over LSP, are in no log, no message and no `repr`, and kernels do not inherit them.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.storage import create

SERVICE = "ai-notebook-ls"
OURS = "AI_NOTEBOOK_LS_API_KEY"
OPENAI = "OPENAI_API_KEY"

Source = Literal["environment", "keyring", "file"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and where it is from."""

    source: Source
    place: str
    """The variable's, or the file's name."""
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """Where keys are looked for and kept."""

    file: Path
    environment: Mapping[str, str] = field(repr=False)

    def find(self, name: str) -> Key | None:
        """Return the key of a preset or origin: from the environment, the keyring or the file, in this order.

        May wait for the keyring: not on the event loop. Raises BadArguments if the file may be read by others, or if a
        key has characters that no header can carry.
        """
        return self._from_environment(name) or self._from_keyring(name) or self._from_file(name)

    def may_have(self, name: str) -> bool:
        """Whether there is a key, or a keyring that may have one; quick. Raises BadArguments as `find` does."""
        return self.at_hand(name) is not None or importlib.util.find_spec("keyring") is not None

    def at_hand(self, name: str) -> Key | None:
        """Return the key that is there without asking a keyring; quick. Raises BadArguments as `find` does."""
        return self._from_environment(name) or self._from_file(name)

    def _from_environment(self, name: str) -> Key | None:
        for variable in (OURS, OPENAI) if name == "openai" else (OURS,):
            if value := self.environment.get(variable, "").strip():
                return Key("environment", variable, _usable(value))
        return None

    def _from_keyring(self, name: str) -> Key | None:
        backend = _backend()
        with contextlib.suppress(Exception):  # locked, or its service is gone: each backend has errors of its own
            if backend and (value := backend.get_password(SERVICE, name)):
                return Key("keyring", "the system's keyring", value)
        return None

    def _from_file(self, name: str) -> Key | None:
        value = self._read().get(name, "")
        return Key("file", self.file.name, _usable(value)) if value else None

    def set(self, name: str, value: str) -> Source:
        """Keep a key in the keyring, or where there is none in the file; return where. Raises BadArguments."""
        value = _usable(value.strip())
        if _to_keyring(name, value):
            return "keyring"
        self._write({**self._read(), name: value})
        return "file"

    def forget(self, name: str) -> bool:
        """Remove a key from the keyring and the file; return whether there was one. Raises BadArguments."""
        forgot = _out_of_keyring(name)
        kept = self._read()
        if name in kept:
            self._write({each: value for each, value in kept.items() if each != name})
            forgot = True
        return forgot

    def _read(self) -> dict[str, str]:
        try:
            mode = self.file.stat().st_mode
        except OSError:
            return {}
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadArguments(f"Others may read the file of keys, {self.file}.", f"Run `chmod 600 {self.file}`.")
        try:
            read = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            raise BadArguments(
                f"The file of keys, {self.file}, cannot be read: it is damaged.",
                "Delete it, and set your keys again with `ai-notebook-ls key set SERVER`.",
            ) from None
        return {name: value for name, value in read.items() if isinstance(value, str)} if isinstance(read, dict) else {}

    def _write(self, keys: Mapping[str, str]) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create(self.file, json.dumps(dict(keys), indent=1).encode())


def _usable(value: str) -> str:
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise BadArguments("The key has characters that no key has.", "Copy it again, without spaces or line ends.")
    return value


def _backend() -> Any:
    """Return the keyring package if there is one with a place to keep things; a headless machine has none."""
    try:
        import keyring
        from keyring.backends import fail
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), fail.Keyring) else keyring


def _to_keyring(name: str, value: str) -> bool:
    backend = _backend()
    with contextlib.suppress(Exception):
        if backend:
            backend.set_password(SERVICE, name, value)
            return True
    return False


def _out_of_keyring(name: str) -> bool:
    backend = _backend()
    with contextlib.suppress(Exception):
        if backend:
            backend.delete_password(SERVICE, name)
            return True
    return False
