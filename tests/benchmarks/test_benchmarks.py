"""The benchmarks run, and their page names every contender. What they measure is nobody's to assert."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_quick_run_of_the_kernels_fills_its_tables(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "kernels", "--output", page]
    subprocess.run(command, cwd=ROOT, check=True, timeout=150)
    text = page.read_text(encoding="utf-8")
    targets, warm = tables(text)
    assert [row[0] for row in targets][:1] == ["warm run in a sidecar kernel, against raw ZMQ"]
    assert [row[0] for row in warm] == [
        "raw ZMQ, the sidecar's kernel",
        "sidecar kernel",
        "raw ZMQ, stock kernel",
        "`AsyncKernelClient`, stock kernel",
        "nbclient, stock kernel",
    ]
    for _, p50, p95, count, ratio in warm:
        assert p50 == "not installed" or (number(p50) <= number(p95) and number(count) > 0 and ratio.endswith("x"))


def tables(page: str) -> list[list[list[str]]]:
    """The rows of each table, without header and rule."""
    blocks = [block.splitlines()[2:] for block in page.split("\n\n") if block.startswith("| ")]
    return [[row.removeprefix("| ").removesuffix(" |").split(" | ") for row in block] for block in blocks]


def number(text: str) -> float:
    return float(text.replace(",", ""))
