"""Folders that are deeper than Python can go."""

from __future__ import annotations

import os
from pathlib import Path

from ai_notebook_ls.kernels.folders import remove


def test_a_folder_is_removed_however_deep(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deep", dir_fd=here)
        here, above = os.open("deep", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    remove(tmp_path / "deep")
    assert not (tmp_path / "deep").exists()
