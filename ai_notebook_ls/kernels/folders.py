"""The notebook's folder in a sandbox: what surrounds it, and the copy that a kernel may write to.

A kernel in the sandbox is not trusted with our file rights: it can put links and files of any kind into the copy while
we write to it. So every step in the copy is taken by a descriptor of the folder above, and follows no link.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

MARKS = (".git", ".hg", "pyproject.toml", "setup.py", "environment.yml", "requirements.txt")
"""What the top folder of a project holds."""
SKIPPED = {".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".ipynb_checkpoints"}
ENVIRONMENT = ("pyvenv.cfg", "conda-meta")
"""Folders that are not copied: of these names, and holding one of those."""
TEMPORARIES = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108
MOST_FILES = 5000
"""Files that are copied, and looked at before each run."""
TEMPORARY = ".ai-notebook-ls-part"
STEP = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FileId = tuple[int, int, int]


class TooLarge(Exception):
    """The folder holds more than is copied."""


class _Copied(NamedTuple):
    """One file, as it was on both sides when it was copied."""

    original: FileId
    copy: FileId


def project_of(folder: Path, home: Path) -> Path | None:
    """Return the top folder of the project that a folder belongs to; never one that holds much else."""
    for place in (folder, *folder.parents):
        if is_wide(place, home):
            return None
        if any((place / mark).exists() for mark in MARKS):
            return place
    return None


def is_wide(folder: Path, home: Path) -> bool:
    """Whether a folder holds what many programs keep: the home folder, one that holds it, a temporary one."""
    return folder == home or folder in home.parents or folder in TEMPORARIES


def remove(folder: Path) -> None:
    """Remove a folder and all in it, which somebody may have made so that this is hard; what cannot be removed stays."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except (OSError, RecursionError):
        with contextlib.suppress(OSError):
            _flatten(folder)
            folder.rmdir()


def _flatten(folder: Path) -> None:
    """Empty a folder, however deep, whose folders may forbid to be read: each gives its own to the top and goes."""
    top = os.open(folder, STEP)
    prefix, number, removed = uuid.uuid4().hex, 0, True
    try:
        while removed:
            removed = False
            for name in os.listdir(top):  # noqa: PTH208
                with contextlib.suppress(OSError):
                    if inner := _open_to_empty(name, top):
                        try:
                            for each in os.listdir(inner):  # noqa: PTH208
                                if below := _open_to_empty(each, inner):
                                    os.close(below)
                                    number += 1
                                    os.rename(each, f"{prefix}-{number}", src_dir_fd=inner, dst_dir_fd=top)
                        finally:
                            os.close(inner)
                        os.rmdir(name, dir_fd=top)
                    removed = True
    finally:
        os.close(top)


def _open_to_empty(name: str, above: int) -> int | None:
    """Open a folder so that it can be emptied; anything else is removed."""
    try:
        os.unlink(name, dir_fd=above)
    except OSError:  # a folder: EISDIR, on macOS EPERM
        os.chmod(name, 0o700, dir_fd=above)
        return os.open(name, STEP, dir_fd=above)
    return None


