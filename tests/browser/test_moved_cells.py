"""Cells that are cut, pasted, dragged within a notebook and into another: what was asked about them finds them."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.jupyter import Jupyter, open_notebook
from tests.browser.test_panel import act, write
from tests.browser.test_walking_path import cell, connected
from tests.browser.told import Told

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CELLS = ["prices = {'apple': 3}", "pricse['apple']", "print('last')"]


def drag(page: Page, what: Locator, x: float, y: float) -> None:
    """Drag by the mouse, as a hand does: not in one leap."""
    box: Any = what.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, y, steps=12)
    page.mouse.up()


def tell(page: Page) -> None:
    """Have the page send what is left to send: it does so before it asks what can be done here."""
    page.keyboard.press("Control+.")
    expect(page.locator(".jp-AiNotebook-menu")).to_be_visible()
    page.keyboard.press("Escape")


@pytest.mark.parametrize("app", ["lab", pytest.param("notebook", marks=pytest.mark.long)])
def test_a_cell_is_cut_and_pasted(page: Page, jupyter: Jupyter, app: str) -> None:
    told = Told(page)
    notebook = write(jupyter, f"cut-{app}.ipynb", CELLS)
    open_notebook(page, jupyter, app, notebook)
    connected(page)
    card = act(page, 1, "Fix")
    apply = card.get_by_role("button", name="Apply", exact=True)
    cell(page, 1).locator(".jp-InputPrompt").click()
    page.keyboard.press("x")
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(2)
    apply.click()
    expect(card.locator("[data-said='refused']")).to_contain_text("The cell is gone; nothing was changed.")
    cell(page, 1).locator(".jp-InputPrompt").click()
    page.keyboard.press("v")
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(3)
    apply.click()
    expect(cell(page, 2).locator(".cm-content")).to_have_text("prices['apple']")

    # A copy is a cell of its own, whatever becomes of the first one.
    cell(page, 2).locator(".jp-InputPrompt").click()
    page.keyboard.press("c")
    page.keyboard.press("v")
    card.get_by_role("button", name="Undo").click()
    expect(cell(page, 2).locator(".cm-content")).to_have_text("pricse['apple']")
    expect(cell(page, 3).locator(".cm-content")).to_have_text("prices['apple']")
    cell(page, 3).locator(".cm-content").click()
    tell(page)
    texts = [CELLS[0], CELLS[2], CELLS[1], "prices['apple']"]
    assert told.notebooks == {f"{jupyter.root.as_uri()}/{notebook}": texts}


@pytest.mark.long
def test_a_cell_is_dragged(page: Page, jupyter: Jupyter) -> None:
    told = Told(page)
    first, second = (write(jupyter, f"dragged-{name}.ipynb", CELLS) for name in ("from", "to"))
    open_notebook(page, jupyter, "lab", first)
    connected(page)
    card = act(page, 1, "Fix")
    second_cell: Any = cell(page, 1).bounding_box()
    drag(page, cell(page, 2).locator(".jp-InputPrompt"), second_cell["x"] + 200, second_cell["y"] + 4)
    expect(cell(page, 2).locator(".cm-content")).to_have_text("pricse['apple']")
    card.get_by_role("button", name="Apply", exact=True).click()
    expect(cell(page, 2).locator(".cm-content")).to_have_text("prices['apple']")
    expect(cell(page, 1).locator(".cm-content")).to_have_text("print('last')")

    # Into another notebook, beside this one: there it is another cell, which is not undone with the first.
    page.locator(".jp-DirListing-item", has_text=second).dblclick()
    tab = page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", has_text=second)
    expect(tab).to_be_visible()
    dock: Any = page.locator("#jp-main-dock-panel").bounding_box()
    drag(page, tab, dock["x"] + dock["width"] - 30, dock["y"] + dock["height"] / 2)
    expect(page.locator(".jp-NotebookPanel:visible")).to_have_count(2)
    left, right = (page.locator(".jp-NotebookPanel:visible").nth(number) for number in (0, 1))
    target: Any = right.locator(".jp-CodeCell").nth(0).bounding_box()
    drag(page, left.locator(".jp-CodeCell").nth(2).locator(".jp-InputPrompt"), target["x"] + 200, target["y"] + 4)
    expect(right.locator(".jp-CodeCell")).to_have_count(4)
    expect(left.locator(".jp-CodeCell")).to_have_count(3)
    left.locator(".jp-CodeCell .cm-content").nth(2).click()
    card.get_by_role("button", name="Undo").click()
    expect(left.locator(".jp-CodeCell .cm-content").nth(2)).to_have_text("pricse['apple']")
    expect(right.locator(".jp-CodeCell .cm-content").nth(0)).to_have_text("prices['apple']")
    right.locator(".jp-CodeCell .cm-content").nth(0).click()
    tell(page)
    assert told.notebooks == {
        f"{jupyter.root.as_uri()}/{first}": [CELLS[0], CELLS[2], CELLS[1]],
        f"{jupyter.root.as_uri()}/{second}": ["prices['apple']", *CELLS],
    }
