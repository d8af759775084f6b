"""What is kept on disk about sending: the destinations agreed to, and the audit log of hashes, sizes and times."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from pathlib import Path

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
            with self._file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"time": when, **entry}) + "\n")


class ConsentsFile:
    """A JSON file with the destinations that the user has agreed to (see ports.Consents)."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "consents.json"

    def given(self, destination: str) -> bool:
        """Whether the user has agreed to send to it."""
        return destination in self._read()

    def give(self, destination: str) -> None:
        """Remember that the user agreed."""
        self._write(sorted({*self._read(), destination}))

    def forget(self, destination: str | None = None) -> None:
        """Forget one, or all."""
        self._write([each for each in self._read() if destination is not None and each != destination])

    def _read(self) -> list[str]:
        try:
            read = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [each for each in read if isinstance(each, str)] if isinstance(read, list) else []

    def _write(self, destinations: list[str]) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file.write_text(json.dumps(destinations, indent=1) + "\n", encoding="utf-8")
