"""Keys: where they are looked for and kept, who may read them, and that the command never shows one."""

from __future__ import annotations

import asyncio
import io
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.privacy import key
from ai_notebook_ls.providers.keys import Key, Keys
from ai_notebook_ls.providers.openai_compatible import Limits, OpenAIModel
from ai_notebook_ls.providers.presets import PRESETS, preset_of

CANARY = "sk-canary-0123456789abcdef"
RING = """\
import json, os, pathlib
from keyring.backend import KeyringBackend

class Ring(KeyringBackend):
    priority = 1
    file = pathlib.Path(os.environ["RING_FILE"])

    def _read(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def get_password(self, service, name):
        return self._read().get(f"{service}/{name}")

    def set_password(self, service, name, value):
        self.file.write_text(json.dumps({**self._read(), f"{service}/{name}": value}))

    def delete_password(self, service, name):
        kept = self._read()
        del kept[f"{service}/{name}"]
        self.file.write_text(json.dumps(kept))
"""


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "state" / "keys.json", {})


def found(keys: Keys, name: str) -> tuple[str, str] | None:
    known = keys.find(name)
    return (known.source, known.value) if known else None


def test_a_file_that_only_its_owner_may_read(keys: Keys) -> None:
    assert keys.set("openai", f"  {CANARY}\n") == "file"
    assert found(keys, "openai") == ("file", CANARY)
    assert found(keys, "ollama") is None
    if os.name == "posix":
        assert stat.S_IMODE(keys.file.stat().st_mode) == 0o600
        assert stat.S_IMODE(keys.file.parent.stat().st_mode) == 0o700
    assert keys.forget("openai")
    assert not keys.forget("openai")
    assert CANARY not in keys.file.read_text()


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_a_file_that_others_may_read_is_refused(keys: Keys) -> None:
    keys.set("openai", CANARY)
    keys.file.chmod(0o640)
    with pytest.raises(BadArguments, match="Others may read") as caught:
        keys.find("openai")
    assert f"chmod 600 {keys.file}" in caught.value.hint
    assert CANARY not in str(caught.value)


def test_the_environment_comes_first_and_openais_own_only_for_openai(tmp_path: Path) -> None:
    ours, theirs = "sk-ours-0123456789", "sk-theirs-0123456789"
    both = Keys(tmp_path / "keys.json", {"AI_NOTEBOOK_LS_API_KEY": ours, "OPENAI_API_KEY": theirs})
    both.set("openai", CANARY)
    assert found(both, "openai") == ("environment", ours)
    assert found(Keys(both.file, {"OPENAI_API_KEY": theirs}), "openai") == ("environment", theirs)
    assert found(Keys(tmp_path / "none", {"OPENAI_API_KEY": theirs}), "vllm") is None


@pytest.mark.parametrize("value", ["", "  ", "sk-ümlaut", "two words", "line\nbreak"])
def test_what_is_no_key_is_not_kept(keys: Keys, value: str) -> None:
    with pytest.raises(BadArguments):
        keys.set("openai", value)
    assert not keys.file.exists()


def test_a_file_that_is_none_of_ours(keys: Keys) -> None:
    keys.file.parent.mkdir()
    keys.file.touch(0o600)
    for text in ("[]", '{"openai": 7}'):
        keys.file.write_text(text)
        assert keys.find("openai") is None
    keys.file.write_text("{oops")
    with pytest.raises(BadArguments, match="cannot be read"):
        keys.find("openai")


def test_no_repr_shows_one(keys: Keys) -> None:
    assert CANARY not in repr(Key("file", "keys.json", CANARY)) + repr(Keys(keys.file, {"OPENAI_API_KEY": CANARY}))


def told(keys: Keys, what: str, server: str = "openai", typed: str = "") -> tuple[int, str]:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(typed))
        code = key(keys, what, preset_of(server, {}), out)
    assert CANARY not in out.getvalue()
    return code, out.getvalue()


def test_the_command(keys: Keys) -> None:
    assert told(keys, "show")[0] == 1
    code, text = told(keys, "set", typed=f"{CANARY}\n")
    assert (code, str(keys.file) in text) == (0, True)
    assert told(keys, "show") == (0, "There is a key for https://api.openai.com, from keys.json.\n")
    assert "forgotten" in told(keys, "forget")[1]
    assert "no key" in told(keys, "forget")[1]
    with pytest.raises(BadArguments, match="No key was given"):
        told(keys, "set", typed="\n")


def test_a_server_by_its_url_has_a_key_of_its_own(keys: Keys) -> None:
    url = "https://models.example.org/v1"
    told(keys, "set", url, f"{CANARY}\n")
    assert found(keys, preset_of(url, {}).name) == ("file", CANARY)
    assert found(keys, "openai") is None


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A system's keyring, as far as the package `keyring` can tell."""
    (tmp_path / "own_ring.py").write_text(RING)
    monkeypatch.setenv("RING_FILE", str(tmp_path / "ring.json"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "own_ring.Ring")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ""))))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("AI_NOTEBOOK_LS_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return tmp_path / "ring.json"


def command(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "ai_notebook_ls", "key", *words]
    return subprocess.run(line, input=typed, capture_output=True, text=True, timeout=60)


def test_the_keyring_is_used_where_there_is_one(ring: Path, tmp_path: Path) -> None:
    assert "keyring" in command("set", "openai", typed=f"{CANARY}\n").stdout
    assert CANARY in ring.read_text()
    assert not list((tmp_path / "state").rglob("keys.json"))
    shown = command("show", "openai")
    assert (shown.returncode, "the system's keyring" in shown.stdout) == (0, True)
    assert CANARY not in shown.stdout + shown.stderr
    command("forget", "openai")
    assert CANARY not in ring.read_text()
    assert command("show", "openai").returncode == 1


def test_every_server_has_a_name_to_keep_a_key_by() -> None:
    assert {preset_of(name, {}).name for name in PRESETS} == set(PRESETS)


def test_a_damaged_file_leaves_alone_what_needs_no_key(keys: Keys) -> None:
    keys.file.parent.mkdir()
    keys.file.touch(0o600)
    for text in ("{oops", "[" * 100_000, "\0"):
        keys.file.write_text(text)
        local = OpenAIModel(preset_of("ollama", {}), "small", keys, Limits())
        assert (local.info.ready, asyncio.run(local.key())) == (True, None)
        away = OpenAIModel(preset_of("openai", {}), "large", keys, Limits())
        assert (away.info.ready, str(keys.file) in (away.info.why or "")) == (False, True)
