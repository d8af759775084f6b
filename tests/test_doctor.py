"""What `ai-notebook-ls doctor` says of the front ends, from Jupyter's own folders."""

import json
import shutil
from pathlib import Path

import pytest

from ai_notebook_ls import doctor
from ai_notebook_ls.doctor import Finding
from ai_notebook_ls.ports import ProviderInfo
from ai_notebook_ls.settings import Settings

NBEXTENSION = Path(__file__).parent.parent / "nbextension"


def test_the_classic_extension(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, data = tmp_path / "config", tmp_path / "data"
    for name, folder in (("JUPYTER_CONFIG_DIR", config), ("JUPYTER_DATA_DIR", data)):
        monkeypatch.setenv(name, str(folder))
    for name in ("SYSTEM_JUPYTER_PATH", "ENV_JUPYTER_PATH", "SYSTEM_CONFIG_PATH", "ENV_CONFIG_PATH"):
        monkeypatch.setattr(f"jupyter_core.paths.{name}", [])  # what this environment has installed

    def found() -> Finding:
        findings = doctor.examine(Settings(), [], None, ProviderInfo("builtin"))
        return next(each for each in findings if each.what == "Classic extension")

    assert found() == Finding(
        "Classic extension", "missing", "not found", "pip install --force-reinstall --no-deps ai-notebook-ls"
    )
    shutil.copytree(NBEXTENSION / "ai_notebook_ls", data / "nbextensions" / "ai_notebook_ls")
    assert found().remedy == "jupyter nbclassic-extension enable ai_notebook_ls/index"
    (config / "nbconfig" / "notebook.d").mkdir(parents=True)
    shutil.copy(NBEXTENSION / "nbconfig.json", config / "nbconfig" / "notebook.d" / "ai_notebook_ls.json")
    assert found().grade == "ok"
    (config / "nbconfig" / "notebook.json").write_text(json.dumps({"ai_notebook_ls": {"enabled": False}}))
    assert found().detail.endswith("switched off in nbconfig")
