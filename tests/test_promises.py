"""docs/promises.md: each promise names a document that is there, and a test that is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| (?P<promise>[^|]+) \| (?P<where>[^|]+) \| (?P<test>[^|]+) \|$")
ROWS = [
    found
    for line in (ROOT / "docs" / "promises.md").read_text().splitlines()[6:]
    if line.startswith("|") and not line.startswith("|---") and (found := ROW.match(line))
]


def test_every_row_can_be_read() -> None:
    lines = [line for line in (ROOT / "docs" / "promises.md").read_text().splitlines() if line.startswith("|")]
    assert len(ROWS) == len(lines) - 2


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["promise"])
def test_it_has_a_document_and_a_test(row: re.Match[str]) -> None:
    for name in row["where"].split(", "):
        assert (ROOT / name).is_file() or (ROOT / "docs" / name).is_file(), f"there is no document {name}"
    for place in row["test"].split(", "):
        file, _, name = place.partition("::")
        assert (ROOT / file).is_file(), f"there is no file {file}"
        assert name in _tests(ROOT / file), f"{file} has no test {name}"


def _tests(file: Path) -> set[str]:
    """The names of a file's tests; those of a TypeScript or JavaScript file are what it says to `it` or `test`."""
    text = file.read_text()
    if file.suffix != ".py":
        return set(re.findall(r"\b(?:it|test)\(\s*[\"'`](.+?)[\"'`],", text))
    return {
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
    }
