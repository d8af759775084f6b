"""Who may know whom (ARCHITECTURE.md): read from the source, so that an import within a function counts too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ai_notebook_ls"
ROOMS = {
    "core": {"core"},
    "ports": {"core"},
    "settings": set(),
    "storage": set(),
    "assist": {"core", "ports", "settings", "assist"},
    "providers": {"core", "ports", "settings", "storage", "providers"},
    "kernels": {"core", "ports", "settings", "kernels"},
    "lsp": {"core", "lsp"},
    "features": {"core", "ports", "assist", "lsp", "features"},
    "doors": {"core", "lsp", "storage", "doors"},
    "jupyter": set(),
    "logs": {"core"},
}
"""Room -> the rooms it may import; app, __main__, doctor and privacy know all."""

FOREIGN = {
    "lsprotocol": ("lsp/", "features/"),
    "pygls": ("lsp/", "features/"),
    "jupyter_client": ("kernels/",),
    "zmq": ("kernels/",),
    "openai": ("providers/openai_compatible.py",),
    "websockets": ("doors/websocket.py", "kernels/jupyter_server.py", "kernels/remote.py"),
    "asyncio": ("app.py", "doctor.py", "assist/", "lsp/", "features/", "kernels/", "providers/", "doors/"),
}
"""Package -> where alone it may be imported."""

CORE_LIBRARIES = {"__future__", "ai_notebook_ls"}
FILES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((PACKAGE / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_room_knows_only_who_it_may(path: Path) -> None:
    allowed = ROOMS.get(room(path))
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "ai_notebook_ls" and rest and allowed is not None and rest[0] != "__version__":
            assert rest[0] in allowed, f"{path} may not import {name}"
        if top in FOREIGN:
            assert str(path).startswith(FOREIGN[top]), f"{path} may not import {top}"


@pytest.mark.parametrize("path", [path for path in FILES if room(path) == "core"], ids=str)
def test_core_needs_only_the_standard_library(path: Path) -> None:
    import sys

    for name in imports(path):
        top = name.partition(".")[0]
        assert top in CORE_LIBRARIES or top in sys.stdlib_module_names, f"{path} may not import {top}"


def test_every_room_is_named() -> None:
    assert {room(path) for path in FILES} - {"app", "__main__", "__init__", "doctor", "privacy"} == set(ROOMS)


def test_nothing_heavy_at_start() -> None:
    """What the server imports before its first run decides how fast an editor starts."""
    import subprocess
    import sys

    code = "import sys, ai_notebook_ls.app; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {
        "jupyter_client",
        "zmq",
        "IPython",
        "nbformat",
        "openai",
        "websockets",
        "numpy",
        "pandas",
        "jedi",
        "tornado",
    }
    assert not heavy & set(loaded)
