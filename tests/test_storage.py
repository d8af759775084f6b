"""Files are written whole or not at all, and nobody's newer work is lost."""

import os
import sys
from pathlib import Path

import pytest

from ai_notebook_ls import storage

OLD, NEW = b"old\n", b"the new one\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a [b] *.ipynb"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


def only(path: Path) -> bool:
    return [each.name for each in path.parent.iterdir()] == [path.name]


def test_mode_links_and_attributes_stay(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    if sys.platform == "linux":
        os.setxattr(file, "user.note", b"mine")
    storage.swap(link, OLD, NEW)
    assert (link.is_symlink(), file.read_bytes(), file.stat().st_mode & 0o7777) == (True, NEW, 0o640)
    if sys.platform == "linux":
        assert os.getxattr(file, "user.note") == b"mine"


def test_other_names_of_the_file_keep_up(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    os.link(file, other)
    storage.swap(file, OLD, NEW)
    assert other.read_bytes() == NEW
    storage.swap(other, NEW, OLD)
    assert (file.read_bytes(), file.stat().st_nlink) == (OLD, 2)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_stays(file: Path) -> None:
    os.chown(file, 4242, 4343)
    storage.swap(file, OLD, NEW)
    about = file.stat()
    assert (about.st_uid, about.st_gid, about.st_mode & 0o7777) == (4242, 4343, 0o640)


@pytest.mark.parametrize("linked", [False, True])
def test_newer_work_is_left_alone(file: Path, linked: bool, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if linked:
        os.link(file, folder / "other")
    file.write_bytes(b"saved meanwhile")
    with pytest.raises(storage.ChangedMeanwhile):
        storage.swap(file, OLD, NEW)
    assert file.read_bytes() == b"saved meanwhile"
    assert {each.name for each in tmp_path.iterdir()} == {file.name, folder.name}


@pytest.mark.parametrize("linked", [False, True])
def test_a_full_disk_leaves_the_old_one(
    file: Path, linked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if linked:
        os.link(file, tmp_path / "other")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        storage.swap(file, OLD, NEW)
    assert file.read_bytes() == OLD
    with pytest.raises(OSError, match="No space left"):
        storage.create(file, NEW)
    assert file.read_bytes() == OLD
    assert not list(tmp_path.glob(f".*{storage.PART}"))


def test_what_a_killed_process_left_is_swept(file: Path) -> None:
    left = file.with_name(f".{file.name}.0000{storage.PART}")
    fresh = file.with_name(f".{file.name}.1111{storage.PART}")
    for each in (left, fresh):
        each.write_bytes(b"half")
    os.utime(left, (1, 1))
    storage.swap(file, OLD, NEW)
    assert (left.exists(), fresh.exists()) == (False, True), "another process may be writing the fresh one"


def test_what_is_ours_is_private(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    storage.create(file, NEW)
    storage.create(file, OLD)
    assert (file.read_bytes(), file.stat().st_mode & 0o777, only(file)) == (OLD, 0o600, True)
