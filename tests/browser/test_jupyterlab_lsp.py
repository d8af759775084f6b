"""Stock jupyterlab-lsp: beside pylsp nothing of it is ours; where nobody else speaks Python it shows what we know."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.jupyter import Jupyter, open_notebook, running
from tests.browser.test_panel import act, write
from tests.browser.test_walking_path import cell, connected, hover

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# How jupyter-lsp lets a person switch a server off.
OFF = {"LanguageServerManager": {"language_servers": {"pylsp": {"argv": [], "languages": ["python"], "version": 2}}}}
PLUGIN_OFF: dict[str, object] = {"ai-notebook-ls-lab:plugin": {"enabled": False}}


@contextlib.contextmanager
def without_pylsp(tmp_path: Path, overrides: dict[str, object] | None = None) -> Iterator[Jupyter]:
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    (home / "config" / "jupyter_server_config.d").mkdir(parents=True)
    (home / "config" / "jupyter_server_config.d" / "servers.json").write_text(json.dumps(OFF))
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    made.cells = [
        nbformat.v4.new_code_cell("\n\nprices = {'🦊': 3}"),
        nbformat.v4.new_markdown_cell("# Prices\n\nof fruit"),
        nbformat.v4.new_code_cell("%time fruit = 1\nprint('🦊', pricse)"),
        nbformat.v4.new_code_cell("print('last', prices)"),
    ]
    nbformat.write(made, root / "a+b ü.ipynb")
    with running(root, home, overrides=overrides) as jupyter:
        yield jupyter


def told(page: Page, number: int) -> Any:
    """What jupyterlab-lsp underlines in a code cell."""
    return cell(page, number).locator(".cm-lintRange")


def ask(page: Page, number: int, line: int, text: str) -> Any:
    """Rest the mouse beside the beginning of a text with Ctrl held, which is how jupyterlab-lsp is asked; return its tooltip."""
    page.mouse.move(5, 5)
    expect(page.locator(".lsp-hover")).to_have_count(0)
    page.keyboard.down("Control")
    hover(page, cell(page, number).locator(".cm-line").nth(line), text)
    return page.locator(".lsp-hover")


@pytest.mark.newest  # beside the oldest there is no pylsp
def test_pylsp_completes_while_we_explain_and_offer(page: Page, jupyter: Jupyter) -> None:
    # Nothing was run: what `decimal` has only a language server knows, the kernel does not.
    notebook = write(jupyter, "beside.ipynb", ["import decimal\nprice = 3", "decimal", "print(price)"])
    with page.expect_event("websocket", lambda socket: "/lsp/ws/pylsp" in socket.url, timeout=120_000):
        open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    expect(page.get_by_text("Fully initialized")).to_be_visible(timeout=60_000)
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("End")
    page.keyboard.type(".ROUND_HALF_")
    completion = page.locator(".jp-Completer-item", has_text="ROUND_HALF_EVEN").first
    for _ in range(20):  # JupyterLab waits a second for an answer; pylsp's first takes longer
        page.keyboard.press("Tab")
        with contextlib.suppress(AssertionError):
            expect(completion).to_be_visible(timeout=3_000)
            break
    expect(completion).to_be_visible()
    page.keyboard.press("Escape")
    expect(cell(page, 1).locator(".jp-AiNotebook-bulb")).to_be_visible()
    for _ in range(2):
        hover(page, cell(page, 2).locator(".cm-line").first, "price")
        expect(page.locator(".jp-AiNotebook-hover")).to_contain_text("cell 1")
        page.mouse.move(5, 5)
        expect(page.locator(".jp-AiNotebook-hover")).to_have_count(0)
    assert "attach" not in jupyter.log.read_text(), "our stock connection is not even started"


def test_it_shows_what_the_page_ran(page: Page, tmp_path: Path) -> None:
    with without_pylsp(tmp_path) as jupyter:
        with page.expect_event("websocket", lambda socket: "/lsp/ws/ai-notebook-ls" in socket.url, timeout=120_000):
            open_notebook(page, jupyter, "lab", "a+b ü.ipynb")
        connected(page)
        expect(told(page, 1)).to_have_text("pricse", timeout=60_000)
        assert told(page, 0).count() == told(page, 2).count() == 0
        expect(ask(page, 2, 0, "prices")).to_contain_text("cell 1")
        page.keyboard.up("Control")

        act(page, 1, "Run in sidecar")
        expect(cell(page, 1).locator(".cm-lintRange-error")).to_have_text("print('🦊', pricse)")
        act(page, 1, "Explain")
        expect(ask(page, 1, 1, "icse")).to_contain_text(re.compile("NameError.*pricse", re.S))
        page.keyboard.up("Control")
        assert "attach: relaying to the sidecar" in jupyter.log.read_text()


@pytest.mark.long
def test_it_works_with_our_own_extension_switched_off(page: Page, tmp_path: Path) -> None:
    with without_pylsp(tmp_path, PLUGIN_OFF) as jupyter:
        open_notebook(page, jupyter, "lab", "a+b ü.ipynb")
        expect(told(page, 1)).to_have_text("pricse", timeout=60_000)
        assert page.locator("[class*='jp-AiNotebook']").count() == 0
        expect(ask(page, 2, 0, "prices")).to_contain_text("cell 1")
        page.keyboard.up("Control")
        expect(ask(page, 2, 0, "prices")).to_contain_text("prices = {'🦊': 3}")
        page.keyboard.up("Control")

        # A cell that is nowhere on disk; those below it are where they are now.
        cell(page, 1).locator(".jp-InputPrompt").click()
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        page.keyboard.type("basket = prices")
        cell(page, 3).locator(".cm-content").click()
        page.keyboard.press("End")
        page.keyboard.type("; basket; pirces")
        expect(told(page, 2)).to_have_text("pricse")
        expect(told(page, 3)).to_have_text("pirces")
        expect(ask(page, 3, 0, "basket")).to_contain_text("cell 3")
        page.keyboard.up("Control")

        # Mended: nothing is told any more.
        cell(page, 3).locator(".cm-content").click()
        page.keyboard.press("End")
        for _ in "; pirces":
            page.keyboard.press("Backspace")
        expect(told(page, 3)).to_have_count(0)
        expect(told(page, 2)).to_have_text("pricse")
        assert "attach: no sidecar runs" in jupyter.log.read_text()


@pytest.mark.long
def test_two_pages_share_the_connection(page: Page, browser: Browser, tmp_path: Path) -> None:
    with without_pylsp(tmp_path, PLUGIN_OFF) as jupyter:
        other = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
        for each in (page, other):
            open_notebook(each, jupyter, "lab", "a+b ü.ipynb")
            expect(told(each, 1)).to_have_text("pricse", timeout=60_000)
        status: Any = jupyter.get("lsp/status")
        assert status["sessions"]["ai-notebook-ls"]["handler_count"] == 2
        for each in (page, other):
            expect(ask(each, 2, 0, "prices")).to_contain_text("cell 1")
            each.keyboard.up("Control")
        other.reload()
        expect(told(other, 1)).to_have_text("pricse", timeout=60_000)
        other.context.close()
        cell(page, 1).locator(".cm-content").click()
        page.keyboard.press("Control+End")
        for _ in "icse)":
            page.keyboard.press("Backspace")
        page.keyboard.type("ices)")
        expect(told(page, 1)).to_have_count(0)
        expect(ask(page, 1, 1, "ices")).to_contain_text("cell 1")
        page.keyboard.up("Control")
