"""What a user does in the classic Notebook, for its tests and pictures."""

from __future__ import annotations

import re
from typing import Any

import nbformat
from playwright.sync_api import Page, expect

from tests.browser.jupyter import Jupyter

APP = "nbclassic"


def write(jupyter: Jupyter, name: str, cells: list[str], **metadata: Any) -> str:
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}}
    )
    made.cells = [nbformat.v4.new_code_cell(text) for text in cells]
    made.cells[0].metadata.update(metadata)
    (jupyter.root / name).parent.mkdir(exist_ok=True)
    nbformat.write(made, jupyter.root / name)
    return name


def open_classic(page: Page, jupyter: Jupyter, notebook: str) -> None:
    """Open a notebook and wait until its kernel is idle and the sidecar is there."""
    page.goto(jupyter.url(APP, notebook))
    page.wait_for_selector("#kernel_indicator_icon.kernel_idle_icon", timeout=90_000)
    page.wait_for_selector(".ai-notebook-status[data-state='ready']", timeout=60_000)


def cell(page: Page, number: int) -> Any:
    return page.locator("#notebook .code_cell").nth(number)


def source(page: Page, number: int) -> str:
    return str(page.evaluate("number => Jupyter.notebook.get_cell(number).get_text()", number))


def select(page: Page, number: int) -> None:
    """Make a cell the selected one, in command mode."""
    cell(page, number).locator(".input_prompt").click()
    expect(cell(page, number)).to_have_class(re.compile(r"(^| )selected"))


def run_in_own_kernel(page: Page, number: int) -> Any:
    """Press Ctrl+Enter in a cell and return its output, once the user's kernel has run it."""
    select(page, number)
    page.keyboard.press("Control+Enter")
    expect(cell(page, number).locator(".input_prompt")).to_have_text(re.compile(r"\[\d+\]"), timeout=60_000)
    return cell(page, number).locator(".output")


def dialog(page: Page) -> Any:
    return page.get_by_role("dialog", name="AI Notebook")


def answer(page: Page, index: int = 0) -> Any:
    return dialog(page).locator(".ai-notebook-answer").nth(index)


def ask(page: Page, number: int, label: str) -> Any:
    """Press a button of the toolbar for a cell; return the answer when it is there."""
    select(page, number)
    page.locator("#ai_notebook_ls").get_by_role("button", name=label, exact=True).click()
    expect(answer(page)).to_have_attribute("data-phase", re.compile("done|failed|stopped"), timeout=90_000)
    return answer(page)
