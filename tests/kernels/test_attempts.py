"""What a process that has locked itself down attempts in vain (attempts.py)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ai_notebook_ls.kernels import containment

WHY = containment.probe(Path(sys.executable)).why
pytestmark = pytest.mark.skipif("no Landlock" in WHY or sys.platform != "linux", reason=WHY)
KERNELS = Path(containment.__file__).parent


@pytest.mark.parametrize("options", [{"newest": 7, "namespaces": True}, {"newest": 1, "namespaces": False}])
def test_it_holds_without_privileges(options):
    """Attempts of a process that is not root's."""

    become = "os.geteuid() or (os.setgroups([]), os.setgid(65534), os.setuid(65534))"
    # What it needs is imported before: it need not be there for everybody.
    modules = "json, os, resource, sys, attempts, filters, lockdown, supervisor"
    code = f"import sys; sys.path.insert(0, {str(KERNELS)!r})\nimport {modules}\n{become}\nattempts.main({options})"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, cwd="/", check=False)
    assert json.loads(done.stdout or b"{}").get("leaks") == [], done


def test_each_leak_is_found(tmp_path):
    """The attempts themselves: in a process that is not locked down all of them succeed."""
    for name in ("attempts.py", "filters.py", "supervisor.py"):
        (tmp_path / name).write_text((KERNELS / name).read_text())
    (tmp_path / "lockdown.py").write_text("def lock_down(plan, keep):\n    return 7, set()\n")
    command = [sys.executable, "-I", str(tmp_path / "attempts.py"), '{"newest": 7, "namespaces": false}']
    leaks = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["leaks"]
    assert len(leaks) >= 15
    assert {"TCP connections can be made", "UDP datagrams can be sent", "files outside can be changed"} <= set(leaks)


def test_where_there_is_no_landlock_nothing_is_contained(monkeypatch):
    monkeypatch.setattr(containment, "NEWEST", 0)
    assert "no Landlock" in containment.probe(Path(sys.executable)).why
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert "riscv64" in containment.probe(Path(sys.executable)).why
