"""One Jupyter server for all browser tests, one Chromium a module; a page and a fresh notebook for each."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.environments import interpreter
from tests.browser.jupyter import Jupyter, chromium, running

CELLS = [
    "x = 41\nprint('mine', x)",
    "prices = {'apple': 3}",
    "total = pricse['apple'] * 14\ntotal",
    "print('total', total)",
]

HARMLESS = (
    "reading 'schema'",  # Notebook 7.6's own, without us too (lab.md §5.3)
    "'filebrowser:open-path' not registered",  # Notebook 7.6's own, too
    "reading 'last_modified'",  # Notebook 7.2's, of a notebook without checkpoints
    "Disposed",  # JupyterLab's own (sessioncontext.js), where a notebook is closed while its kernel starts
    "Canceled future for debug_request",  # JupyterLab 4.2's, where a notebook is closed while its kernel starts
    "ResizeObserver",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test on the newest and on the oldest versions; on every commit the oldest only where a mark asks for it."""
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    if "python" in metafunc.fixturenames and "newest" not in marks:
        oldest = pytest.param("oldest", marks=() if "oldest" in marks else pytest.mark.long)
        metafunc.parametrize("python", ["newest", oldest], indirect=True, scope="session")


@pytest.fixture(scope="session")
def python(request: pytest.FixtureRequest) -> str:
    """The interpreter that has JupyterLab and Notebook 7, with jupyterlab-lsp; beside the newest there is pylsp, too."""
    return interpreter(".venv-oldest") if getattr(request, "param", "newest") == "oldest" else sys.executable


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory, python: str) -> Iterator[Jupyter]:
    """A server for all tests that need nothing special of it."""
    root, home = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("home")
    with running(root, home, python=python) as server:
        yield server


# Not for the session: Playwright's event loop runs as long as the browser does, and no async test can run meanwhile.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test if a script of it failed."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(30_000)
    yield page
    context.close()
    assert [error for error in errors if not any(word in error for word in HARMLESS)] == []


@pytest.fixture
def notebook(jupyter: Jupyter, request: pytest.FixtureRequest) -> str:
    """A notebook of its own, whose third cell has a misspelt name; its path on the server."""
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}}
    )
    made.cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    name = f"{request.node.name.replace('[', '-').replace(']', '')} ü.ipynb"
    nbformat.write(made, jupyter.root / name)
    return name


def saved(jupyter: Jupyter, notebook: str) -> Any:
    """Return a notebook as it is on disk."""
    return nbformat.read(Path(jupyter.root, notebook), 4)
