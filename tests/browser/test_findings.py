"""Diagnostics from dataflow in a real browser: underlined, told, and mended from the lightbulb's menu."""

from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.browser.jupyter import Jupyter, open_notebook
from tests.browser.test_walking_path import LAB_FIRST

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CELLS = ["prices = {'apple': 3}", "print(pricse)", "total + 1", "total = 2"]


@pytest.mark.parametrize("app", LAB_FIRST)
def test_a_misspelt_name_is_told_and_mended(page: Page, jupyter: Jupyter, app: str) -> None:
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    made.cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    nbformat.write(made, jupyter.root / f"findings-{app}.ipynb")
    open_notebook(page, jupyter, app, f"findings-{app}.ipynb")
    cells = page.locator(".jp-Notebook .jp-CodeCell")

    def finding(number: int) -> Any:
        return cells.nth(number).locator(".jp-AiNotebook-finding")

    expect(finding(1)).to_have_text("pricse", timeout=60_000)
    expect(finding(2)).to_have_text("total")
    expect(finding(0)).to_have_count(0)
    finding(1).hover()
    expect(page.locator(".jp-AiNotebook-findings")).to_contain_text("prices")

    cells.nth(1).locator(".cm-content").click()
    bulb = cells.nth(1).locator(".jp-AiNotebook-bulb")
    expect(bulb).to_have_accessible_name(
        "pricse is defined nowhere in this notebook. Did you mean prices? Actions for this cell (Ctrl+.)"
    )
    page.keyboard.press("Control+.")
    menu = page.locator(".jp-AiNotebook-menu .lm-Menu-item")
    expect(menu.first).to_contain_text("Rename to `prices`")
    page.keyboard.press("Enter")
    expect(cells.nth(1).locator(".cm-content")).to_have_text("print(prices)")
    expect(finding(1)).to_have_count(0)

    cells.nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+.")
    menu.filter(has_text="Run cell 4 first").click()
    card = page.locator(".jp-AiNotebook-card").first
    expect(card).to_have_attribute("data-phase", "done", timeout=90_000)
    expect(card).to_contain_text("Cell 4")
