"""docs/promises.md: each promise names a section that is there and a test that is there, and no section goes without."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROMISING = ("SECURITY.md", "privacy.md", "isolation.md", "receipts.md")
TABLE = [line for line in (ROOT / "docs" / "promises.md").read_text().splitlines() if line.startswith("|")][2:]
ROWS = [tuple(part.strip() for part in line.strip("|").split("|")) for line in TABLE]


def document(name: str) -> Path:
    return ROOT / name if (ROOT / name).is_file() else ROOT / "docs" / name


def sections(name: str) -> set[str]:
    """The anchors of a document's sections, as GitHub makes them; the title's stands for what comes before the first."""
    code = re.compile(r"^\s*```.*?^\s*```", re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", code.sub("", document(name).read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_promise_has_its_section_and_its_test(row: tuple[str, ...]) -> None:
    _, where, test = row
    for place in where.split(", "):
        name, _, anchor = place.partition("#")
        assert anchor in sections(name), f"{name} has no section {anchor!r}"
    for place in test.split(", "):
        file, _, name = place.partition("::")
        assert name in names_of_tests(ROOT / file), f"{file} has no test {name!r}"


@pytest.mark.parametrize("name", PROMISING)
def test_no_section_goes_without_a_test(name: str) -> None:
    held = {place.partition("#")[2] for _, where, _ in ROWS for place in where.split(", ") if place.startswith(name)}
    title = {"security", "privacy", "what-a-receipt-proves-and-what-a-run-takes"}
    assert sections(name) - held - title == set()


def names_of_tests(file: Path) -> set[str]:
    """The names of a file's tests; in TypeScript and JavaScript what `it` or `test` is told."""
    text = file.read_text()
    if file.suffix != ".py":
        return set(re.findall(r"\b(?:it|test)\(\s*[\"'`](.+?)[\"'`],", text))
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in functions if node.name.startswith("test_")}
