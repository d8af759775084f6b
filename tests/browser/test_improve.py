"""Improve in a real browser: the lightbulb's menu, the panel, apply and undo."""

from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.browser.jupyter import Jupyter, open_notebook
from tests.browser.test_walking_path import LAB_FIRST

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]
CELLS = [
    "import os\neggs = 3",
    "import json\n\ndef say(n):\n    return '{} eggs'.format(n)\n\nsay(eggs), os.path.exists('x'), json",
]


@pytest.mark.parametrize("app", LAB_FIRST)
def test_recipes_are_tried_applied_and_taken_back(page: Page, jupyter: Jupyter, app: str) -> None:
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    made.cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    nbformat.write(made, jupyter.root / f"improve-{app}.ipynb")
    open_notebook(page, jupyter, app, f"improve-{app}.ipynb")
    expect(page.locator(".jp-AiNotebook-status[data-state='ready']").first).to_be_attached(timeout=60_000)
    cell: Any = page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    cell.locator(".cm-content").click()
    cell.locator(".jp-AiNotebook-bulb").click()
    menu = page.locator(".jp-AiNotebook-menu .lm-Menu-item")
    expect(menu.filter(has_text="Use f-strings")).to_be_visible()
    menu.filter(has_text="Improve: all that fits").click()

    card = page.locator(".jp-AiNotebook-card").first
    expect(card).to_have_attribute("data-phase", "done", timeout=90_000)
    candidates = card.locator(".jp-AiNotebook-candidate")
    expect(candidates).to_have_count(5)
    types = candidates.filter(has_text="Add the types")
    expect(types).to_have_attribute("data-verdict", "verified")
    expect(types.locator(".jp-AiNotebook-reason")).to_contain_text("all outputs are equal")
    expect(cell.locator(".cm-content")).not_to_contain_text("n: int"), "nothing changes before Apply"
    types.locator(".jp-AiNotebook-apply").click()
    expect(cell.locator(".cm-content")).to_contain_text("def say(n: int) -> str:")
    types.locator(".jp-AiNotebook-undo").click()
    expect(cell.locator(".cm-content")).not_to_contain_text("n: int")
