"""The tour of docs/tour.md, step by step, as a newcomer takes it: for its test, and for its pictures."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.jupyter import Jupyter, open_notebook

LONG = 60_000
"""Milliseconds within which an answer comes, also on a busy machine."""

Picture = Callable[[str], None]
"""Takes the picture of a name."""


def walk(page: Page, jupyter: Jupyter, app: str, notebook: str, picture: Picture) -> None:
    """Take the tour in JupyterLab (`lab`) or Notebook 7 (`notebook`), on a copy of examples/tour.ipynb."""
    open_notebook(page, jupyter, app, notebook)
    expect(page.locator(".jp-AiNotebook-status[data-state='ready']").first).to_be_attached(timeout=LONG)
    if app == "lab":
        page.get_by_role("tab", name="File Browser").click()  # more room
    _look(page, picture)
    _explain(page, picture)
    _fix(page, picture)
    _by_keyboard(page, picture)
    _run(page, picture)
    _variables(page, picture)
    _scratchpad(page, picture)
    _reload(page)
    _off_and_on(page)


def cell(page: Page, number: int) -> Locator:
    """Return a code cell by its place among the code cells."""
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number)


def newest(page: Page) -> Locator:
    """Return the newest answer of the panel."""
    return page.locator(".jp-AiNotebook-card").first


def panel(page: Page) -> Locator:
    """Return the panel."""
    return page.locator("#ai-notebook-ls-panel")


def _bar(page: Page, number: int, button: str) -> None:
    cell(page, number).locator(".jp-AiNotebook-errorBar").get_by_role("button", name=button).click()


def _answered(page: Page, verb: str) -> Locator:
    expect(newest(page)).to_have_attribute("data-verb", verb)
    expect(newest(page)).to_have_attribute("data-phase", "done", timeout=LONG)
    return newest(page)


def _look(page: Page, picture: Picture) -> None:
    """Run the cells up to the first error, which has a red bulb, and a bar below it."""
    for number in range(3):
        cell(page, number).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        expect(cell(page, number).locator(".jp-InputPrompt")).to_have_text(f"[{number + 1}]:", timeout=LONG)
    expect(cell(page, 2).locator(".jp-AiNotebook-bulb[data-failed]")).to_be_visible()
    expect(cell(page, 2).locator(".jp-AiNotebook-errorBar")).to_be_attached()
    for number in (6, 4):  # further errors, with shorter tracebacks
        cell(page, number).scroll_into_view_if_needed()
    picture("start")


def _explain(page: Page, picture: Picture) -> None:
    _bar(page, 2, "Explain")
    expect(_answered(page, "explain")).to_contain_text("has no column")
    picture("explain")


def _fix(page: Page, picture: Picture) -> None:
    """The fix has run; it is taken, taken back, taken, and run in one's own kernel."""
    _bar(page, 2, "Fix")
    card = _answered(page, "fix")
    expect(card.locator(".jp-AiNotebook-candidate[data-verdict='verified']")).to_contain_text("the error is gone")
    expect(card.locator(".jp-AiNotebook-diff .cm-content")).to_be_visible()
    picture("fix")
    source = cell(page, 2).locator(".cm-content")
    card.get_by_role("button", name="Apply", exact=True).click()
    expect(source).to_contain_text('sales["loaves"]')
    card.get_by_role("button", name="Undo").click()
    expect(source).to_contain_text('sales["loavs"]')
    card.get_by_role("button", name="Apply", exact=True).click()
    expect(source).to_contain_text('sales["loaves"]')
    source.click()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, 2).locator(".jp-OutputArea-output")).to_contain_text("Loaves sold: 229", timeout=LONG)


def _by_keyboard(page: Page, picture: Picture) -> None:
    """The next cell fails, too: Ctrl . opens its menu, Enter takes the first entry; the fix is applied by keys."""
    cell(page, 3).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(cell(page, 3).locator(".jp-AiNotebook-errorBar")).to_be_visible(timeout=LONG)
    page.keyboard.press("Control+.")
    first = page.locator(".jp-AiNotebook-menu .lm-Menu-item").first
    expect(first).to_contain_text("Fix this cell")
    picture("menu")
    page.keyboard.press("Enter")
    expect(_answered(page, "fix").locator(".jp-AiNotebook-candidate").first).to_contain_text("pd.concat")
    page.keyboard.press("Alt+Shift+P")
    apply = newest(page).get_by_role("button", name="Apply", exact=True)
    for _ in range(12):
        page.keyboard.press("Tab")
        if apply.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(cell(page, 3).locator(".cm-content")).to_contain_text("pd.concat")


def _run(page: Page, picture: Picture) -> None:
    """A plot in the sidecar; one's own kernel has not run it."""
    before = cell(page, 10).locator(".jp-InputPrompt").text_content() or ""
    cell(page, 10).locator(".cm-content").click()
    cell(page, 10).locator(".jp-AiNotebook-bulb").click()
    page.locator(".jp-AiNotebook-menu .lm-Menu-item", has_text="Run in sidecar").click()
    expect(_answered(page, "run").locator(".jp-AiNotebook-outputs img")).to_be_visible()
    expect(cell(page, 10).locator(".jp-InputPrompt")).to_have_text(before)
    picture("run")


