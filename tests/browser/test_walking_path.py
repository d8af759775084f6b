"""The walking path in a real browser: lightbulb → fix → diff → apply → run in sidecar, the user's kernel untouched."""

import contextlib
import os
import re
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Page, expect

from ai_notebook_ls.kernels import sandbox
from tests.browser.jupyter import Jupyter, open_notebook, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
APPS = ["lab", "notebook"]
LAB_FIRST = ["lab", pytest.param("notebook", marks=pytest.mark.long)]
"""In JupyterLab on every commit; Notebook 7 runs the same extension, and the walking path on every commit, too."""


def cell(page: Page, number: int) -> Any:
    return page.locator(".jp-NotebookPanel:visible .jp-Notebook .jp-CodeCell").nth(number)


def run_in_own_kernel(page: Page, number: int) -> None:
    """Press Ctrl+Enter in a cell and wait until the user's kernel has run it."""
    prompt = cell(page, number).locator(".jp-InputPrompt")
    cell(page, number).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    with contextlib.suppress(AssertionError):  # a notebook that is still being opened takes no keys
        expect(prompt).not_to_have_text("[ ]:")
    if prompt.inner_text() == "[ ]:":
        cell(page, number).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=60_000)


def connected(page: Page) -> None:
    expect(page.locator(".jp-AiNotebook-status[data-state='ready']").first).to_be_attached(timeout=60_000)


def choose(page: Page, action: str) -> None:
    page.locator(".lm-Menu.jp-AiNotebook-menu .lm-Menu-item", has_text=action).click()


def hover(page: Page, line: Any, text: str) -> None:
    """Rest the mouse on a text within a line of code, which has one font and no elements of its own."""
    width = line.evaluate(
        "line => { const range = document.createRange(); range.selectNodeContents(line);"
        " return range.getBoundingClientRect().width / line.textContent.length; }"
    )
    line.hover(position={"x": (line.text_content().index(text) + 1.5) * width, "y": 8})


def newest(page: Page) -> Any:
    return page.locator(".jp-AiNotebook-card").first


@pytest.mark.oldest
@pytest.mark.parametrize("app", APPS)
def test_a_broken_cell_is_fixed_applied_and_run(page: Page, jupyter: Jupyter, notebook: str, app: str) -> None:
    open_notebook(page, jupyter, app, notebook)
    connected(page)
    run_in_own_kernel(page, 0)
    expect(cell(page, 0).locator(".jp-OutputArea-output")).to_contain_text("mine 41")
    run_in_own_kernel(page, 1)
    run_in_own_kernel(page, 2)
    expect(cell(page, 2).locator(".jp-OutputArea-output")).to_contain_text("NameError")

    # The bulb of a failed cell is there at once; its menu begins with the fix.
    bulb = cell(page, 2).locator(".jp-AiNotebook-bulb[data-failed]")
    expect(bulb).to_be_visible()
    bulb.click()
    items = page.locator(".jp-AiNotebook-menu .lm-Menu-itemLabel")
    expect(items.first).to_contain_text("Fix")
    assert [text.split(" (")[0] for text in items.all_inner_texts()] == [
        "Fix this cell",
        "Rename to `prices`",
        "Explain this cell",
        "Run in sidecar",
    ]
    choose(page, "Fix")

    card = newest(page)
    expect(card).to_have_attribute("data-phase", "done", timeout=60_000)
    candidate = card.locator(".jp-AiNotebook-candidate").first
    expect(candidate).to_have_attribute("data-verdict", "verified")
    expect(candidate.locator(".jp-AiNotebook-reason")).to_contain_text("the error is gone")
    expect(candidate.locator(".jp-AiNotebook-diff")).to_contain_text("prices")
    expect(cell(page, 2).locator(".cm-content")).to_contain_text("pricse"), "nothing changes before Apply"

    candidate.locator(".jp-AiNotebook-apply").click()
    expect(cell(page, 2).locator(".cm-content")).to_contain_text("total = prices['apple'] * 14")
    cell(page, 2).locator(".cm-content").click()
    page.keyboard.press("Control+z")
    expect(cell(page, 2).locator(".cm-content")).to_contain_text("pricse"), "one undo step"
    page.keyboard.press("Control+Shift+z")
    expect(cell(page, 2).locator(".cm-content")).to_contain_text("prices")

    # By keyboard alone: the menu, then the run; the output comes in the panel.
    cell(page, 3).locator(".cm-content").click()
    page.keyboard.press("Control+.")
    expect(items.first).to_be_visible()
    choose(page, "Run in sidecar")
    card = newest(page)
    expect(card).to_have_attribute("data-verb", "run")
    expect(card.locator(".jp-AiNotebook-outputs")).to_contain_text("total 42", timeout=60_000)

    # The user's own kernel ran three cells and knows nothing of `total`.
    cell(page, 0).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("print(x, 'total' in globals(), len(In) - 1)")
    page.keyboard.press("Control+Enter")
    expect(cell(page, 0).locator(".jp-OutputArea-output")).to_contain_text("41 False 4", timeout=60_000)


