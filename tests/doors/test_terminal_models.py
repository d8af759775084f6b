"""A model at the terminal: asked, previewed, asked about first, and told when it breaks off."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from .test_terminal import command

SCRIPT = "# %%\nprices = [3, 4]\n\n# %%\ntotal = sum(prices)\ntotal\n"
REPLIES = [
    {"match": "Which is", "reply": "The \x1b]52;c;ZXZpbA==\x07largest is `max(prices)`.\n```python\nmax(prices)\n```"},
    {"match": "Break off", "reply": "It is the l", "error": "The server went away."},
    {"match": "Explain", "reply": "It adds the prices."},
    {"match": "Use a loop", "reply": "```python\ntotal = 0\nfor price in prices:\n    total += price\ntotal\n```"},
]


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.py"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def scripted(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "replies.jsonl"
    path.write_text("\n".join(map(json.dumps, REPLIES)))
    return {**os.environ, "AI_NOTEBOOK_LS_PROVIDER": "scripted", "AI_NOTEBOOK_LS_SCRIPT": str(path)}


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    own = {"PROVIDER": "openai", "BASE_URL": "openai", "MODEL": "m", "API_KEY": "sk-0123456789"}
    variables = {f"AI_NOTEBOOK_LS_{name}": value for name, value in own.items()}
    return {**os.environ, **variables, "XDG_STATE_HOME": str(tmp_path / "state")}


def test_a_question(story: Path, scripted: dict[str, str]) -> None:
    done = command("ask", story, "Which is the largest?", env=scripted)
    assert done.returncode == 0
    assert "largest is `max(prices)`.\n```python\nmax(prices)\n```\n\n(scripted: " in done.stdout
    assert not {"\x1b", "\x07"} & set(done.stdout), "a terminal would obey"
    assert "tokens read" in done.stdout
    result = json.loads(command("ask", story, "Which is the largest?", "--json", env=scripted).stdout)
    assert result["code"] == ["max(prices)"]
    assert story.read_text() == SCRIPT


def test_what_was_said_before_it_broke_off_is_there(story: Path, scripted: dict[str, str]) -> None:
    done = command("ask", story, "Break off", env=scripted)
    assert (done.returncode, done.stdout) == (2, "It is the l")
    assert done.stderr.rstrip().endswith("The server went away.")


def test_an_explanation_and_an_improvement(story: Path, scripted: dict[str, str]) -> None:
    told = command("explain", story, "--cell", "2", env=scripted).stdout
    assert told.count("It adds the prices.") == 1
    assert told.startswith("**What this cell does**")
    done = command(
        "improve", story, "--cell", "2", "--instruction", "Use a loop", "--write", "--run-model-code", env=scripted
    )
    assert done.returncode == 0
    assert "+for price in prices:" in done.stdout
    assert "for price in prices:" in story.read_text()


def test_a_preview_is_the_very_body_and_sends_nothing(story: Path, elsewhere: dict[str, str]) -> None:
    done = command("ask", story, "Which is the largest?", "--preview", env=elsewhere)
    head, _, body = done.stdout.partition("\n\n")
    assert head.startswith("To https://api.openai.com: ")
    assert "Nothing was sent." in head
    assert "Which is the largest?" in json.loads(body)["messages"][-1]["content"]
    assert "sk-0123456789" not in done.stdout + done.stderr


def test_where_nobody_can_be_asked_nothing_is_sent(story: Path, elsewhere: dict[str, str]) -> None:
    done = command("ask", story, "Why?", "--yes", env=elsewhere)
    assert done.returncode == 2
    assert "Send this cell, and what of the notebook belongs to it, to https://api.openai.com?" in done.stderr
    assert "Nothing was sent to https://api.openai.com." in done.stderr
    assert command("consents", env=elsewhere).stdout.startswith("You are asked before anything is sent")


def test_what_was_agreed_to_can_be_taken_back(elsewhere: dict[str, str]) -> None:
    folder = Path(elsewhere["XDG_STATE_HOME"], "ai-notebook-ls")
    folder.mkdir(parents=True)
    kept = folder / "consents.json"
    kept.write_text('["https://a.example", "https://b.example"]')
    assert command("consents", env=elsewhere).stdout == "https://a.example\nhttps://b.example\n"
    assert command("consents", "--forget", "https://a.example", env=elsewhere).stdout == "https://b.example\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    done = command("consents", "--forget", "https://a.example", env=elsewhere)
    assert done.returncode == 2
    assert "You did for: https://b.example" in done.stderr
    assert "You are asked" in command("consents", "--forget", "all", env=elsewhere).stdout
    kept.write_text("{oops")
    assert "You are asked" in command("consents", env=elsewhere).stdout
