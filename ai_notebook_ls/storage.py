"""Every file that the product writes: whole or not at all, and never over somebody else's newer work."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
import time
from pathlib import Path

PART = ".ai-notebook-ls-part"
"""How the names of files in the making end."""
ABANDONED = 60.0
"""Seconds after which a file in the making is taken to be left over from a killed process."""


class ChangedMeanwhile(OSError):
    """The file no longer holds what it held when it was read; nothing was written."""


def create(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file of our own, in place of whatever has its name. Raises OSError, and then nothing has changed."""
    part = _part(path, data, mode)
    try:
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def swap(path: Path, expected: bytes, data: bytes) -> None:
    """Write a user's file if it still holds what is expected; all else about it stays: owner, mode, links, attributes.

    Raises ChangedMeanwhile, or another OSError; nothing has changed then.
    """
    target = path.resolve(strict=True)
    about = target.stat()
    if not os.access(target, os.W_OK):
        raise PermissionError(13, "Permission denied")
    if about.st_nlink > 1 or not _could_own(about):
        _in_place(target, expected, data)
        return
    part = _part(target, data, stat.S_IMODE(about.st_mode))
    try:
        _copy_attributes(target, about, part)
        if target.read_bytes() != expected:
            raise ChangedMeanwhile
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _part(path: Path, data: bytes, mode: int) -> Path:
    """Write a file beside the one that it will become, and remove those that killed processes left there."""
    prefix = f".{path.name}."
    for left in path.parent.glob(f"{_escaped(prefix)}*{PART}"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > ABANDONED:
                left.unlink()
    part = path.with_name(f"{prefix}{secrets.token_hex(4)}{PART}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(mode)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def _escaped(text: str) -> str:
    return "".join(f"[{each}]" if each in "*?[" else each for each in text)


def _could_own(about: os.stat_result) -> bool:
    """Whether a new file could be given the same owner and group."""
    if sys.platform == "win32" or os.geteuid() == 0:
        return True
    return about.st_uid == os.geteuid() and about.st_gid in {os.getegid(), *os.getgroups()}


def _copy_attributes(target: Path, about: os.stat_result, part: Path) -> None:
    """Give a new file what the old one has beside its contents. Raises OSError."""
    if sys.platform == "win32":
        return
    own = part.stat()
    if (own.st_uid, own.st_gid) != (about.st_uid, about.st_gid):
        os.chown(part, about.st_uid, about.st_gid)
        part.chmod(stat.S_IMODE(about.st_mode))  # a change of owner takes the set-id bits away
    if sys.platform == "linux":
        for name in os.listxattr(target):
            with contextlib.suppress(OSError):  # labels that the system itself keeps
                os.setxattr(part, name, os.getxattr(target, name))


def _in_place(target: Path, expected: bytes, data: bytes) -> None:
    """Write into the file itself, which has other names or another owner: only what differs, with its room made first."""
    with target.open("r+b", buffering=0) as file:
        if file.read() != expected:
            raise ChangedMeanwhile
        pairs = enumerate(zip(expected, data, strict=False))
        same = next((at for at, (old, new) in pairs if old != new), min(len(expected), len(data)))
        try:
            if len(data) > len(expected) and hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), len(expected), len(data) - len(expected))
            _write_at(file.fileno(), same, data[same:])
            file.truncate(len(data))
            os.fsync(file.fileno())
        except OSError:
            _write_at(file.fileno(), same, expected[same:])
            file.truncate(len(expected))
            raise


def _write_at(descriptor: int, offset: int, data: bytes) -> None:
    os.lseek(descriptor, offset, os.SEEK_SET)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_folder(folder: Path) -> None:
    """Have the new name outlive a power cut, where a folder can be synchronised."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
