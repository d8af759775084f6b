"""Whose is Python? Asked of a real jupyter-lsp, as it starts."""

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # jupyter-lsp's own, as it is imported
OFF = {"argv": [], "languages": ["python"], "version": 2}


@pytest.fixture
def languages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    # Whatever this machine has: what is looked for is only in the folders of the test.
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{Path(sys.executable).parent}")

    from jupyter_lsp.manager import LanguageServerManager

    def ask(**options: Any) -> list[str]:
        manager = LanguageServerManager(**options)
        manager.initialize()
        assert manager.language_servers["ai-notebook-ls"]["argv"][-1] == "attach"
        for_both = (manager.language_servers, manager.all_language_servers)
        (found,) = {tuple(servers["ai-notebook-ls"]["languages"]) for servers in for_both}
        return list(found)

    return ask


def executable(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_pylsp_keeps_python(languages: Any) -> None:
    assert languages() == ["ai-notebook"]


def test_python_is_ours_where_nobody_else_speaks_it(languages: Any) -> None:
    assert languages(language_servers={"pylsp": OFF}) == ["python", "ai-notebook"]


def spec(command: str, *more: str) -> dict[str, Any]:
    return {"argv": [command, *more, "attach"], "languages": ["python"], "version": 2}


@pytest.mark.parametrize("command", ["ty", "ruff", "zuban"])
def test_one_that_only_the_configuration_names_keeps_it(languages: Any, command: str) -> None:
    assert languages(language_servers={"pylsp": OFF, command: spec(command, "server")}) == ["ai-notebook"]


@pytest.mark.parametrize("command", ["basedpyright-langserver", "jedi-language-server", "pyrefly"])
def test_one_on_the_path_keeps_it(languages: Any, tmp_path: Path, command: str) -> None:
    executable(tmp_path / "bin" / command)
    assert languages(language_servers={"pylsp": OFF}) == ["ai-notebook"]


def test_one_that_node_installed_keeps_it(languages: Any, tmp_path: Path) -> None:
    executable(tmp_path / "bin" / "node")
    root = tmp_path / "node_root"
    executable(root / "node_modules" / "pyright" / "langserver.index.js")
    options = {"language_servers": {"pylsp": OFF}, "extra_node_roots": [str(root)]}
    assert languages(**options) == ["ai-notebook"]


def test_a_file_of_the_configuration_counts(languages: Any, tmp_path: Path) -> None:
    folder = tmp_path / "config" / "jupyter_server_config.d"
    folder.mkdir(parents=True)
    text = '{"LanguageServerManager": {"language_servers": {"pylsp": {"argv": [], "languages": ["python"], "version": 2}}}}'
    (folder / "mine.json").write_text(text)
    assert languages() == ["python", "ai-notebook"]


def test_ours_is_switched_off_like_any_other(languages: Any) -> None:
    from jupyter_lsp.manager import LanguageServerManager

    manager = LanguageServerManager(language_servers={"ai-notebook-ls": OFF})
    manager.initialize()
    assert "ai-notebook-ls" not in manager.language_servers
