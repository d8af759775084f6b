"""What of the classic Notebook's extension needs no browser, by Node's own test runner."""

import shutil
import subprocess
from pathlib import Path


def test_documents_and_edits() -> None:
    node = shutil.which("node")
    assert node is not None, "the plugin's tools need Node, too"
    tests = Path(__file__).parent.parent / "nbextension" / "tests"
    ran = subprocess.run([node, "--test", str(tests)], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout
    assert "# pass 2" in ran.stdout