@pytest.mark.parametrize("app", LAB_FIRST)
def test_a_cell_is_explained_and_hovered(page: Page, jupyter: Jupyter, notebook: str, app: str) -> None:
    open_notebook(page, jupyter, app, notebook)
    connected(page)
    cell(page, 3).locator(".cm-content").click()
    bulb = cell(page, 3).locator(".jp-AiNotebook-bulb")
    expect(bulb).to_be_visible()
    bulb.click()
    choose(page, "Explain")
    card = newest(page)
    expect(card).to_have_attribute("data-phase", "done", timeout=60_000)
    expect(card.locator(".jp-AiNotebook-markdown")).to_contain_text("total")
    hover(page, cell(page, 3).locator(".cm-line").first, "total)")
    expect(page.locator(".jp-AiNotebook-hover")).to_contain_text("cell 3")


def test_a_long_run_is_stopped(page: Page, jupyter: Jupyter, notebook: str) -> None:
    open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    cell(page, 0).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("print('begun', flush=True)\nwhile True: pass")
    page.keyboard.press("Control+.")
    choose(page, "Run in sidecar")
    card = newest(page)
    expect(card.locator(".jp-AiNotebook-outputs")).to_contain_text("begun", timeout=60_000)
    card.locator(".jp-AiNotebook-stop").click()
    expect(card).not_to_have_attribute("data-phase", "running")
    expect(page.locator(".jp-AiNotebook-status[data-kernel='busy']")).to_have_count(0)


def test_the_level_and_what_it_withholds_are_told(page: Page, jupyter: Jupyter, notebook: str) -> None:
    open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    cell(page, 0).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')")
    page.keyboard.press("Control+.")
    choose(page, "Run in sidecar")
    card = newest(page)
    expect(card).to_have_attribute("data-phase", "done", timeout=60_000)
    told = page.locator(".jp-AiNotebook-statusButton").first
    if sandbox.obstacle():
        expect(told.locator(".jp-AiNotebook-statusLevel[data-weaker='true']")).to_have_text("limited")
        expect(told).to_have_attribute("title", re.compile(re.escape(sandbox.obstacle())))
        return
    expect(card.locator(".jp-AiNotebook-notice")).to_contain_text("The sandbox has no network; allow it with")
    expect(told.locator(".jp-AiNotebook-statusLevel[data-weaker='false']")).to_have_text("sandboxed")
    expect(told).to_have_attribute("title", re.compile("Isolation is sandboxed: apart from your files"))


@pytest.mark.newest
def test_a_weaker_level_says_why(page: Page, tmp_path: Path, notebook: str, jupyter: Jupyter) -> None:
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "ai_notebook_ls.toml").write_text("[isolation]\nlevel = 'process'\n")
    with running(jupyter.root, tmp_path / "home") as weaker:
        open_notebook(page, weaker, "lab", notebook)
        connected(page)
        told = page.locator(".jp-AiNotebook-statusButton").first
        expect(told.locator(".jp-AiNotebook-statusLevel[data-weaker='true']")).to_have_text("process")
        expect(told).to_have_attribute("title", re.compile("The setting isolation.level asks for it"))


def test_apply_refuses_a_cell_that_has_changed(page: Page, jupyter: Jupyter, notebook: str) -> None:
    open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    cell(page, 2).locator(".cm-content").click()
    page.keyboard.press("Control+.")
    choose(page, "Fix")
    candidate = newest(page).locator(".jp-AiNotebook-candidate[data-verdict='verified']").first
    expect(candidate).to_be_visible(timeout=60_000)
    cell(page, 2).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("  # mine")
    candidate.locator(".jp-AiNotebook-apply").click()
    expect(candidate.locator("[data-said='refused']")).to_contain_text("changed")
    expect(cell(page, 2).locator(".cm-content")).to_contain_text("pricse")


def test_the_page_reconnects_after_the_server_was_killed(page: Page, jupyter: Jupyter, notebook: str) -> None:
    open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    ours = jupyter.sidecars()
    assert len(ours) == 1, "one process serves all pages"
    cell(page, 0).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("print('begun', flush=True)\nwhile True: pass")
    page.keyboard.press("Control+.")
    choose(page, "Run in sidecar")
    expect(newest(page).locator(".jp-AiNotebook-outputs")).to_contain_text("begun", timeout=60_000)
    descendants = ours[0].children(recursive=True)
    os.kill(ours[0].pid, signal.SIGKILL)
    expect(newest(page)).to_have_attribute("data-phase", "lost")
    _, alive = psutil.wait_procs(descendants, timeout=2)
    assert alive == [], "no orphan kernel after 2 s"
    connected(page)
    cell(page, 0).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("x = 41")
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("x + 1")
    page.keyboard.press("Control+.")
    choose(page, "Run in sidecar")
    expect(newest(page)).to_have_attribute("data-phase", "done", timeout=60_000)
    expect(newest(page)).to_contain_text("1 cell before it"), "the notebook was sent anew"
    expect(newest(page).locator(".jp-AiNotebook-outputs")).to_contain_text("42")


@pytest.mark.newest
def test_pylsp_keeps_its_own_connection(page: Page, jupyter: Jupyter, notebook: str) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    with page.expect_event("websocket", lambda socket: "/lsp/ws/pylsp" in socket.url, timeout=120_000):
        open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    status: Any = jupyter.get("lsp/status")
    specs = {name: session["spec"]["languages"] for name, session in status["sessions"].items()}
    assert specs["ai-notebook-ls"] == ["ai-notebook"], "python is left to pylsp"
    assert "python" in specs["pylsp"]
    assert any("/ai-notebook-ls/" in url for url in sockets)
    assert not any("/lsp/ws/ai-notebook-ls" in url for url in sockets)
