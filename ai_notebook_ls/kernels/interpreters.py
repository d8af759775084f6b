"""What an interpreter needs to see of the file system, asked of the interpreter itself."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PATIENCE = 30.0
"""Seconds that an interpreter may take to answer."""
QUESTION = """
import json, site, sys

def editable():  # what `pip install -e` of setuptools maps by an import hook rather than by a path
    for finder in sys.meta_path:
        module = sys.modules.get(getattr(finder, "__module__", None) or type(finder).__module__)
        yield from getattr(module, "MAPPING", {}).values()
        for paths in getattr(module, "NAMESPACES", {}).values():
            yield from paths

print(json.dumps([
    sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix,
    *sys.path, site.getusersitepackages(), *editable(),
]))
"""
_answers: dict[tuple[str, ...], tuple[dict[str, int], list[Path]]] = {}
"""What each interpreter said, and when the folders that it named were last changed."""


def needs(interpreter: Path, environment: Mapping[str, str]) -> list[Path]:
    """Return the files and folders that an interpreter needs, those that exist; blocking.

    One that is not Python, or does not answer, is taken to live in PREFIX/bin.
    """
    key = (str(interpreter), environment.get("PYTHONPATH", ""), environment.get("HOME", ""))
    stamps, found = _answers.get(key, ({}, []))
    if not found or stamps != _stamps(found):
        found = list(dict.fromkeys(path for path in _ask(interpreter, environment) if path.exists()))
        _answers[key] = (_stamps(found), found)
    return found


def _ask(interpreter: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    yield interpreter
    try:
        done = subprocess.run(
            [interpreter, "-c", QUESTION],
            capture_output=True,
            check=True,
            cwd="/",  # the first entry of sys.path
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
        answer = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        answer = [interpreter.parent.parent, interpreter.resolve().parent.parent]
    yield from (Path(path) for path in answer if os.path.isabs(path))  # noqa: PTH117 (Path("") is ".")


def _stamps(paths: Iterable[Path]) -> dict[str, int]:
    """When each folder was last changed: an editable installation adds a file to one."""
    stamps = {}
    for path in paths:
        if path.is_dir():
            stamps[str(path)] = path.stat().st_mtime_ns
    return stamps
