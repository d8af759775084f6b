"""What notebooks and networks do meanwhile: nothing is lost, nothing lands in the wrong cell, nothing hangs."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.jupyter import Jupyter, open_notebook, running
from tests.browser.test_panel import act, bar, panel, write
from tests.browser.test_walking_path import cell, choose, connected, newest, run_in_own_kernel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CELLS = ["prices = {'apple': 3}", "pricse['apple']", "print('last')"]


def source(page: Page, number: int) -> Any:
    return cell(page, number).locator(".cm-content")


def test_a_fix_finds_its_cell_when_cells_move_and_refuses_when_it_is_gone(page: Page, jupyter: Jupyter) -> None:
    open_notebook(page, jupyter, "lab", write(jupyter, "moved.ipynb", CELLS))
    connected(page)
    card = act(page, 1, "Fix")
    cell(page, 1).locator(".jp-InputPrompt").click()
    page.keyboard.press("Control+Shift+ArrowDown")
    expect(source(page, 1)).to_contain_text("last")
    expect(card.get_by_role("button", name=re.compile("^Cell"))).to_have_count(1)
    card.get_by_role("button", name="Apply").click()
    expect(source(page, 2)).to_have_text("prices['apple']")
    expect(source(page, 1)).to_have_text("print('last')")
    card.get_by_role("button", name="Undo").click()
    expect(source(page, 2)).to_have_text("pricse['apple']")

    # Split, then merged again: refused while it is another text, and taken when it is the same again.
    source(page, 2).click()
    page.keyboard.press("Home")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Shift+Minus")
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(4)
    card.get_by_role("button", name="Apply").click()
    expect(card.locator(".jp-AiNotebook-said")).to_contain_text(re.compile("has changed|is gone"))

    # Deleted, and put back by undo.
    open_notebook(page, jupyter, "lab", write(jupyter, "deleted.ipynb", CELLS))
    connected(page)
    card = act(page, 1, "Fix")
    cell(page, 1).locator(".jp-InputPrompt").click()
    page.keyboard.press("d")
    page.keyboard.press("d")
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(2)
    card.get_by_role("button", name="Apply").click()
    expect(card.locator(".jp-AiNotebook-said")).to_contain_text("The cell is gone; nothing was changed.")
    page.locator(".jp-Notebook").click(position={"x": 5, "y": 300})
    page.keyboard.press("z")
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(3)
    card.get_by_role("button", name="Apply").click()
    expect(source(page, 1)).to_have_text("prices['apple']")


def test_two_pages_on_one_notebook(page: Page, jupyter: Jupyter, browser: Browser) -> None:
    notebook = write(jupyter, "two.ipynb", ["import time\nbegun = time.time()", "begun"])
    other = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    for each in (page, other):
        open_notebook(each, jupyter, "lab", notebook)
        connected(each)
    first = act(page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs .jp-OutputArea-output").inner_text()
    expect(other.locator(".jp-AiNotebook-card")).to_have_count(0)
    second = act(other, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs .jp-OutputArea-output").inner_text()
    assert first == second, "both pages see the same sidecar kernel"
    other.context.close()
    expect(act(page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs")).to_contain_text(first.strip())


def test_renamed_and_closed_while_it_runs(page: Page, jupyter: Jupyter) -> None:
    wait = "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)\nprint('gone on')"
    write(jupyter, "rename.ipynb", [wait, "print('second')"])
    open_notebook(page, jupyter, "lab", "rename.ipynb")
    connected(page)
    source(page, 0).click()
    page.keyboard.press("Alt+Shift+R")
    expect(cell(page, 0).locator(".jp-AiNotebook-running")).to_be_attached()
    page.get_by_role("menuitem", name="File").click()
    page.get_by_role("menuitem", name="Rename Notebook").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("renamed.ipynb")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="renamed.ipynb")).to_be_visible()
    page.locator(".jp-AiNotebook-card .jp-AiNotebook-stop").first.click()
    expect(newest(page)).to_have_attribute("data-phase", re.compile("done|stopped"), timeout=60_000)
    expect(act(page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs")).to_contain_text("second")

    # Closing the notebook stops what runs for it: the next one's sidecar is not held up.
    source(page, 0).click()
    page.keyboard.press("Alt+Shift+R")
    expect(cell(page, 0).locator(".jp-AiNotebook-running")).to_be_attached()
    page.keyboard.press("Escape")
    page.get_by_role("menuitem", name="File").click()
    page.get_by_role("menuitem", name="Close and Shut Down Notebook").click()
    page.get_by_role("button", name=re.compile("Discard|Shut Down|Ok|Yes")).first.click()
    open_notebook(page, jupyter, "lab", "renamed.ipynb")
    connected(page)
    expect(act(page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs")).to_contain_text("second")


@pytest.mark.long
def test_a_windowed_notebook(page: Page, tmp_path: Path, python: str) -> None:
    """Of a long notebook only the cells in view are in the page; ours come and go with them."""
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    settings: dict[str, object] = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "full"}}
    with running(root, home, settings=settings, python=python) as jupyter:
        cells = [f"# {number}\n\n\nprint({number})" for number in range(200)]
        open_notebook(page, jupyter, "lab", write(jupyter, "long.ipynb", ["prices = 1", "pricse", *cells]))
        connected(page)
        run_in_own_kernel(page, 1)
        expect(bar(page, 1)).to_be_visible()
        act(page, 1, "Fix")
        page.keyboard.press("Escape")
        page.locator(".jp-Notebook").click(position={"x": 5, "y": 300})
        page.keyboard.press("Escape")
        page.keyboard.press("Control+End")
        page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop = 1e6")
        last = page.locator(".jp-CodeCell", has_text="print(199)")
        expect(last).to_be_visible()
        expect(page.locator(".jp-CodeCell", has_text="pricse")).to_be_hidden()
        last.locator(".cm-content").click()
        last.locator(".jp-AiNotebook-bulb").click()
        choose(page, "Run in sidecar")
        expect(newest(page).locator(".jp-AiNotebook-outputs")).to_contain_text("199", timeout=60_000)
        # From the panel back to a cell that is not in the page.
        panel(page).locator(".jp-AiNotebook-card[data-verb='fix']").get_by_role("button", name="Apply").click()
        broken = page.locator(".jp-CodeCell .cm-content").filter(has_text=re.compile("^prices$"))
        expect(broken).to_be_visible()


def test_a_slow_link(page: Page, jupyter: Jupyter) -> None:
    open_notebook(page, jupyter, "lab", write(jupyter, "slow.ipynb", CELLS))
    connected(page)
    link = page.context.new_cdp_session(page)
    link.send("Network.enable")
    slow = {"offline": False, "latency": 600, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
    link.send("Network.emulateNetworkConditions", slow)
    source(page, 1).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" * 2")
    page.keyboard.press("Control+.")  # at once: what was typed must be on its way before the question
    choose(page, "Fix")
    card = newest(page)
    expect(card.locator(".jp-AiNotebook-candidate[data-verdict='verified']")).to_be_visible(timeout=60_000)
    expect(card.locator(".jp-AiNotebook-diff")).to_contain_text("prices['apple'] * 2")
    card.get_by_role("button", name="Apply", exact=True).click()
    expect(source(page, 1)).to_have_text("prices['apple'] * 2")
