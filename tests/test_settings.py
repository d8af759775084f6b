"""Settings: later wins, bad ones are said and do no harm."""

from pathlib import Path

import pytest

from ai_notebook_ls.settings import Settings, load


def test_defaults_and_no_file(tmp_path: Path) -> None:
    assert load({}, tmp_path / "none.toml") == (Settings(), [])
    assert Settings().run.timeout == 120.0


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ai_notebook_ls.toml"
    file.write_text('code_lens = false\nidle_minutes = 5\n[run]\ntimeout = 7\n[provider]\nname = "scripted"\n')
    settings, problems = load({"AI_NOTEBOOK_LS_RUN_TIMEOUT": "9", "AI_NOTEBOOK_LS_CODE_LENS": "yes"}, file)
    assert problems == []
    assert (settings.run.timeout, settings.code_lens, settings.idle_minutes) == (9.0, True, 5.0)
    assert settings.provider.name == "scripted"


def test_lists(tmp_path: Path) -> None:
    file = tmp_path / "ai_notebook_ls.toml"
    file.write_text('[isolation]\nreadable = ["/data", "/more, data"]\n')
    settings, problems = load({"AI_NOTEBOOK_LS_ISOLATION_ENVIRONMENT": "AWS_*, TOKEN,"}, file)
    assert problems == []
    assert settings.isolation.readable == ("/data", "/more, data")
    assert settings.isolation.environment == ("AWS_*", "TOKEN")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[run]\ntimeout = -1\n", "run.timeout"),
        ("[run]\ntimeout = 'soon'\n", "run.timeout"),
        ("run = 3\n", "run"),
        ("nonsense = 1\n", "nonsense"),
        ("[provider]\nname = 3\n", "provider.name"),
        ("[isolation]\nlevel = 'jail'\n", "It can be auto, process, limited, sandboxed."),
        ("[isolation]\nreadable = [1]\n", "isolation.readable"),
        ("[isolation]\nreadable = 3\n", "isolation.readable"),
        ("not toml", "cannot be read"),
    ],
)
def test_a_bad_setting_is_said_and_the_default_stands(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "ai_notebook_ls.toml"
    file.write_text(text)
    settings, problems = load({}, file)
    assert settings == Settings()
    assert len(problems) == 1
    assert said in problems[0]


def test_a_bad_environment_names_its_variable() -> None:
    settings, problems = load({"AI_NOTEBOOK_LS_IDLE_MINUTES": "never", "AI_NOTEBOOK_LS_CODE_LENS": "maybe"}, None)
    assert settings == Settings()
    assert [problem.split(":")[0] for problem in problems] == [
        "AI_NOTEBOOK_LS_IDLE_MINUTES",
        "AI_NOTEBOOK_LS_CODE_LENS",
    ]
