"""Diagnostics from dataflow are quiet on notebooks without trouble: each scenario, once its right answer is in."""

from pathlib import Path

from ai_notebook_ls.core.findings import findings

from .corpus import Scenario
from .offered import as_notebook


def test_nothing_is_told_of_a_mended_notebook(scenarios: list[Scenario], tmp_path: Path) -> None:
    told = []
    for scenario in scenarios:
        if scenario.answer:
            edits = {f"cell-{number}": text for number, text in scenario.answer.items()}
            notebook = as_notebook(scenario, tmp_path / "story.ipynb").with_sources(edits)
            told += [f"{scenario.name}: {each.message}" for each in findings(notebook)]
    assert told == []
