"""The terminal door, as a person uses it: real processes, real files, exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

BROKEN = ["prices = {'apple': 3}", "total = pricse['apple'] * 2\ntotal", "print('total', total)"]
SCRIPT = "# %% first\nprices = {'apple': 3}\n\n# %%\ntotal = pricse['apple'] * 2\n\n# %%\nprint('total', total)\n"


def command(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `ai-notebook-ls`."""
    line = [sys.executable, "-m", "ai_notebook_ls", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, **options)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook whose second code cell fails; spaces and an accent in its path."""
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}}
    )
    made.cells = [nbformat.v4.new_markdown_cell("# Prices"), *(nbformat.v4.new_code_cell(text) for text in BROKEN)]
    for number, cell in enumerate(made.cells):
        cell["id"] = f"id-{number}"
    path = tmp_path / "a notebóok.ipynb"
    nbformat.write(made, path)
    return path


def test_fix_finds_the_first_failing_cell_and_verifies(notebook: Path) -> None:
    before = notebook.read_bytes()
    done = command("fix", notebook, "--json")
    assert done.returncode == 0
    result = json.loads(done.stdout)
    assert (result["failure"]["cell"], result["failure"]["index"], result["failure"]["line"]) == ("id-2", 2, 0)
    best = result["candidates"][0]
    assert best["receipt"]["verdict"] == "verified"
    assert best["edits"][0]["newText"] == BROKEN[1].replace("pricse", "prices")
    assert best["edits"][0]["cell"] == "id-2"
    assert best["origin"].startswith("builtin:")
    assert notebook.read_bytes() == before, "nothing is written unasked"
    assert "Running cell 2" in done.stderr


def test_write_changes_the_edited_cell_and_nothing_else(notebook: Path) -> None:
    before = notebook.read_text()
    done = command("fix", notebook, "--write")
    assert done.returncode == 0
    assert "Written to" in done.stderr
    assert "--write" not in done.stdout, "it is done"
    changed = [
        pair for pair in zip(before.splitlines(), notebook.read_text().splitlines(), strict=True) if pair[0] != pair[1]
    ]
    assert len(changed) == 1
    done = command("run", notebook)
    assert done.returncode == 0
    assert "total 6" in done.stdout
    again = command("fix", notebook)
    assert again.returncode == 0
    assert "nothing to fix" in again.stdout


def test_work_that_was_saved_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "story.py"
    saves = f"import pathlib\nnewer = pathlib.Path({str(path)!r}).write_text('newer')\n\n"
    path.write_text(saves + SCRIPT)
    environment = {**os.environ, "AI_NOTEBOOK_LS_ISOLATION": "process"}
    done = command("fix", path, "--json", "--write", "--yes", env=environment)
    result = json.loads(done.stdout)
    assert (done.returncode, result["written"], path.read_text()) == (2, False, "newer")
    assert result["candidates"][0]["receipt"]["verdict"] == "verified"
    assert "nothing was written" in done.stderr
    assert "Traceback" not in done.stderr


def test_relative_entries_of_pythonpath_are_those_of_the_notebooks_folder(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "ours.py").write_text("answer = 42\n")
    (tmp_path / "story.py").write_text("import ours\nours.answer\n")
    for place in (tmp_path, tmp_path.parent):
        path = os.pathsep.join(["lib", "", ".", *filter(None, [os.environ.get("PYTHONPATH")])])
        done = command("run", tmp_path / "story.py", cwd=place, env={**os.environ, "PYTHONPATH": path})
        assert (done.returncode, "42" in done.stdout) == (0, True), done.stderr


def test_a_script_is_a_notebook_too(tmp_path: Path) -> None:
    path = tmp_path / "prices.py"
    path.write_bytes(SCRIPT.replace("\n", "\r\n").encode())
    result = json.loads(command("fix", path, "--json", "--write").stdout)
    assert result["failure"]["cell"] == "cell-1"
    assert path.read_bytes() == SCRIPT.replace("pricse", "prices").replace("\n", "\r\n").encode()
    done = command("run", path, "--cell", "3")
    assert "total 6" in done.stdout


def test_run_and_explain_one_cell(notebook: Path) -> None:
    done = command("run", notebook, "--cell", "id-1", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "ok")
    done = command("run", notebook, "--cell", "4")
    assert done.returncode == 1
    assert "Cell 3 failed, so cell 4 was not run." in done.stdout
    assert "\x1b" not in done.stdout
    done = command("explain", notebook, "--cell", "3")
    assert done.returncode == 0
    assert "pricse" in done.stdout


def test_nothing_verified_is_exit_1(tmp_path: Path) -> None:
    path = tmp_path / "hopeless.py"
    path.write_text("raise RuntimeError('on purpose')\n")
    done = command("fix", path, "--write")
    assert done.returncode == 1
    assert "RuntimeError" in done.stdout
    assert path.read_text() == "raise RuntimeError('on purpose')\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.ipynb", None, "There is no file"),
        ("cut.ipynb", '{"cells": [', "not valid JSON"),
        ("list.ipynb", "[]", "not a notebook"),
        ("other.ipynb", '{"a": 1}', "not a notebook"),
        ("binary.py", b"\xff\xfe\x00\x01", "not UTF-8"),
        ("empty.py", "", "no code cells"),
        ("deep.ipynb", "[" * 100_000, "not valid JSON"),
    ],
)
def test_bad_files_are_said(tmp_path: Path, name: str, content: str | bytes | None, words: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for verb in ("run", "fix"):
        done = command(verb, path)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_bad_usage_is_exit_2(notebook: Path, tmp_path: Path) -> None:
    assert command("run", notebook, "--cell", "99").returncode == 2
    assert "There is no cell '99'" in command("run", notebook, "--cell", "99").stderr
    assert "markdown" in command("run", notebook, "--cell", "1").stderr
    assert command("run", notebook, "--mode", "sideways").returncode == 2
    assert command("nonsense").returncode == 2
    assert "private" in command("serve", "--unix-socket", tmp_path / "none" / "s").stderr
    assert "--allow-remote" in command("serve", "--port", "0", "--host", "0.0.0.0").stderr


def test_a_missing_kernel_is_said(notebook: Path) -> None:
    made = nbformat.read(notebook, 4)
    made.metadata["kernelspec"]["name"] = "no-such-kernel"
    nbformat.write(made, notebook)
    done = command("run", notebook)
    assert done.returncode == 2
    assert "no-such-kernel" in done.stderr
    assert "not installed" in done.stderr


def test_a_dying_kernel_is_an_outcome(tmp_path: Path) -> None:
    path = tmp_path / "die.py"
    path.write_text("x = 1\n# %%\nimport os\nos._exit(3)\n")
    done = command("run", path, "--json")
    result = json.loads(done.stdout)
    assert (done.returncode, result["status"]) == (1, "died")
    assert "lost" in result["notice"]


def test_an_old_notebook_format_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.ipynb"
    cell = {
        "cell_type": "code",
        "language": "python",
        "collapsed": False,
        "input": ["1 + x"],
        "outputs": [],
        "metadata": {},
    }
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": [cell], "metadata": {}}],
    }
    path.write_text(json.dumps(old))
    done = command("run", path, "--json")
    assert json.loads(done.stdout)["failure"]["ename"] == "NameError"


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_control_c_stops_and_says_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_NOTEBOOK_LS_ISOLATION_FOLDER", "writable")  # else the mark goes to a copy
    path, mark = tmp_path / "loop.py", tmp_path / "started"
    path.write_text(f"import pathlib\npathlib.Path({str(mark)!r}).touch()\nwhile True:\n    pass\n")
    process = subprocess.Popen([sys.executable, "-m", "ai_notebook_ls", "run", str(path)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not mark.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130


def test_doctor_and_version() -> None:
    done = command("doctor", "--json")
    found = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert found["Kernel"]["grade"] == "ok"
    assert found["Isolation"]["detail"].partition(":")[0] in ("process", "limited", "sandboxed")
    assert command("--version").stdout.startswith("ai-notebook-ls ")
