"""What is kept on disk: the destinations agreed to, the audit log of hashes, sizes and times, explanations of before."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path

from ai_notebook_ls.storage import create

CACHE_LIMIT = 10_000_000
"""Bytes of all explanations that are kept."""
AUDIT_LIMIT = 1_000_000
"""Bytes; then the file becomes the old one, of which one is kept."""


class AuditLog:
    """A JSON Lines file of what was sent where (see ports.Audit); no text of any request or answer is in it."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "audit.jsonl" if folder else None

    def sent(self, destination: str, body: bytes) -> None:
        """Record a request just before it is sent."""
        self._note(
            {"sent": destination, "sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)},
        )

    def answered(self, destination: str, characters: int, seconds: float) -> None:
        """Record an answer's size."""
        self._note({"answered": destination, "characters": characters, "seconds": round(seconds, 3)})

    def _note(self, entry: dict[str, object]) -> None:
        if self._file is None:
            return
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with contextlib.suppress(OSError):  # a full disk must not keep anybody from an answer
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._file.is_file() and self._file.stat().st_size > AUDIT_LIMIT:
                self._file.replace(self._file.with_suffix(".old.jsonl"))
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
                stream.write(json.dumps({"time": when, **entry}) + "\n")


class ConsentsFile:
    """A JSON file with the destinations that the user has agreed to (see ports.Consents)."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "consents.json"

    def given(self, destination: str) -> bool:
        """Whether the user has agreed to send to it."""
        return destination in self.all()

    def give(self, destination: str) -> None:
        """Remember that the user agreed."""
        self._write(sorted({*self.all(), destination}))

    def forget(self, destination: str | None = None) -> None:
        """Forget one, or all."""
        self._write([each for each in self.all() if destination is not None and each != destination])

    def all(self) -> list[str]:
        """Return what was agreed to."""
        try:
            read = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [each for each in read if isinstance(each, str)] if isinstance(read, list) else []

    def _write(self, destinations: list[str]) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create(self._file, (json.dumps(destinations, indent=1) + "\n").encode())


class CacheFolder:
    """A file for each explanation (see ports.Cache); the least recently used go first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> str | None:
        """Return what is kept by a key."""
        file = self._folder / f"{key}.md"
        try:
            text = file.read_text(encoding="utf-8")
            os.utime(file)
        except (OSError, ValueError):
            return None
        return text

    def put(self, key: str, text: str) -> None:
        """Keep a text, and drop the oldest where there are too many."""
        with contextlib.suppress(OSError, UnicodeError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            create(self._folder / f"{key}.md", text.encode())
            files = sorted(self._folder.glob("*.md"), key=lambda each: each.stat().st_mtime, reverse=True)
            total = 0
            for each in files:
                total += each.stat().st_size
                if total > CACHE_LIMIT:
                    each.unlink()
