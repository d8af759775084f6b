"""README and docs tell the truth: their commands parse, their targets, settings, links and pictures exist."""

import re
import shlex
from pathlib import Path

import pytest

from ai_notebook_ls.__main__ import parser
from ai_notebook_ls.features import FEATURES
from ai_notebook_ls.lsp.server import NotebookServer
from ai_notebook_ls.settings import ENVIRONMENT, PREFIX, load

ROOT = Path(__file__).parent.parent
PAGES = sorted(page for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")) if page.name != "benchmarks.md")
TEXTS = [pytest.param(page, id=page.name) for page in PAGES]


@pytest.mark.parametrize("page", TEXTS)
def test_commands_parse(page: Path) -> None:
    for line in re.findall(r"^    ai-notebook-ls ([^|\[\n]*)$", page.read_text(), re.MULTILINE):
        words = shlex.split(line, comments=True)
        assert parser().parse_args(words).command in words


@pytest.mark.parametrize("page", TEXTS)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text(), re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", TEXTS)
def test_links_and_pictures_exist(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", TEXTS)
def test_settings_exist(page: Path) -> None:
    known = {PREFIX + name for name in ENVIRONMENT} | {
        PREFIX + "API_KEY",
        PREFIX + "TOKEN",
        PREFIX + "REMOTE_TOKEN",
        PREFIX,
    }
    assert set(re.findall(rf"{PREFIX}[A-Z_]*", page.read_text())) <= known


@pytest.mark.parametrize("page", TEXTS)
def test_settings_files_load(page: Path, tmp_path: Path) -> None:
    for example in re.findall(r"```toml ai_notebook_ls.toml\n(.*?)```", page.read_text(), re.DOTALL):
        file = tmp_path / "ai_notebook_ls.toml"
        file.write_text(example)
        assert load({}, file)[1] == []


def test_help_names_every_setting() -> None:
    text = parser().format_help()
    assert [name for name in ENVIRONMENT if PREFIX + name not in text] == []


def test_the_protocol_page_names_every_command() -> None:
    from ai_notebook_ls.app import build, open_session
    from ai_notebook_ls.settings import Settings

    session = open_session(build(Settings()))
    assert isinstance(session, NotebookServer)
    assert len(FEATURES) > 0
    named = set(re.findall(r"aiNotebook\.(\w+)`", (ROOT / "docs/protocol.md").read_text()))
    assert {name.removeprefix("aiNotebook.") for name in session.protocol.fm.commands} <= named
