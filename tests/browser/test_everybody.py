"""Without a mouse, and for a screen reader: axe finds nothing serious, and a fix is found and taken by keys alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.jupyter import Jupyter, open_notebook, running
from tests.browser.looks import looks_as_before, same_fonts
from tests.browser.test_panel import BROKEN, act, panel, write
from tests.browser.test_walking_path import LAB_FIRST, cell, connected, newest, run_in_own_kernel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
AXE = Path(__file__).parents[2] / "lab-plugin/node_modules/axe-core/axe.min.js"
OURS = [[".jp-AiNotebook-panel"], [".jp-AiNotebook-errorBar"], [".jp-AiNotebook-bulb"], [".jp-AiNotebook-status"]]
LOOKS = {"JupyterLab Light": "light", "JupyterLab Dark": "dark"}
THEMES = [
    "JupyterLab Light",
    *(pytest.param(theme, marks=pytest.mark.long) for theme in ("JupyterLab Dark", "JupyterLab Dark High Contrast")),
]


def serious(page: Page, *more: str) -> list[str]:
    """Return what axe finds in what is ours, of serious or critical impact."""
    present = [each for each in [*OURS, *([each] for each in more)] if page.locator(each[0]).count()]
    told: Any = page.evaluate("async include => await axe.run({include})", present)
    found, passed = told["violations"], {each["id"] for each in told["passes"]}
    assert {"color-contrast", "button-name"} <= passed, "axe has looked"
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def main_states(page: Page, jupyter: Jupyter) -> Iterator[tuple[str, Locator]]:
    """Go through what a user sees most; yield a name and the part of the page for each."""
    notebook = write(jupyter, "states.ipynb", ["prices = {'apple': 3}\nprices", BROKEN])
    open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    page.keyboard.press("Alt+Shift+P")
    cell(page, 0).locator(".cm-content").click()
    page.keyboard.press("Alt+Shift+P")
    yield "empty", panel(page)
    run_in_own_kernel(page, 1)
    yield "error", cell(page, 1)
    yield "explain", act(page, 1, "Explain")
    yield "run", act(page, 0, "Run in sidecar")
    fixed = act(page, 1, "Fix")
    expect(fixed.locator(".jp-AiNotebook-diff .cm-content")).to_be_visible()
    yield "fix", fixed
    page.locator(".jp-AiNotebook-receipt summary").first.click()
    panel(page).locator(".jp-AiNotebook-statusButton").click()
    yield "receipt", fixed.locator(".jp-AiNotebook-receipt")
    panel(page).locator(".jp-AiNotebook-statusButton").click()
    panel(page).get_by_role("tab", name="Variables").click()
    expect(panel(page).locator("tr[data-name='prices']")).to_be_visible()
    yield "variables", panel(page)
    panel(page).get_by_role("tab", name="Scratchpad").click()
    panel(page).get_by_role("textbox", name="Code for the sidecar kernel").click()
    page.keyboard.type("prices")
    page.keyboard.press("Shift+Enter")
    expect(panel(page).locator(".jp-AiNotebook-entry .jp-AiNotebook-outputs")).to_contain_text("apple")
    yield "scratchpad", panel(page)
    panel(page).get_by_role("tab", name="History").click()
    panel(page).get_by_role("button", name="Side by side").first.click()
    expect(page.locator(".jp-AiNotebook-sideBySide .cm-merge-b")).to_be_visible()
    yield "side-by-side", page.locator(".jp-AiNotebook-wide .jp-Dialog-content")
    page.keyboard.press("Escape")
    panel(page).locator(".jp-AiNotebook-question-field").fill("How?")
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("button", name="Try in sidecar")).to_be_visible()
    yield "answer", newest(page)


@pytest.mark.parametrize("theme", THEMES)
def test_the_main_states(page: Page, tmp_path: Path, theme: str) -> None:
    """In each axe finds nothing serious, and in light and dark it looks as it did."""
    root, home, script = tmp_path / "root", tmp_path / "home", tmp_path / "script.jsonl"
    root.mkdir()
    home.mkdir()
    script.write_text((json.dumps({"reply": "So:\n\n```python\nprint(1)\n```\n"}) + "\n") * 5)
    settings: dict[str, object] = {"@jupyterlab/apputils-extension:themes": {"theme": theme}}
    variables = {"AI_NOTEBOOK_LS_PROVIDER": "scripted", "AI_NOTEBOOK_LS_SCRIPT": str(script)}
    with running(root, home, settings=settings, variables=variables) as jupyter:
        for name, part in main_states(page, jupyter):
            page.evaluate(AXE.read_text())
            assert serious(page, ".jp-AiNotebook-wide") == [], name
            if theme in LOOKS and same_fonts(page):
                looks_as_before(part, f"{name}-{LOOKS[theme]}")
        if theme in LOOKS and not same_fonts(page):
            pytest.skip("how it looks was not compared: the kept pictures have other fonts (fonts-dejavu-core)")


def tab_to(page: Page, name: str, presses: int = 40) -> None:
    """Press Tab until the focus is on a button of this name."""
    focused = ""
    for _ in range(presses):
        page.keyboard.press("Tab")
        focused = str(page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent"))
        if focused.startswith(name):
            return
    raise AssertionError(f"no {name!r} within {presses} tabs; the last was {focused!r}")


@pytest.mark.parametrize("app", LAB_FIRST)
def test_by_keyboard_alone(page: Page, jupyter: Jupyter, app: str) -> None:
    """Explain, fix, the diff, apply: the mouse only puts the cursor into the first cell."""
    notebook = write(jupyter, f"keys-{app}.ipynb", ["prices = {'apple': 3}", "pricse['apple']"])
    open_notebook(page, jupyter, app, notebook)
    connected(page)
    run_in_own_kernel(page, 0)
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(cell(page, 1).locator(".jp-OutputArea-output")).to_contain_text("NameError")

    page.keyboard.press("Alt+Shift+E")
    expect(newest(page)).to_have_attribute("data-verb", "explain")
    expect(newest(page)).to_have_attribute("data-phase", "done", timeout=60_000)
    live = page.locator(".jp-AiNotebook-live")
    expect(live).to_have_text("The explanation is ready.")

    page.keyboard.press("Control+.")
    expect(page.locator(".jp-AiNotebook-menu .lm-Menu-item.lm-mod-active")).to_contain_text("Fix")
    page.keyboard.press("Enter")
    expect(newest(page)).to_have_attribute("data-verb", "fix")
    expect(newest(page)).to_have_attribute("data-phase", "done", timeout=60_000)
    expect(live).to_contain_text("the error is gone")

    page.keyboard.press("Alt+Shift+P")
    expect(newest(page)).to_be_focused()
    tab_to(page, "Changes to Cell 2")
    tab_to(page, "Apply")
    page.keyboard.press("Enter")
    expect(cell(page, 1).locator(".cm-content")).to_contain_text("prices['apple']")
    expect(live).to_contain_text("Applied.")
    expect(newest(page).get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(cell(page, 1).locator(".cm-content")).to_contain_text("pricse['apple']")

    # The tabs, by arrows; the scratchpad is no trap.
    page.keyboard.press("Alt+Shift+P")
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.getAttribute('role')") == "tab":
            break
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Variables")).to_be_focused()
    page.keyboard.press("ArrowRight")
    tab_to(page, "Code for the sidecar kernel")
    tab_to(page, "Run", 1)