class FolderCopy:
    """A copy of a folder, which follows the original but never undoes what was changed in the copy."""

    def __init__(
        self,
        original: Path,
        path: Path,
        limit: int,
        shallow: bool = False,
        linked: tuple[int, Path] | None = None,
        hidden: Collection[Path] = (),
    ) -> None:
        """Make an empty one; `shallow`: of visible files only, not of folders. Raises OSError.

        What is `hidden` is left out. `linked`: files of more bytes than that are links to what has their name in a folder.
        """
        self.path = path
        self._original = original
        self._limit = limit
        self._shallow = shallow
        self._linked = linked
        self._hidden = hidden
        self._copied: dict[str, _Copied] = {}
        path.mkdir(mode=0o700)
        self._root = os.open(path, STEP)
        # The sweep of killed servers' folders (nests.py) leaves alone what is locked.
        fcntl.flock(self._root, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def update(self) -> None:
        """Copy what is new or changed in the original; blocking. Raises TooLarge, and then copies nothing."""
        for folder, files in self._scan():
            target = self._open(folder)
            if target is None:
                continue
            try:
                for name, identity in files:
                    with contextlib.suppress(OSError):
                        self._copy(target, os.path.join(folder, name), name, identity)  # noqa: PTH118
            finally:
                os.close(target)

    def holds(self, relative: Path) -> bool:
        """Whether there is such a file or folder in the copy."""
        return os.path.lexists(self.path / relative)

    def close(self) -> None:
        """Remove it; again is harmless."""
        if self._root >= 0:
            remove(self.path)
            os.close(self._root)
            self._root = -1

    def _scan(self) -> list[tuple[str, list[tuple[str, FileId]]]]:
        """Return every folder, relative, with its files. Raises TooLarge."""
        found = []
        size = count = 0
        for folder, files in self._walk():
            found.append((folder, files))
            size += sum(identity[0] for _, identity in files if not self._is_linked(identity))
            count += len(files) + 1
            if size > self._limit or count > MOST_FILES:
                raise TooLarge
        return found

    def _is_linked(self, identity: FileId) -> bool:
        return self._linked is not None and identity[0] > self._linked[0]

    def _walk(self) -> Iterator[tuple[str, list[tuple[str, FileId]]]]:
        folders = [""]
        while folders:
            folder = folders.pop()
            files: list[tuple[str, FileId]] = []
            with contextlib.suppress(OSError), os.scandir(self._original / folder) as entries:
                for entry in entries:
                    if self._hidden and Path(entry.path) in self._hidden:
                        continue
                    if self._shallow and (entry.name.startswith(".") or entry.is_dir(follow_symlinks=False)):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if not _is_skipped(entry):
                            folders.append(os.path.join(folder, entry.name))  # noqa: PTH118
                    elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
                        files.append((entry.name, _identity(entry.stat(follow_symlinks=False))))
            yield folder, files

    def _open(self, folder: str) -> int | None:
        """Open a folder of the copy, made where it is missing; None if something else is in its place."""
        here = os.dup(self._root)
        for name in Path(folder).parts:
            above = here
            try:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, dir_fd=above)
                here = os.open(name, STEP, dir_fd=above)
            except OSError:
                return None
            finally:
                os.close(above)
        return here

    def _copy(self, folder: int, path: str, name: str, identity: FileId) -> None:
        """Copy one file or link, unless it is copied already or was changed, made or deleted in the copy."""
        before = self._copied.get(path)
        if before and before.original == identity:
            return
        present = None
        with contextlib.suppress(FileNotFoundError):
            present = _identity(os.stat(name, dir_fd=folder, follow_symlinks=False))
        if present != (before.copy if before else None):
            return
        source = self._original / path
        with contextlib.suppress(FileNotFoundError):
            os.unlink(TEMPORARY, dir_fd=folder)
        if source.is_symlink():
            os.symlink(os.readlink(source), TEMPORARY, dir_fd=folder)  # noqa: PTH115
        elif self._linked and self._is_linked(identity):
            os.symlink(self._linked[1] / path, TEMPORARY, dir_fd=folder)
        else:
            _copy_file(source, folder)
        os.rename(TEMPORARY, name, src_dir_fd=folder, dst_dir_fd=folder)
        self._copied[path] = _Copied(identity, _identity(os.stat(name, dir_fd=folder, follow_symlinks=False)))


def _is_skipped(folder: os.DirEntry[str]) -> bool:
    return folder.name in SKIPPED or any(Path(folder.path, mark).exists() for mark in ENVIRONMENT)


def _identity(about: os.stat_result) -> FileId:
    return about.st_size, about.st_mtime_ns, about.st_ino


def _copy_file(source: Path, folder: int) -> None:
    with source.open("rb") as original:
        about = os.fstat(original.fileno())
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(TEMPORARY, flags, 0o600, dir_fd=folder), "wb") as copy:
            try:  # shares the blocks where the file system can
                while os.copy_file_range(original.fileno(), copy.fileno(), 1 << 30):
                    pass
            except OSError:
                original.seek(0)
                copy.truncate(0)
                shutil.copyfileobj(original, copy)
                copy.flush()
            os.fchmod(copy.fileno(), stat.S_IMODE(about.st_mode) & 0o777 | stat.S_IWUSR)
            os.utime(copy.fileno(), ns=(about.st_atime_ns, about.st_mtime_ns))
