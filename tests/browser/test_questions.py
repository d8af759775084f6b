"""A question in a real browser: a slow cell above is asked about, with the keyboard too."""

from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.browser.jupyter import Jupyter, open_notebook
from tests.browser.test_walking_path import LAB_FIRST

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CELLS = ["rows = [3, 1]", "unrelated = 0", "total = sum(rows)", "print('total', total)"]
LONG_AGO = {"iopub.execute_input": "2026-01-01T10:00:00Z", "shell.execute_reply": "2026-01-01T10:02:30Z"}


@pytest.mark.parametrize("app", LAB_FIRST)
def test_a_slow_cell_is_asked_about(page: Page, jupyter: Jupyter, app: str) -> None:
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    made.cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    made.cells[0].metadata["execution"] = LONG_AGO
    nbformat.write(made, jupyter.root / f"asks-{app}.ipynb")
    open_notebook(page, jupyter, app, f"asks-{app}.ipynb")
    expect(page.locator(".jp-AiNotebook-status[data-state='ready']").first).to_be_attached(timeout=60_000)
    cell: Any = page.locator(".jp-Notebook .jp-CodeCell").nth(3)

    def run() -> Any:
        cell.locator(".cm-content").click()
        cell.locator(".jp-AiNotebook-bulb").click()
        page.locator(".jp-AiNotebook-menu .lm-Menu-item", has_text="Run in sidecar").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Before cell 4, cells 1 and 3 run in the sidecar kernel.")
        expect(dialog.get_by_role("listitem")).to_have_text("Cell 1 took 2 minutes last time.")
        return dialog

    run()
    page.keyboard.press("Escape")
    card = page.locator(".jp-AiNotebook-card").first
    expect(card).to_contain_text("Nothing was run")

    asked = run()
    card.locator(".jp-AiNotebook-stop").dispatch_event("click")  # behind the dialog
    expect(asked).to_have_count(0)  # the server takes back what nobody waits for

    asked = run()
    expect(asked.locator("button.jp-mod-accept")).to_have_count(1)
    page.keyboard.press("Enter")  # the first answer has the focus
    expect(card).to_have_attribute("data-phase", "done", timeout=90_000)
    expect(card).to_contain_text("total 4")
    card.locator("summary").click()
    expect(card.locator(".jp-AiNotebook-facts")).to_contain_text("Cell 1, Cell 3")
    expect(card.locator(".jp-AiNotebook-facts")).not_to_contain_text("Cell 2")

    card.locator(".jp-AiNotebook-all").click()  # no question: all above is what was asked for
    expect(card).to_have_attribute("data-phase", "done", timeout=90_000)
    card.locator("summary").click()
    expect(card.locator(".jp-AiNotebook-facts")).to_contain_text("Cell 1, Cell 2, Cell 3")