def _variables(page: Page, picture: Picture) -> None:
    panel(page).get_by_role("tab", name="Variables").click()
    row = panel(page).locator("tr[data-name='sales']")
    expect(row).to_contain_text("DataFrame")
    row.get_by_role("button").click()
    expect(panel(page).locator(".jp-AiNotebook-frame")).to_contain_text("Mon")
    picture("variables")


def _scratchpad(page: Page, picture: Picture) -> None:
    """Something is tried out; something runs for ever, and is stopped."""
    panel(page).get_by_role("tab", name="Scratchpad").click()
    panel(page).get_by_role("textbox", name="Code for the sidecar kernel").click()
    page.keyboard.type("sales.loaves.mean()")
    page.keyboard.press("Shift+Enter")
    entry = panel(page).locator(".jp-AiNotebook-entry")
    expect(entry.last.locator(".jp-AiNotebook-outputs")).to_contain_text("38.16", timeout=LONG)
    picture("scratchpad")
    page.keyboard.type("while True: pass")
    page.keyboard.press("Shift+Enter")
    entry.last.get_by_role("button", name="Stop").click()
    expect(entry.last.locator(".jp-AiNotebook-trial")).to_have_attribute(
        "data-phase", re.compile("done|stopped"), timeout=LONG
    )
    page.keyboard.press("Escape")


def _reload(page: Page) -> None:
    """What was answered is still there."""
    page.keyboard.press("Control+s")
    page.reload()
    expect(page.locator(".jp-AiNotebook-status[data-state='ready']").first).to_be_attached(timeout=LONG)
    expect(page.locator(".jp-AiNotebook-card")).to_have_count(4, timeout=LONG)


def _off_and_on(page: Page) -> None:
    cell(page, 2).locator(".cm-content").click()
    page.keyboard.press("Alt+Shift+P")
    panel(page).locator(".jp-AiNotebook-statusButton").click()
    expect(panel(page).locator(".jp-AiNotebook-about")).to_contain_text("nothing leaves this machine")
    panel(page).get_by_role("button", name="Switch off for this notebook").click()
    expect(page.locator(".jp-AiNotebook-bulb")).to_have_count(0)
    page.get_by_role("menuitem", name="Kernel").click()
    page.get_by_role("menuitem", name="Use the AI Assistant in this Notebook").click()
    expect(page.locator(".jp-AiNotebook-bulb").first).to_be_attached()


def walk_classic(page: Page, jupyter: Jupyter, notebook: str, picture: Picture) -> None:
    """Take the tour in the classic Notebook."""
    page.goto(jupyter.url("nbclassic", notebook))
    page.wait_for_selector("#kernel_indicator_icon.kernel_idle_icon", timeout=LONG)
    page.wait_for_selector(".ai-notebook-status[data-state='ready']", timeout=LONG)
    cells, dialog = page.locator("#notebook .code_cell"), page.get_by_role("dialog", name="AI Notebook")
    answer = dialog.locator(".ai-notebook-answer").first

    def press(label: str) -> None:
        page.locator("#ai_notebook_ls").get_by_role("button", name=label, exact=True).click()
        expect(answer).to_have_attribute("data-phase", "done", timeout=LONG)

    cells.nth(0).locator(".input_prompt").click()
    for number in range(3):
        page.keyboard.press("Control+Enter")
        expect(cells.nth(number).locator(".input_prompt")).to_contain_text(f"[{number + 1}]", timeout=LONG)
        if number < 2:
            cells.nth(number + 1).locator(".input_prompt").click()
    picture("start")
    press("Explain")
    expect(answer).to_contain_text("has no column")
    picture("explain")
    page.keyboard.press("Escape")

    press("Fix")
    expect(answer.locator(".ai-notebook-receipt").first).to_contain_text("the error is gone")
    picture("fix")
    source = cells.nth(2).locator(".CodeMirror-code")
    answer.get_by_role("button", name="Apply").first.click()
    expect(source).to_contain_text('sales["loaves"]')
    answer.get_by_role("button", name="Undo").first.click()
    expect(source).to_contain_text('sales["loavs"]')
    answer.get_by_role("button", name="Apply").first.click()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(cells.nth(2).locator(".output")).to_contain_text("Loaves sold: 229", timeout=LONG)

    cells.nth(3).locator(".input_prompt").click()
    page.keyboard.press("Control+Enter")
    expect(cells.nth(3).locator(".output")).to_contain_text("AttributeError", timeout=LONG)
    page.keyboard.press("Alt+Shift+F")
    expect(answer).to_have_attribute("data-phase", "done", timeout=LONG)
    answer.get_by_role("button", name="Apply").first.click()
    page.keyboard.press("Escape")
    expect(cells.nth(3).locator(".CodeMirror-code")).to_contain_text("pd.concat")

    before = cells.nth(10).locator(".input_prompt").text_content() or ""
    cells.nth(10).locator(".input_prompt").click()
    press("Run in sidecar")
    expect(answer.locator(".ai-notebook-outputs img")).to_be_visible()
    picture("run")
    page.keyboard.press("Escape")
    expect(cells.nth(10).locator(".input_prompt")).to_have_text(before)

    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.type("while True: pass")
    page.keyboard.press("Alt+Shift+R")
    dialog.get_by_role("button", name="Stop").first.click()
    expect(answer).to_have_attribute("data-phase", re.compile("done|stopped"), timeout=LONG)
